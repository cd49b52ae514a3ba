//! The insurer's own calls: every business reply is one, and so is the notice of a payment.
//!
//! The notice is a second reply to `BuyPolicy`, with its id and with `policyId`, which the first one lacks. It
//! gets a correlation of its own, so that a first reply that comes twice is not taken for it.

use veer_contract::{Callback, Fault, Reply};

use super::bus::{self, Sent};
use crate::xml::Element;

/// What ids of this message begin with; other messages' replies are no notices.
const BUY: &str = "BuyPolicy.";

/// Which message the call is about.
pub(super) fn read(received: &Reply) -> Result<Callback, Fault> {
    let tree = Element::parse(&received.text())
        .map_err(|_| Fault::not_understood("the insurer's own call is not XML"))?;
    let ours = tree.find_text("messageId").and_then(bus::checked);
    let id = ours.or_else(|| bus::header_id(received)).ok_or_else(|| {
        Fault::not_understood("the insurer's own call has neither messageId nor X-VSK-CorrelationId")
    })?;
    let sent = Sent::called_back(id);
    let may_be_notice = ours.is_none_or(|id| id.starts_with(BUY));
    let correlation = if may_be_notice && is_notice(&tree) { sent.payment() } else { sent.into_id() };
    Ok(Callback { correlation })
}

/// Whether a reply tells of a payment.
pub(super) fn is_notice(tree: &Element) -> bool {
    tree.find_text("policyId").is_some()
        && ["formUrl", "errorCode"].iter().all(|name| tree.find(name).is_none())
}
