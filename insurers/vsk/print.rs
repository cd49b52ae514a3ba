//! Files of drafts and policies, base64 in JSON. They are asked for in one of two ways, as the setting `files` says.

use veer_contract::{
    Call, Context, Effect, Fault, Lane, Method, Reply,
    create_then_poll::Refusal,
    domain::{Document, OfferRef},
};

use super::{
    platform::{self, BAD_REQUEST, NOT_FOUND, SALES},
    reply::Answer,
};
use crate::pdf;

/// Asks for a file of that type.
pub(super) fn ask(kind: &str, offer: &OfferRef, cx: &Context<'_>) -> Result<Call, Refusal> {
    let files = format!("{SALES}/policies/{}/files", platform::policy_number(offer)?);
    let call = |path| {
        let call = platform::call("files", Lane::Document, Effect::Read, Method::Get, path);
        call.accepting(&[BAD_REQUEST, NOT_FOUND])
    };
    match cx.settings.get("files").trim() {
        "query" => Ok(call(files).with_query("type_id", kind)),
        "path" => Ok(call(format!("{files}/{}", kind.to_uppercase()))),
        _ => Err(Fault::not_understood("the setting `files` is neither `query` nor `path`").into()),
    }
}

/// The file in the reply; `None` where it is not there yet.
pub(super) fn file(reply: &Reply) -> Result<Option<Document>, Refusal> {
    if [BAD_REQUEST, NOT_FOUND].contains(&reply.status) {
        return Ok(None);
    }
    let answer = Answer::read(reply)?;
    let text = answer.root().get("policypdf").trimmed();
    if text.is_empty() {
        return Err(Fault::not_understood("the reply has no policyPDF").into());
    }
    Ok(Some(pdf::from_base64(&text)?))
}
