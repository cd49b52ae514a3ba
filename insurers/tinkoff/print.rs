//! Files of drafts and policies. The method is not public, so its name is a setting.

use veer_contract::{Call, Context, Effect, Fault, Lane, Reply, domain::Document};

use super::{reply::Answer, request};
use crate::pdf;

/// Which file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Print {
    Draft,
    Policy,
}

// === impl Print ===

impl Print {
    /// Asks for the file; `None` where the insurer hands out none.
    pub(super) fn ask(self, set_number: &str, cx: &Context<'_>) -> Option<Call> {
        let method = cx.settings.get("print_method").trim();
        let kind = match self {
            Print::Draft => "draft",
            Print::Policy => "policy",
        };
        (!method.is_empty()).then(|| {
            request::method(method, Lane::Document, Effect::Read, cx, |xml| {
                xml.leaf("setNumber", set_number);
                xml.leaf("documentType", kind);
            })
        })
    }
}

/// The file in a reply; `None` where it is not there yet.
pub(super) fn file(reply: &Reply) -> Result<Option<Document>, Fault> {
    let answer = Answer::read(reply)?;
    if !answer.is_ok() {
        return Ok(None);
    }
    pdf::from_base64(answer.needs("printForm")?).map(Some)
}
