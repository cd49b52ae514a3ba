//! Whether a set is paid. How partners learn it is not public but for a call of the insurer's own, which is a hint:
//! the method that is asked here stands as a setting, and without it nothing is ever known to be paid.

use serde::{Deserialize, Serialize};
use veer_contract::{
    Context, Event, Flow, Lane, Step,
    create_then_poll::Refusal,
    domain::PaymentState,
    operation::{OfferInput, PaymentStatus},
};

use super::{
    quote_set::SET_NUMBER,
    request,
    status::{self, Standing, State},
};

/// Asks whether an offer is paid.
pub(super) struct SetStatus;

/// The question is under way.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Asking {
    Asked,
}

type Turn = Result<Step<Asking, PaymentState>, Refusal>;

// === impl SetStatus ===

impl Flow<PaymentStatus> for SetStatus {
    type State = Asking;

    fn start(&self, input: &OfferInput, cx: &Context<'_>) -> Step<Asking, PaymentState> {
        ask(input, cx).unwrap_or_else(Step::from)
    }

    fn resume(
        &self,
        _input: &OfferInput,
        Asking::Asked: Asking,
        event: Event<'_>,
        _cx: &Context<'_>,
    ) -> Step<Asking, PaymentState> {
        told(event).unwrap_or_else(Step::from)
    }
}

fn ask(input: &OfferInput, cx: &Context<'_>) -> Turn {
    let set_number = request::known(&input.offer, SET_NUMBER)?;
    Ok(match status::ask(set_number, Lane::Payment, cx) {
        Some(call) => Step::call(call, Asking::Asked),
        None => Step::done(PaymentState::Pending),
    })
}

fn told(event: Event<'_>) -> Turn {
    Ok(Step::done(match Standing::of(event.only()?)?.state {
        State::Paid => PaymentState::Paid,
        State::Cancelled => PaymentState::Cancelled,
        // A word that is not known never means paid.
        State::Quoted | State::Issued | State::Unknown => PaymentState::Pending,
    }))
}
