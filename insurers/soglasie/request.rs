//! How the service is called: its addresses, and the two kinds of HTTP Basic.
//!
//! Everything is called as `user:password`; only the upload of an application is `user:sub_user:sub_password`.

use veer_contract::{Auth, Call, Context, Decline, Effect, Fault, Lane, Method, domain::OfferRef, slot};

use super::errors::{ABOUT_ONE, WITH_ERROR_BODY};
use crate::{plain_id, required};

/// Under this name an offer's reference holds the application.
pub(super) const POLICY_ID: &str = "policy_id";
/// Where applications are.
const APPLICATIONS: &str = "online/api/eosago";

/// The upload of an application.
pub(super) fn upload() -> Call {
    let credentials = slot::basic(&["user", "sub_user", "sub_password"]);
    Call::new("eosago", Lane::Create, Effect::Creates, Method::Post, APPLICATIONS)
        .with_header("Authorization", format!("Basic {credentials}"))
        .accepting(&WITH_ERROR_BODY)
}

/// A call that asks about the application of that number.
pub(super) fn about(policy_id: &str, what: &str, lane: Lane) -> Call {
    of(policy_id, what, lane, Effect::Read, Method::Get)
}

/// Gives the application of that number up. Given up twice it is given up: the number in the path is the key.
pub(super) fn suspend(policy_id: &str) -> Call {
    of(policy_id, "suspend", Lane::Create, Effect::Keyed("suspend".into()), Method::Put)
}

/// The application that an offer's reference names, fit for a path.
pub(super) fn policy_id(offer: &OfferRef) -> Result<&str, Fault> {
    plain_id::check(offer.get(POLICY_ID), "the offer's policy_id")
}

/// The insurer's number of the model.
pub(super) fn model(cx: &Context<'_>) -> Result<i64, Decline> {
    let code = required::model_code(cx)?.trim().parse().ok();
    code.ok_or_else(required::not_mapped)
}

fn of(policy_id: &str, what: &str, lane: Lane, effect: Effect, method: Method) -> Call {
    Call::new(what, lane, effect, method, format!("{APPLICATIONS}/{policy_id}/{what}"))
        .with_auth(Auth::Basic)
        .accepting(&ABOUT_ONE)
}
