//! The application's and the policy's files, as bytes.

use veer_contract::{Call, Lane, Reply, create_then_poll::Refusal, domain::Document};

use super::request;
use crate::pdf;

/// How the service says that a file is not there yet.
const NOT_THERE: [u16; 3] = [400, 404, 409];

/// Asks for the file, `notice` or `policy`.
pub(super) fn ask(policy_id: &str, what: &str) -> Call {
    request::about(policy_id, what, Lane::Document).accepting(&NOT_THERE)
}

/// The file in the reply; `None` where it is not there yet.
pub(super) fn file(reply: &Reply) -> Result<Option<Document>, Refusal> {
    if NOT_THERE.contains(&reply.status) {
        return Ok(None);
    }
    Ok(Some(pdf::from_bytes(&reply.body)?))
}
