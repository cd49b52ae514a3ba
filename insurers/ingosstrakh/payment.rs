//! `GetBill`: whether the bill is paid.

use veer_contract::{
    AskOnce, Call, Context, Effect, Lane, Reply,
    create_then_poll::Refusal,
    domain::PaymentState,
    operation::{OfferInput, PaymentStatus},
};

use super::{agreement, confirm::BILL_ISN, reply::Answer, request};

/// Asks whether an offer is paid.
pub(super) struct BillStatus;

/// `Paid` of a bill that is.
const PAID: &str = "2";
/// `Status` of a bill whose money has arrived.
const AT_THE_BANK: &str = "в банке";
/// What `Status` begins with where a bill was given up: the insurer's word for agreements.
const GIVEN_UP: &str = "аннулирован";

// === impl BillStatus ===

impl AskOnce<PaymentStatus> for BillStatus {
    fn ask(&self, input: &OfferInput, cx: &Context<'_>) -> Result<Call, Refusal> {
        let isn = agreement::known(&input.offer, BILL_ISN)?;
        // Not the payment lane, whose calls may last ten minutes: a question that hangs for so long
        // would keep others from paying.
        Ok(request::in_session("GetBill", Lane::Poll, Effect::Read, cx, |xml| xml.leaf("BillISN", isn)))
    }

    fn answered(
        &self,
        _input: &OfferInput,
        reply: &Reply,
        _cx: &Context<'_>,
    ) -> Result<PaymentState, Refusal> {
        let answer = Answer::told(reply)?;
        let status = answer.text("Status").unwrap_or_default().to_lowercase();
        // A word that is not known never means paid.
        Ok(if answer.text("Paid") == Some(PAID) || status == AT_THE_BANK {
            PaymentState::Paid
        } else if status.starts_with(GIVEN_UP) {
            PaymentState::Cancelled
        } else {
            PaymentState::Pending
        })
    }
}
