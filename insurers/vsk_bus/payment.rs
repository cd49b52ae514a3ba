//! Whether an offer is paid. This insurer cannot be asked: it tells of a payment by itself, once, and the notice is
//! waited for. Who gave up the payment page is never told.

use serde::{Deserialize, Serialize};
use veer_contract::{
    Context, Event, Fault, FaultKind, Flow, Reply, Step,
    create_then_poll::Refusal,
    domain::PaymentState,
    operation::{OfferInput, PaymentStatus},
};

use super::{callback, confirm::PAID_AS, reply::Answer};

/// Waits for the notice of a payment.
pub(super) struct Notice;

/// How far it is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Listening {
    /// The notice is awaited.
    Awaited,
}

// === impl Notice ===

impl Flow<PaymentStatus> for Notice {
    type State = Listening;

    fn start(&self, input: &OfferInput, _cx: &Context<'_>) -> Step<Listening, PaymentState> {
        match input.offer.get(PAID_AS) {
            "" => Step::fail(Fault::new(
                FaultKind::NotUnderstood,
                "the offer's reference has no paid_as: the operation before gives it",
            )),
            paid_as => Step::wait_for_callback(paid_as, Listening::Awaited),
        }
    }

    fn resume(
        &self,
        _input: &OfferInput,
        Listening::Awaited: Listening,
        event: Event<'_>,
        _cx: &Context<'_>,
    ) -> Step<Listening, PaymentState> {
        match event {
            Event::Callback(reply) => told(reply).map_or_else(Step::from, Step::done),
            // A host that does not wait for ever: nothing was told yet.
            Event::Woke => Step::done(PaymentState::Pending),
            Event::Replies(_) => Step::fail(Fault::not_understood("nothing was asked, and a reply is here")),
        }
    }
}

fn told(reply: &Reply) -> Result<PaymentState, Refusal> {
    let answer = Answer::read(reply)?;
    // Whatever else it says, only the policy's id means paid.
    Ok(if callback::is_notice(answer.tree()) { PaymentState::Paid } else { PaymentState::Pending })
}
