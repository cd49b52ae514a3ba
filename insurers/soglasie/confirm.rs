//! The payment link of an application that has passed its checks. Asking for it makes nothing.

use veer_contract::{
    AskOnce, Call, Context, Lane, Reply,
    create_then_poll::Refusal,
    domain::{OfferRef, PaymentLink},
    operation::{Confirm, Confirmation},
};

use super::{errors, request};
use crate::{loose::Loose, payment_page};

/// Asks for the link.
pub(super) struct PayLink;

// === impl PayLink ===

impl AskOnce<Confirm> for PayLink {
    fn ask(&self, input: &Confirmation, _cx: &Context<'_>) -> Result<Call, Refusal> {
        Ok(request::about(request::policy_id(&input.offer.offer)?, "paylink", Lane::Payment))
    }

    fn answered(
        &self,
        _input: &Confirmation,
        reply: &Reply,
        _cx: &Context<'_>,
    ) -> Result<PaymentLink, Refusal> {
        let value = errors::granted(reply, "paylink")?;
        Ok(PaymentLink {
            url: payment_page::check(&Loose::of(&value).get("paylink").trimmed())?,
            // The insurer names no sum: it is the final price.
            amount: None,
            reference: OfferRef::default(),
            correlation: None,
        })
    }
}
