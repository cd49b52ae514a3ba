//! The files of draft and policy. Their address is not public, and stands as the setting `print_path`.

use veer_contract::{
    Auth, Call, Context, Effect, Lane, Method, Reply, create_then_poll::Refusal, domain::Document,
};

use crate::pdf;

/// Which file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Print {
    /// The draft, once the application is through.
    Draft,
    /// The issued policy.
    Policy,
}

/// The file is not there yet.
const NOT_THERE: u16 = 404;

// === impl Print ===

impl Print {
    /// Asks for the file; `None` where the insurer hands none out.
    pub(super) fn ask(self, uuid: &str, cx: &Context<'_>) -> Option<Call> {
        let path = cx.settings.get("print_path").trim().trim_start_matches('/');
        if path.is_empty() {
            return None;
        }
        let path = path.replace("{osago_uuid}", uuid);
        let kind = match self {
            Print::Draft => "draft",
            Print::Policy => "policy",
        };
        let call = Call::new("print", Lane::Document, Effect::Read, Method::Get, path);
        Some(call.with_query("document_type", kind).with_auth(Auth::Digest).accepting(&[NOT_THERE]))
    }
}

/// The file in the reply; `None` where it is not there yet.
pub(super) fn file(reply: &Reply) -> Result<Option<Document>, Refusal> {
    if reply.status == NOT_THERE {
        return Ok(None);
    }
    Ok(Some(pdf::from_bytes(&reply.body)?))
}
