//! Whether the application is paid: the same status that tells how far it is.

use veer_contract::{
    AskOnce, Call, Context, Lane, Reply,
    create_then_poll::Refusal,
    domain::PaymentState,
    operation::{OfferInput, PaymentStatus},
};

use super::{
    request,
    status::{self, Standing, State},
};

/// Asks how the payment stands.
pub(super) struct Paid;

// === impl Paid ===

impl AskOnce<PaymentStatus> for Paid {
    fn ask(&self, input: &OfferInput, _cx: &Context<'_>) -> Result<Call, Refusal> {
        Ok(status::ask(request::policy_id(&input.offer)?, Lane::Payment))
    }

    fn answered(
        &self,
        _input: &OfferInput,
        reply: &Reply,
        _cx: &Context<'_>,
    ) -> Result<PaymentState, Refusal> {
        Ok(match Standing::of(reply)?.state {
            // The registry is asked to sign what is paid: its no does not give the money back.
            State::Paid | State::Signed | State::NotSigned => PaymentState::Paid,
            State::GivenUp | State::Elsewhere => PaymentState::Cancelled,
            State::UnderWay | State::Passed | State::NotInRegistry | State::Declined => PaymentState::Pending,
        })
    }
}
