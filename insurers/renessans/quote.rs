//! The calculation: started by one call, then asked for until its price is there.

use veer_contract::{
    Body, Call, Context, CreateThenPoll, Effect, Fault, Lane, Method, Polled, Reply,
    create_then_poll::Refusal,
    domain::{Coefficient, Coefficients, Offer, OfferRef, Premium, QuoteRequest},
    operation::Quote,
    slot,
};

use super::{reply::Answer, request};
use crate::{cross_sales, loose::Loose, plain_id};

/// Under this name an offer's reference holds the calculation.
pub(super) const CALCULATION_ID: &str = "calculation_id";

/// Asks for a price.
pub(super) struct Calculation;

// === impl Calculation ===

impl CreateThenPoll<Quote> for Calculation {
    /// The calculation's id.
    type Handle = String;

    fn create(&self, input: &QuoteRequest, cx: &Context<'_>) -> Result<Call, Refusal> {
        let fields = request::calculation(input, cx)?;
        Ok(Call::new("calculate", Lane::Create, Effect::Creates, Method::Post, "calculate/")
            .with_query("fullInformation", "true")
            .with_body(Body::Form(fields)))
    }

    fn created(&self, _input: &QuoteRequest, reply: &Reply) -> Result<String, Refusal> {
        let answer = Answer::read(reply)?;
        // It becomes a part of a path.
        let id = answer.data().first().get("id").trimmed();
        Ok(plain_id::check(&id, "data[0].id")?.to_owned())
    }

    fn poll(&self, _input: &QuoteRequest, id: &String) -> Call {
        Call::new("poll", Lane::Poll, Effect::Read, Method::Get, format!("calculate/{id}/"))
            .with_query("key", slot::secret("key"))
    }

    fn polled(&self, input: &QuoteRequest, id: &String, reply: &Reply) -> Result<Polled<Offer>, Refusal> {
        let answer = Answer::read(reply)?;
        let data = answer.data();
        answer.passed_registry()?;
        let done = match data.get("status").text() {
            Some(status) => status.eq_ignore_ascii_case("done"),
            None => false,
        };
        let response = data.get("response");
        if done && response.get("status").truth() == Some(false) {
            return Err(answer.refusal());
        }
        match response.get("premium").number() {
            Some(premium) if done => {
                let premium = premium
                    .roubles()
                    .map_err(|error| Fault::not_understood(format!("response.Premium: {error}")))?;
                let mut offer = offer(input, id, Premium::Preliminary(premium), response);
                offer.cross_sales = cross_sales::read(response.get("upsales"))?;
                Ok(Polled::Ready(offer))
            }
            None if done => Err(Fault::not_understood("a calculation that is done has no Premium").into()),
            _ => Ok(Polled::Pending),
        }
    }
}

fn offer(input: &QuoteRequest, id: &str, premium: Premium, response: Loose<'_>) -> Offer {
    let mut offer = Offer::priced("osago", OfferRef::of(CALCULATION_ID, id), premium);
    offer.is_reinsurance_pool = response.get("reinsurancepool").truth();
    let by_row: Vec<Option<Coefficient>> =
        response.get("kbm").items().map(|row| row.get("kbm").number()?.coefficient()).collect();
    // The tariff takes the worst driver's.
    offer.coefficients.bonus_malus = by_row.iter().copied().flatten().max();
    if !input.drivers.is_unlimited() && by_row.len() == input.drivers.named().len() {
        let own = |bonus_malus| Coefficients { bonus_malus, ..Coefficients::default() };
        offer.driver_coefficients = by_row.into_iter().map(own).collect();
    }
    offer
}
