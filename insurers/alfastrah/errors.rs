//! The service's error body: `info` and `sub_errors`, with 400, 422, 500 and even 200.

use serde_json::Value;
use veer_contract::{Decline, DeclineKind, Fault, FaultKind, Reply, create_then_poll::Refusal};

use crate::{loose::Loose, registry};

/// Besides success: data refused, and the error body that the service gives with a 500.
pub(super) const WITH_ERROR_BODY: [u16; 3] = [400, 422, 500];

/// The reply as JSON. Where it is an error body, that is, where its status or the lack of `heart` says so,
/// the end that it means; `broken` tells the operator what to look at after a 500.
pub(super) fn read(reply: &Reply, heart: &str, broken: impl FnOnce() -> String) -> Result<Value, Refusal> {
    let value: Value = reply.json()?;
    let body = Loose::of(&value);
    let has_errors = body.get("info").is_there() || body.get("sub_errors").is_there();
    let is_error = has_errors && !body.get(heart).is_there();
    if (200..300).contains(&reply.status) && !is_error {
        return Ok(value);
    }
    Err(refusal(reply.status, body, broken))
}

fn refusal(status: u16, body: Loose<'_>, broken: impl FnOnce() -> String) -> Refusal {
    let messages = body.get("sub_errors").items().map(|error| error.get("message").trimmed());
    let words = messages.filter(|message| !message.is_empty()).collect::<Vec<_>>().join("; ");
    if registry::is_outage(&words) || registry::is_failed_check(&words) {
        return registry::refusal(&words, "");
    }
    if status < 500 && !words.is_empty() {
        return Decline::new(DeclineKind::RejectedData, words).into();
    }
    // The words of the reply stay out: they may name the client.
    let detail = if status == 500 {
        format!("the service answered 500 with its own error body{}", broken())
    } else {
        format!("the service answered {status} with an error body that names no mistake")
    };
    Fault::new(FaultKind::InsurerError, detail).into()
}
