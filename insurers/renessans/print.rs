//! The application's file, `policy/{id}/pdf/`: the draft before it is issued, the policy after.

use veer_contract::{
    Call, Decline, DeclineKind, Fault, Lane, Reply, create_then_poll::Refusal, domain::Document,
};

use super::{application, reply::Answer};
use crate::pdf;

/// Asks for the file.
pub(super) fn ask(policy_id: &str) -> Call {
    application::about(policy_id, "pdf", Lane::Document, "pdf")
}

/// The file in the reply, as its bytes or as base64 in JSON; `None` where it is not there yet.
pub(super) fn file(reply: &Reply) -> Result<Option<Document>, Refusal> {
    let looks_like_json = reply.body.trim_ascii_start().starts_with(b"{");
    if !looks_like_json {
        return Ok(Some(pdf::from_bytes(&reply.body)?));
    }
    let answer = match Answer::of_application(reply) {
        Ok(answer) => answer,
        // The service has one no for everything; here it means that there is no file yet.
        Err(Refusal::Decline(_)) => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let text = answer.data().get("pdf").text();
    let text = text.ok_or_else(|| Fault::not_understood("the reply has no data.pdf"))?;
    Ok(Some(pdf::from_base64(&text)?))
}

/// The end of asking for a draft that is not there yet.
pub(super) fn not_yet() -> Refusal {
    Decline::new(DeclineKind::AsksForMore, "Проект полиса ещё не готов").into()
}
