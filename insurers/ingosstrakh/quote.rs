//! `GetTariff`: a price. Nothing is stored at the insurer, so it may be asked again.

use veer_contract::{
    AskOnce, Auth, Call, Context, Effect, Fault, FaultKind, Lane, Reply,
    create_then_poll::Refusal,
    domain::{Kopecks, Offer, OfferRef, Premium, QuoteRequest},
    operation::Quote,
    slot,
};

use super::{
    reply::{self, Answer},
    request,
};
use crate::registry;

/// Asks for a price.
pub(super) struct Tariff;

// === impl Tariff ===

impl AskOnce<Quote> for Tariff {
    fn ask(&self, input: &QuoteRequest, cx: &Context<'_>) -> Result<Call, Refusal> {
        let agreement = request::Agreement::of(input, cx)?;
        Ok(request::method("GetTariff", Lane::Create, Effect::Read, Auth::Session, cx, |xml| {
            xml.leaf("SessionToken", &slot::session());
            xml.element("TariffParameters", |xml| agreement.write(xml));
        }))
    }

    fn answered(&self, _input: &QuoteRequest, reply: &Reply, _cx: &Context<'_>) -> Result<Offer, Refusal> {
        let answer = Answer::read(reply)?;
        if reply::SESSION_OVER.contains(&answer.code) {
            let detail =
                format!("the session was refused with ErrorCode {} right after a Login", answer.code);
            return Err(Fault::new(FaultKind::CredentialsRefused, detail).into());
        }
        if answer.code != 0 {
            return Err(registry::refusal(answer.message(), "Страховщик отказал в расчёте"));
        }
        let premium = answer
            .text("PremiumAmount")
            .ok_or_else(|| Fault::not_understood("a successful GetTariff has no PremiumAmount"))?;
        let premium = Kopecks::parse_roubles(premium)
            .map_err(|error| Fault::not_understood(format!("PremiumAmount: {error}")))?;
        // GetTariff names nothing: CreateAgreement is written from the request again.
        Ok(Offer::priced("osago", OfferRef::default(), Premium::Preliminary(premium)))
    }
}
