//! The calculation: started by one call, then asked for until its price is there.

use veer_contract::{
    Body, Call, Context, CreateThenPoll, Decline, Effect, Fault, Lane, Method, Polled, Reply,
    create_then_poll::Refusal,
    domain::{Offer, OfferRef, Premium, QuoteRequest},
    operation::Quote,
};

use super::{answer, request};
use crate::{loose::Loose, plain_id};

/// Under this name an offer's reference holds the calculation.
pub(super) const CALCULATION: &str = "calculation";

/// Asks for a price.
pub(super) struct Calculation;

// === impl Calculation ===

impl CreateThenPoll<Quote> for Calculation {
    /// The calculation's id.
    type Handle = String;

    fn create(&self, input: &QuoteRequest, cx: &Context<'_>) -> Result<Call, Refusal> {
        let body = Body::Json(request::calculation(input, cx)?.to_string());
        let call = Call::new("create", Lane::Create, Effect::Creates, Method::Post, "calculations");
        Ok(answer::keyed(call.with_body(body)))
    }

    fn created(&self, _input: &QuoteRequest, reply: &Reply) -> Result<String, Refusal> {
        let value = answer::read(reply)?;
        // It becomes a part of a path.
        Ok(plain_id::check(&Loose::of(&value).get("id").trimmed(), "id")?.to_owned())
    }

    fn poll(&self, _input: &QuoteRequest, id: &String) -> Call {
        let path = format!("calculations/{id}");
        answer::keyed(Call::new("poll", Lane::Poll, Effect::Read, Method::Get, path))
    }

    fn polled(&self, _input: &QuoteRequest, id: &String, reply: &Reply) -> Result<Polled<Offer>, Refusal> {
        let value = answer::read(reply)?;
        let answer = Loose::of(&value);
        match answer.get("status").trimmed().as_str() {
            "PENDING" => Ok(Polled::Pending),
            "DECLINED" => Err(Decline::declined(reason(answer)).into()),
            "READY" => {
                let premium = answer.get("premium").number();
                let premium = premium.ok_or_else(|| Fault::not_understood("a price has no premium"))?;
                let premium =
                    premium.roubles().map_err(|error| Fault::not_understood(format!("premium: {error}")))?;
                let offer =
                    Offer::priced("osago", OfferRef::of(CALCULATION, id.as_str()), Premium::Final(premium));
                Ok(Polled::Ready(offer))
            }
            _ => Err(Fault::not_understood("the calculation has a status that is not known").into()),
        }
    }
}

fn reason(answer: Loose<'_>) -> String {
    let reason = answer.get("reason").trimmed();
    if reason.is_empty() {
        "Страховщик отказал без объяснения".to_owned()
    } else {
        reason
    }
}
