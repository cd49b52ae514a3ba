//! Whether the application is paid.

use veer_contract::{
    AskOnce, Call, Context, Lane, Reply,
    create_then_poll::Refusal,
    domain::PaymentState,
    operation::{OfferInput, PaymentStatus},
};

use super::{
    application,
    info::{self, Info},
};

/// Asks how the payment stands.
pub(super) struct Paid;

// === impl Paid ===

impl AskOnce<PaymentStatus> for Paid {
    fn ask(&self, input: &OfferInput, _cx: &Context<'_>) -> Result<Call, Refusal> {
        Ok(info::ask(application::policy_id(&input.offer)?, Lane::Payment))
    }

    fn answered(
        &self,
        _input: &OfferInput,
        reply: &Reply,
        _cx: &Context<'_>,
    ) -> Result<PaymentState, Refusal> {
        Ok(Info::of(reply)?.payment())
    }
}
