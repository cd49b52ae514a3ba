//! The issued policy: the application's state until it has series and number, then the file.
//!
//! The number is what is sold, so nothing holds it back: where the file is not there yet, cannot be fetched or
//! is no PDF, the policy comes without it, and the file is asked for again by the same operation.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use veer_contract::{
    Context, Event, Flow, Lane, Step,
    create_then_poll::Refusal,
    domain::Policy,
    operation::{OfferInput, Policies},
};

use super::{
    application,
    info::{self, Info},
    print,
};

/// Fetches the policy.
pub(super) struct IssuedPolicy;

/// How far the policy is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Issuing {
    /// The state is asked for.
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
        _cx: &Context<'_>,
    ) -> Step<Issuing, Policy> {
        let turn = match state {
            Issuing::Looking => looked(input, event),
            Issuing::Waiting => look(input),
            Issuing::Printing(policy) => Ok(printed(policy, event)),
        };
        turn.unwrap_or_else(Step::from)
    }
}

fn look(input: &OfferInput) -> Turn {
    Ok(Step::call(info::ask(application::policy_id(&input.offer)?, Lane::Poll), Issuing::Looking))
}

fn looked(input: &OfferInput, event: Event<'_>) -> Turn {
    let Some(number) = Info::of(event.reply("info")?)?.number()? else {
        return Ok(Step::wait(PAUSE, Issuing::Waiting));
    };
    let call = print::ask(application::policy_id(&input.offer)?).optional();
    Ok(Step::call(call, Issuing::Printing(number.policy(None))))
}

fn printed(policy: Policy, event: Event<'_>) -> Step<Issuing, Policy> {
    let document = event.reply("pdf").ok().and_then(|reply| print::file(reply).ok().flatten());
    Step::done(Policy { document, ..policy })
}
