//! Whether the order is paid.

use veer_contract::{
    AskOnce, Auth, Call, Context, Effect, Fault, Lane, Method, Reply,
    create_then_poll::Refusal,
    domain::PaymentState,
    operation::{OfferInput, PaymentStatus},
};

use super::{
    confirm::ORDER_ID,
    errors::{self, WITH_ERROR_BODY},
    status,
};
use crate::{loose::Loose, plain_id};

/// Asks how the payment stands.
pub(super) struct Order;

// === impl Order ===

impl AskOnce<PaymentStatus> for Order {
    fn ask(&self, input: &OfferInput, _cx: &Context<'_>) -> Result<Call, Refusal> {
        let path = format!("wapi/osago/payment/{}", status::uuid(&input.offer)?);
        let order = plain_id::check(input.offer.get(ORDER_ID), "the offer's order_id")?;
        Ok(Call::new("payment_status", Lane::Payment, Effect::Read, Method::Get, path)
            .with_query(ORDER_ID, order)
            .with_auth(Auth::Digest)
            .accepting(&WITH_ERROR_BODY))
    }

    fn answered(
        &self,
        _input: &OfferInput,
        reply: &Reply,
        _cx: &Context<'_>,
    ) -> Result<PaymentState, Refusal> {
        let value = errors::read(reply, "payment_status", String::new)?;
        let word = Loose::of(&value).get("payment_status").trimmed();
        match word.to_uppercase().as_str() {
            "" => Err(Fault::not_understood("the reply has no payment_status").into()),
            "PAID" => Ok(PaymentState::Paid),
            "CANCELED" | "DECLINED" | "REFUND_PROCESSED" => Ok(PaymentState::Cancelled),
            // NOT_PAID, HOLDED, ACS_PAYING_INITIATED, UNDEFINED; and a word that is not known yet.
            _ => Ok(PaymentState::Pending),
        }
    }
}
