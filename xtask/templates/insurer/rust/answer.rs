//! The service's replies: JSON, and an `error` with words where something is wrong, whatever the status.

use serde_json::Value;
use veer_contract::{Call, DeclineKind, Reply, create_then_poll::Refusal, slot};

use crate::{loose::Loose, registry};

/// Statuses besides success with which the service says what is wrong.
const WITH_ERROR_BODY: [u16; 2] = [400, 422];

/// The call with the account's key; the host fills the slot in.
pub(super) fn keyed(call: Call) -> Call {
    call.with_header("X-Api-Key", slot::secret("key")).accepting(&WITH_ERROR_BODY)
}

/// The reply, or the end that its error means.
pub(super) fn read(reply: &Reply) -> Result<Value, Refusal> {
    let value: Value = reply.json()?;
    let words = Loose::of(&value).get("error").trimmed();
    if words.is_empty() && (200..300).contains(&reply.status) {
        return Ok(value);
    }
    if registry::is_outage(&words) || registry::is_failed_check(&words) {
        return Err(registry::refusal(&words, ""));
    }
    let kind = if reply.status == 422 { DeclineKind::RejectedData } else { DeclineKind::Declined };
    let words = if words.is_empty() {
        "Страховщик отказал без объяснения".to_owned()
    } else {
        words
    };
    Err(veer_contract::Decline::new(kind, words).into())
}
