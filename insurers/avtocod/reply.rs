//! What the service answers: an envelope with `state` and `data`, or an event that says what went wrong.

use serde_json::Value;
use veer_contract::{Fault, FaultKind, Reply};

use crate::loose::Loose;

/// A reply whose `state` is `ok`.
pub(super) struct Answer(Value);

/// How many of a report's sources have answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    /// Some have not.
    pub(super) waiting: bool,
    /// Some have failed.
    pub(super) failed: bool,
}

/// Longer words of the service are no code.
const LONGEST_CODE: usize = 64;

// === impl Answer ===

impl Answer {
    /// Reads a reply; what the service refuses is a fault, for it knows nothing of the vehicle then.
    pub(super) fn read(reply: &Reply) -> Result<Self, Fault> {
        let answer = Self(reply.json()?);
        let root = Loose::of(&answer.0);
        match root.get("state").text() {
            Some(state) if state.eq_ignore_ascii_case("ok") => Ok(answer),
            Some(_) => Err(refusal(root.get("event"))),
            // Refused credentials come without an envelope.
            None if root.get("type").is_there() => Err(refusal(root)),
            None => Err(Fault::not_understood("the reply has no state")),
        }
    }

    /// The one thing that was asked for.
    pub(super) fn first(&self) -> Result<Loose<'_>, Fault> {
        let mut items = Loose::of(&self.0).get("data").items();
        items.next().ok_or_else(|| Fault::not_understood("the reply's data is empty"))
    }
}

/// The fault that an event means. Its own message may repeat the token or the vehicle's number, so only its
/// code is told.
fn refusal(event: Loose<'_>) -> Fault {
    let code = event.get("type").trimmed();
    let is_code = code.len() <= LONGEST_CODE && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    let code = if is_code && !code.is_empty() { code.as_str() } else { "no code" };
    if event.get("cls").trimmed().eq_ignore_ascii_case("security") || code.starts_with("Security") {
        let detail = format!(
            "the source refuses the token ({code}): it may be malformed or have expired; issue another one and \
             set it as `token`"
        );
        return Fault::new(FaultKind::CredentialsRefused, detail);
    }
    if code == "DataSeekObjectError" {
        let detail = format!("the source does not know what the call names ({code}): check `report_type`");
        return Fault::new(FaultKind::InsurerError, detail);
    }
    Fault::new(FaultKind::InsurerError, format!("the source answers with an error of its own ({code})"))
}

// === impl Progress ===

impl Progress {
    /// Of a report: by its counts, else by its list of sources.
    pub(super) fn of(report: Loose<'_>) -> Result<Self, Fault> {
        let count = |key: &str| report.get(key).integer();
        if let Some(waiting) = count("progress_wait") {
            return Ok(Self {
                waiting: waiting > 0,
                failed: count("progress_error").is_some_and(|failed| failed > 0),
            });
        }
        let sources = report.get("state").get("sources");
        let states: Vec<String> =
            sources.items().map(|source| source.get("state").trimmed().to_uppercase()).collect();
        if states.is_empty() {
            return Err(Fault::not_understood("the report does not say how far it is"));
        }
        let is = |wanted: &str| states.iter().any(|state| state == wanted);
        Ok(Self { waiting: is("PROGRESS"), failed: is("ERROR") })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<Answer, Fault> {
        let body = body.to_string().into_bytes();
        Answer::read(&Reply { tag: "make".into(), status: 200, headers: Vec::new(), body })
    }

    fn refused(body: &Value) -> Fault {
        match read(body) {
            Err(fault) => fault,
            Ok(_) => panic!("{body} is taken"),
        }
    }

    #[test]
    fn an_event_is_told_by_its_code_alone() {
        let event = json!({"cls": "Security", "type": "SecurityAuthMalformedToken", "message": "T0KEN"});
        for body in [event.clone(), json!({"state": "fail", "event": event})] {
            let fault = refused(&body);
            assert_eq!(fault.kind, FaultKind::CredentialsRefused);
            assert!(fault.detail.contains("SecurityAuthMalformedToken") && !fault.detail.contains("T0KEN"));
        }
        let fault = refused(&json!({"state": "fail", "event": {"type": "Z94C0000000000001"}}));
        assert_eq!(fault.kind, FaultKind::InsurerError);
        assert!(fault.detail.contains("(no code)"), "{}", fault.detail);
        assert_eq!(refused(&json!([])).kind, FaultKind::NotUnderstood);
    }

    #[test]
    fn progress_is_counted_or_seen_in_the_sources() {
        let progress = |report: Value| Progress::of(Loose::of(&report));
        let counted = json!({"progress_ok": 1, "progress_wait": "0", "progress_error": "2"});
        assert_eq!(progress(counted), Ok(Progress { waiting: false, failed: true }));
        let listed =
            json!({"progress_wait": null, "state": {"sources": [{"state": "OK"}, {"state": "PROGRESS"}]}});
        assert_eq!(progress(listed), Ok(Progress { waiting: true, failed: false }));
        assert!(progress(json!({"state": {"sources": []}})).is_err());
    }
}
