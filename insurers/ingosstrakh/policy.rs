//! The issued policy: `GetAgreement` until it has series and number, then the file.
//!
//! The number is what is sold, so nothing holds it back: where the file is not there yet, cannot be fetched or
//! is no PDF, the policy comes without it, and the file is asked for again by the same operation.

use serde::{Deserialize, Serialize};
use veer_contract::{
    Context, Event, Flow, Step,
    create_then_poll::Refusal,
    domain::Policy,
    operation::{OfferInput, Policies},
};

use super::{
    agreement::{self, AGR_ID, PAUSE, Standing},
    print::{self, Print},
};

/// Fetches the policy.
pub(super) struct IssuedPolicy;

/// How far the policy is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Issuing {
    /// `GetAgreement` is under way.
    Looking,
    /// It had no series and number yet.
    Waiting,
    /// The file is asked for.
    Printing(Policy),
}

type Turn = Result<Step<Issuing, Policy>, Refusal>;

// === impl IssuedPolicy ===

impl Flow<Policies> for IssuedPolicy {
    type State = Issuing;

    fn start(&self, input: &OfferInput, cx: &Context<'_>) -> Step<Issuing, Policy> {
        look(input, cx).unwrap_or_else(Step::from)
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
            Issuing::Waiting => look(input, cx),
            Issuing::Printing(policy) => Ok(printed(policy, event)),
        };
        turn.unwrap_or_else(Step::from)
    }
}

fn look(input: &OfferInput, cx: &Context<'_>) -> Turn {
    let agr_id = agreement::known(&input.offer, AGR_ID)?;
    Ok(Step::call(agreement::ask(agr_id, cx), Issuing::Looking))
}

fn looked(input: &OfferInput, event: Event<'_>, cx: &Context<'_>) -> Turn {
    let standing = Standing::of(event.reply("GetAgreement")?)?;
    let Some(number) = standing.number()? else {
        return Ok(Step::wait(PAUSE, Issuing::Waiting));
    };
    let policy = number.policy(None);
    Ok(match Print::Policy.ask(agreement::known(&input.offer, AGR_ID)?, cx) {
        Some(call) => Step::call(call.optional(), Issuing::Printing(policy)),
        None => Step::done(policy),
    })
}

fn printed(policy: Policy, event: Event<'_>) -> Step<Issuing, Policy> {
    // The only call of its step, whatever the setting names it.
    let document = match event {
        Event::Replies([reply, ..]) => print::file(reply).ok().flatten(),
        Event::Replies([]) | Event::Woke | Event::Callback(_) => None,
    };
    Step::done(Policy { document, ..policy })
}
