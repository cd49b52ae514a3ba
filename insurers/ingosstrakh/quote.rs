//! `GetTariff`: a price. Nothing is stored at the insurer, so it may be asked again.

use veer_contract::{
    AskOnce, Call, Context, Effect, Lane, Reply,
    create_then_poll::Refusal,
    domain::{Offer, OfferRef, Premium, QuoteRequest},
    operation::Quote,
};

use super::{products, reply::Answer, request};

/// Asks for a price.
pub(super) struct Tariff;

// === impl Tariff ===

impl AskOnce<Quote> for Tariff {
    fn ask(&self, input: &QuoteRequest, cx: &Context<'_>) -> Result<Call, Refusal> {
        let agreement = request::Agreement::of(input, cx)?;
        Ok(request::in_session("GetTariff", Lane::Create, Effect::Read, cx, |xml| {
            xml.element("TariffParameters", |xml| agreement.write(xml));
        }))
    }

    fn answered(&self, _input: &QuoteRequest, reply: &Reply, _cx: &Context<'_>) -> Result<Offer, Refusal> {
        let answer = Answer::granted(reply, "Страховщик отказал в расчёте")?;
        let premium = answer.roubles("PremiumAmount")?;
        // GetTariff names nothing: CreateAgreement is written from the request again.
        let mut offer = Offer::priced("osago", OfferRef::default(), Premium::Preliminary(premium));
        offer.cross_sales = products::cross_sales(&answer)?;
        offer.is_reinsurance_pool = products::reinsurance_pool(&answer);
        // CreateAgreement does not tell it again.
        if let Some(pool) = offer.is_reinsurance_pool {
            offer.reference = products::pool_reference(pool);
        }
        Ok(offer)
    }
}
