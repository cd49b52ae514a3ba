//! Whether it is paid.

use veer_contract::{
    AskOnce, Call, Context, Effect, Fault, Lane, Method, Reply,
    create_then_poll::Refusal,
    domain::PaymentState,
    operation::{OfferInput, PaymentStatus},
};

use super::{answer, confirm::PAYMENT};
use crate::{loose::Loose, plain_id};

/// Asks how the payment stands.
pub(super) struct Order;

// === impl Order ===

impl AskOnce<PaymentStatus> for Order {
    fn ask(&self, input: &OfferInput, _cx: &Context<'_>) -> Result<Call, Refusal> {
        let payment = plain_id::check(input.offer.get(PAYMENT), "the offer's payment")?;
        let path = format!("payments/{payment}");
        Ok(answer::keyed(Call::new("payment_status", Lane::Payment, Effect::Read, Method::Get, path)))
    }

    fn answered(
        &self,
        _input: &OfferInput,
        reply: &Reply,
        _cx: &Context<'_>,
    ) -> Result<PaymentState, Refusal> {
        let value = answer::read(reply)?;
        match Loose::of(&value).get("status").trimmed().as_str() {
            "" => Err(Fault::not_understood("the payment has no status").into()),
            "PAID" => Ok(PaymentState::Paid),
            "CANCELLED" => Ok(PaymentState::Cancelled),
            // A word that is not known yet leaves it open.
            _ => Ok(PaymentState::Pending),
        }
    }
}
