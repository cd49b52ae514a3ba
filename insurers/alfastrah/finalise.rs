//! The application: it has the registry check everything and gives the final price.
//!
//! The service makes one for each calculation, under the calculation's own `osago_uuid`. So where the
//! reply is lost, the status tells what became of it, and no second one is ever sent.

use std::time::Duration;

use serde_json::json;
use veer_contract::{
    Auth, Body, Call, Context, CreateThenPoll, Effect, Fault, Lane, Method, Polled, Reply,
    create_then_poll::Refusal,
    domain::{Offer, OfferRef, Premium},
    operation::{Finalise, OfferInput},
};

use super::{
    errors::{self, WITH_ERROR_BODY},
    status::{self, OSAGO_UUID, Standing},
};
use crate::loose::Loose;

/// Applies, and asks until the application is through.
pub(super) struct Application;

// === impl Application ===

impl CreateThenPoll<Finalise> for Application {
    /// The application's `osago_uuid`.
    type Handle = String;

    fn create(&self, input: &OfferInput, _cx: &Context<'_>) -> Result<Call, Refusal> {
        let path = format!("wapi/osago/contract/{}/eosago", status::uuid(&input.offer)?);
        // The partner API carries no diagnostic card.
        let body = json!({"maintenance_card": null});
        Ok(Call::new("eosago", Lane::Create, Effect::Creates, Method::Post, path)
            .with_body(Body::Json(body.to_string()))
            .with_auth(Auth::Digest)
            .accepting(&WITH_ERROR_BODY))
    }

    fn created(&self, input: &OfferInput, reply: &Reply) -> Result<String, Refusal> {
        let value = errors::read(reply, OSAGO_UUID, String::new)?;
        let ours = status::uuid(&input.offer)?;
        let theirs = Loose::of(&value).get(OSAGO_UUID).trimmed();
        if !theirs.eq_ignore_ascii_case(ours) {
            return Err(Fault::not_understood("the application's osago_uuid is not the calculation's").into());
        }
        Ok(ours.to_owned())
    }

    fn handle_without_reply(&self, input: &OfferInput) -> Option<String> {
        status::uuid(&input.offer).ok().map(str::to_owned)
    }

    fn poll(&self, _input: &OfferInput, uuid: &String) -> Call {
        status::ask(uuid)
    }

    fn polled(&self, _input: &OfferInput, uuid: &String, reply: &Reply) -> Result<Polled<Offer>, Refusal> {
        let application = match Standing::of(reply)? {
            Standing::Processing => return Ok(Polled::Pending),
            Standing::Success(application) => application,
        };
        let reference = OfferRef::of(OSAGO_UUID, uuid.as_str());
        let mut offer = Offer::priced("osago", reference, Premium::Final(application.premium));
        offer.cross_sales = application.cross_sales;
        Ok(Polled::Ready(offer))
    }

    fn pause(&self) -> Duration {
        Duration::from_secs(2)
    }
}
