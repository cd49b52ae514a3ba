//! How far an application is: asked for by the final price and by the issued policy.

use veer_contract::{
    Auth, Call, Effect, Fault, Lane, Method, Reply,
    create_then_poll::Refusal,
    domain::{CrossSale, Kopecks, OfferRef},
};

use super::errors::{self, WITH_ERROR_BODY};
use crate::{cross_sales, loose::Loose, plain_id, policy_number::PolicyNumber, registry};

/// Under this name an offer's reference holds the calculation, and then the application.
pub(super) const OSAGO_UUID: &str = "osago_uuid";
/// The service does not know the application.
const NOT_FOUND: u16 = 404;
/// Where a comment's text may stand, if a comment is not a text itself.
const COMMENT: [&str; 3] = ["comment", "message", "text"];

/// How far it is.
pub(super) enum Standing {
    /// `PROCESSING`
    Processing,
    /// `SUCCESS`
    Success(Application),
}

/// An application that the service and the registry accept.
pub(super) struct Application {
    /// What the policy costs.
    pub(super) premium: Kopecks,
    /// Series and number, once they are given.
    pub(super) number: Option<PolicyNumber>,
    /// The cross-sales, where the service repeats them.
    pub(super) cross_sales: Vec<CrossSale>,
}

/// The application's id, fit for a path.
pub(super) fn uuid(offer: &OfferRef) -> Result<&str, Fault> {
    plain_id::check(offer.get(OSAGO_UUID), "the offer's osago_uuid")
}

/// Asks.
pub(super) fn ask(uuid: &str) -> Call {
    let path = format!("wapi/osago/contract/{uuid}/status");
    let [data, refused, broken] = WITH_ERROR_BODY;
    Call::new("status", Lane::Poll, Effect::Read, Method::Get, path)
        .with_auth(Auth::Digest)
        .accepting(&[data, NOT_FOUND, refused, broken])
}

// === impl Standing ===

impl Standing {
    /// Reads the answer; `ERROR` is the insurer's no, or the registry's.
    pub(super) fn of(reply: &Reply) -> Result<Self, Refusal> {
        if reply.status == NOT_FOUND {
            return Err(Fault::not_understood("the service knows no application with this osago_uuid").into());
        }
        let value = errors::read(reply, "status", String::new)?;
        let answer = Loose::of(&value);
        match answer.get("status").trimmed().to_uppercase().as_str() {
            "PROCESSING" => Ok(Self::Processing),
            "SUCCESS" => Application::of(answer).map(Self::Success).map_err(Refusal::from),
            "ERROR" => Err(registry::refusal(&comments(answer), "Страховщик отказал в оформлении")),
            _ => Err(Fault::not_understood("the application's status is no known word").into()),
        }
    }
}

// === impl Application ===

impl Application {
    fn of(answer: Loose<'_>) -> Result<Self, Fault> {
        let contract = answer.get("insurance_contract");
        let premium = contract.get("premium_amount").number();
        let premium =
            premium.ok_or_else(|| Fault::not_understood("an accepted application has no premium_amount"))?;
        Ok(Self {
            premium: premium
                .roubles()
                .map_err(|error| Fault::not_understood(format!("premium_amount: {error}")))?,
            number: PolicyNumber::of(
                &contract.get("contract_series").trimmed(),
                &contract.get("contract_number").trimmed(),
            )?,
            cross_sales: cross_sales::read(answer.get("upsales"))?,
        })
    }
}

/// What the service says besides, texts or objects with a text.
fn comments(answer: Loose<'_>) -> String {
    let text = |comment: Loose<'_>| {
        let inside = COMMENT.into_iter().map(|key| comment.get(key).trimmed());
        std::iter::once(comment.trimmed()).chain(inside).find(|text| !text.is_empty())
    };
    answer.get("comment_list").items().filter_map(text).collect::<Vec<_>>().join("; ")
}
