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
    pub(super) fn ask(self, agr_id: &str, cx: &Context<'_>) -> Option<Call> {
        let method = cx.settings.get("print_method");
        let kind = match self {
            Print::Draft => "draft",
            Print::Policy => "policy",
        };
        (!method.is_empty()).then(|| {
            request::in_session(method, Lane::Document, Effect::Read, cx, |xml| {
                xml.leaf("AgrID", agr_id);
                xml.leaf("DocType", kind);
            })
        })
    }
}

/// The file in a reply; `None` where it is not there yet.
pub(super) fn file(reply: &Reply) -> Result<Option<Document>, Fault> {
    let answer = Answer::in_session(reply)?;
    if answer.code != 0 {
        return Ok(None);
    }
    pdf::from_base64(answer.needs("Content")?).map(Some)
}
