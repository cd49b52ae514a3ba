//! The issued policy: the application's status until it has series and number, then the file.
//!
//! The number is what is sold, so nothing holds it back: where the file is not there yet, cannot be fetched or
//! is no PDF, the policy comes without it, and the file is asked for again by the same operation.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use veer_contract::{
    Context, Event, Flow, Step,
    create_then_poll::Refusal,
    domain::Policy,
    operation::{OfferInput, Policies},
};

use super::{
    print::{self, Print},
    status::{self, Standing},
};

/// Fetches the policy.
pub(super) struct IssuedPolicy;

/// How far the policy is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Issuing {
    /// The status is asked for.
    Looking,
    /// It had no series and number yet.
    Waiting,
    /// The file is asked for.
    Printing(Policy),
}

type Turn = Result<Step<Issuing, Policy>, Refusal>;

const PAUSE: Duration = Duration::from_secs(5);

// === impl IssuedPolicy ===

impl Flow<Policies> for IssuedPolicy {
    type State = Issuing;

    fn start(&self, input: &OfferInput, _cx: &Context<'_>) -> Step<Issuing, Policy> {
        look(input).unwrap_or_else(Step::from)
    }

    fn resume(
        &self,
        input: &OfferInput,
        state: Issuing,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Step<Issuing, Policy> {
        let turn = match state {
            Issuing::Looking => looked(input, event, cx),
            Issuing::Waiting => look(input),
            Issuing::Printing(policy) => Ok(printed(policy, event)),
        };
        turn.unwrap_or_else(Step::from)
    }
}

fn look(input: &OfferInput) -> Turn {
    Ok(Step::call(status::ask(status::uuid(&input.offer)?), Issuing::Looking))
}

fn looked(input: &OfferInput, event: Event<'_>, cx: &Context<'_>) -> Turn {
    let number = match Standing::of(event.reply("status")?)? {
        Standing::Success(application) => application.number,
        Standing::Processing => None,
    };
    let Some(number) = number else { return Ok(Step::wait(PAUSE, Issuing::Waiting)) };
    let policy = number.policy(None);
    Ok(match Print::Policy.ask(status::uuid(&input.offer)?, cx) {
        Some(call) => Step::call(call.optional(), Issuing::Printing(policy)),
        None => Step::done(policy),
    })
}

fn printed(policy: Policy, event: Event<'_>) -> Step<Issuing, Policy> {
    let document = event.reply("print").ok().and_then(|reply| print::file(reply).ok().flatten());
    Step::done(Policy { document, ..policy })
}
