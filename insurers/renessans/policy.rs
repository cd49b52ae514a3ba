//! The issued policy: the application's state until it has series and number, then the file. A file that
//! is not there yet does not hold the number back.

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
            Issuing::Printing(policy) => printed(policy, event),
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
    let call = print::ask(application::policy_id(&input.offer)?);
    Ok(Step::call(call, Issuing::Printing(number.policy(None))))
}

fn printed(policy: Policy, event: Event<'_>) -> Turn {
    let document = print::file(event.reply("pdf")?)?;
    Ok(Step::done(Policy { document, ..policy }))
}
