//! The service's error body: `error`, `errorInfo` and `errorData`, with 4xx, 500 and even 200.
//!
//! `errorData` repeats what was sent and is never read.

use serde_json::Value;
use veer_contract::{Decline, DeclineKind, Fault, FaultKind, Reply, create_then_poll::Refusal};

use crate::{loose::Loose, registry};

/// Besides success: the statuses that come with the error body. 401 and 403 are the host's.
pub(super) const WITH_ERROR_BODY: [u16; 4] = [400, 409, 422, 500];
/// The same for calls about an application, which may not be known.
pub(super) const ABOUT_ONE: [u16; 5] = [400, NOT_FOUND, 409, 422, 500];
/// Nothing has that number.
pub(super) const NOT_FOUND: u16 = 404;

/// The reply to a call that the insurer may say no to, as JSON. Where it is an error body, that is, where its
/// status or the lack of `heart` says so, the end that it means.
pub(super) fn granted(reply: &Reply, heart: &str) -> Result<Value, Refusal> {
    let value = read(reply)?;
    if is_success(reply, &value, heart) {
        return Ok(value);
    }
    let words = words(&value);
    if registry::is_outage(&words) || registry::is_failed_check(&words) {
        return Err(registry::refusal(&words, ""));
    }
    if reply.status < 500 && reply.status != NOT_FOUND && !words.is_empty() {
        return Err(Decline::new(DeclineKind::RejectedData, words).into());
    }
    Err(failure(reply).into())
}

/// The reply to a call that asks how something stands. An error is no answer to it: the insurer does not refuse
/// what it has accepted because it cannot look it up.
pub(super) fn told(reply: &Reply, heart: &str) -> Result<Value, Fault> {
    let value = read(reply)?;
    if is_success(reply, &value, heart) { Ok(value) } else { Err(failure(reply)) }
}

/// The reply as JSON. A service that breaks need not say so in JSON.
pub(super) fn read(reply: &Reply) -> Result<Value, Fault> {
    reply.json().map_err(|fault| if reply.status < 500 { fault } else { failure(reply) })
}

fn is_success(reply: &Reply, value: &Value, heart: &str) -> bool {
    let body = Loose::of(value);
    let has_error = body.get("error").is_there() || body.get("errorinfo").is_there();
    (200..300).contains(&reply.status) && (!has_error || body.get(heart).is_there())
}

/// Its own words: what is wrong, and more about it.
fn words(value: &Value) -> String {
    let body = Loose::of(value);
    let (error, info) = (body.get("error").trimmed(), body.get("errorinfo").trimmed());
    match (error.is_empty(), info.is_empty() || info == error) {
        (true, _) => info,
        (false, true) => error,
        (false, false) => format!("{error}: {info}"),
    }
}

/// A reply that is no answer. Its words stay out: they may name the client.
pub(super) fn failure(reply: &Reply) -> Fault {
    if reply.status == NOT_FOUND {
        return Fault::not_understood("the service knows no application with this policyId");
    }
    let detail = format!("the service answered {} to `{}`", reply.status, reply.tag);
    Fault::new(FaultKind::InsurerError, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply { tag: "status".into(), status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn an_error_is_a_no_to_an_order_and_a_failure_to_a_question() {
        let refused = reply(400, r#"{"error":"Неверный VIN","errorInfo":"VIN","errorData":{}}"#);
        let no = Decline::new(DeclineKind::RejectedData, "Неверный VIN: VIN");
        assert_eq!(granted(&refused, "policyid"), Err(no.into()));
        assert!(matches!(told(&refused, "status"), Err(Fault { kind: FaultKind::InsurerError, .. })));
    }

    #[test]
    fn an_outage_of_the_registry_is_nobodys_data() {
        let down = reply(500, r#"{"error":"Сервис РСА временно недоступен"}"#);
        assert!(matches!(
            granted(&down, "policyid"),
            Err(Refusal::Fault(Fault { kind: FaultKind::RegistryDown, .. }))
        ));
    }

    #[test]
    fn an_error_beside_what_was_asked_for_is_no_error() {
        let value = granted(&reply(200, r#"{"policyId":1,"error":""}"#), "policyid");
        assert!(value.is_ok());
        assert!(granted(&reply(200, r#"{"error":"x"}"#), "policyid").is_err());
    }
}
