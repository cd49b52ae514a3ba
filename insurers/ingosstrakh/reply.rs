//! What the service answers: an envelope with `ResponseStatus` and `ResponseData`, or a SOAP fault.

use veer_contract::{Fault, FaultKind, Reply};

use crate::xml::Element;

/// The codes that mean: log in again. A call answered so was not carried out.
pub(super) const SESSION_OVER: [i64; 5] = [-20852, -20841, -20812, -20808, -20807];

/// An envelope with a status.
pub(super) struct Answer {
    /// `ErrorCode`; 0 is success.
    pub(super) code: i64,
    tree: Element,
}

// === impl Answer ===

impl Answer {
    /// Reads an envelope; a SOAP fault is the insurer's error.
    pub(super) fn read(reply: &Reply) -> Result<Self, Fault> {
        let broken = |what: &str| {
            Fault::not_understood(format!(
                "the reply to `{}` (status {}, {} bytes) {what}",
                reply.tag,
                reply.status,
                reply.body.len()
            ))
        };
        let tree = Element::parse(&reply.text()).map_err(|_| broken("is not XML"))?;
        if let Some(fault) = tree.find("Fault") {
            // `soap:Server` is told; the fault's words are not, for they may repeat what was sent.
            let code = fault.find_text("faultcode").filter(|code| is_fault_code(code)).unwrap_or("no code");
            let detail = format!("the service answered a SOAP fault ({code}) to `{}`", reply.tag);
            return Err(Fault::new(FaultKind::InsurerError, detail));
        }
        let status = tree.find("ResponseStatus").ok_or_else(|| broken("has no ResponseStatus"))?;
        let code = status.find_text("ErrorCode").and_then(|code| code.parse().ok());
        let code = code.ok_or_else(|| broken("has no ErrorCode"))?;
        Ok(Self { code, tree })
    }

    /// The insurer's words; empty where it gave none.
    pub(super) fn message(&self) -> &str {
        self.tree
            .find("ResponseStatus")
            .and_then(|status| status.find_text("ErrorMessage"))
            .unwrap_or_default()
    }

    /// A text of the data.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.tree.find("ResponseData")?.find_text(name)
    }
}

/// Whether this reply says that the session is over.
pub(super) fn session_expired(reply: &Reply) -> bool {
    Answer::read(reply).is_ok_and(|answer| SESSION_OVER.contains(&answer.code))
}

/// The codes that SOAP 1.1 names, with whatever prefix: nothing else can hide a client's data.
fn is_fault_code(text: &str) -> bool {
    let local = text.rsplit(':').next().unwrap_or(text);
    text.len() < 40
        && text.is_ascii()
        && ["Client", "Server", "VersionMismatch", "MustUnderstand"]
            .iter()
            .any(|known| local == *known || local.starts_with(&format!("{known}.")))
}
