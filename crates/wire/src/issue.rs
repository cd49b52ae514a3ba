//! How every insurer's policy is fetched: ask until it has series and number, then for its file.
//!
//! The number is what is sold, so nothing holds it back: where the file is not there yet, cannot be fetched or
//! is no PDF, the policy comes without it, and the file is asked for again by the same operation.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use veer_contract::{
    Call, Context, Event, Flow, Reply, Step,
    create_then_poll::Refusal,
    domain::{Document, Policy},
    operation::{OfferInput, Policies},
};

use crate::policy_number::PolicyNumber;

/// An insurer's words for it: implement this and wrap it in [`Issued`].
pub trait Issue: Send + Sync + 'static {
    /// Between two questions.
    const PAUSE: Duration = Duration::from_secs(5);

    /// The call that asks how far the policy is.
    fn look(&self, input: &OfferInput, cx: &Context<'_>) -> Result<Call, Refusal>;

    /// Its series and number, once the reply has them.
    fn number(&self, reply: &Reply) -> Result<Option<PolicyNumber>, Refusal>;

    /// The call that asks for the file; `None` where the insurer hands none out.
    fn print(&self, input: &OfferInput, cx: &Context<'_>) -> Result<Option<Call>, Refusal>;

    /// The file, where the reply has it.
    fn file(&self, reply: &Reply) -> Result<Option<Document>, Refusal>;
}

/// Makes a [`Flow`] of an [`Issue`].
pub struct Issued<I>(pub I);

/// How far the policy is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Issuing {
    /// It is asked how far it is.
    Looking,
    /// It had no series and number yet.
    Waiting,
    /// The file is asked for.
    Printing(Policy),
}

type Turn = Result<Step<Issuing, Policy>, Refusal>;

// === impl Issued ===

impl<I: Issue> Flow<Policies> for Issued<I> {
    type State = Issuing;

    fn start(&self, input: &OfferInput, cx: &Context<'_>) -> Step<Issuing, Policy> {
        self.look(input, cx).unwrap_or_else(Step::from)
    }

    fn resume(
        &self,
        input: &OfferInput,
        state: Issuing,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Step<Issuing, Policy> {
        let turn = match state {
            Issuing::Looking => self.looked(input, event, cx),
            Issuing::Waiting => self.look(input, cx),
            Issuing::Printing(policy) => {
                // An optional call may have found none.
                let document = event.only().ok().and_then(|reply| self.0.file(reply).ok().flatten());
                Ok(Step::done(Policy { document, ..policy }))
            }
        };
        turn.unwrap_or_else(Step::from)
    }
}

impl<I: Issue> Issued<I> {
    fn look(&self, input: &OfferInput, cx: &Context<'_>) -> Turn {
        Ok(Step::call(self.0.look(input, cx)?, Issuing::Looking))
    }

    fn looked(&self, input: &OfferInput, event: Event<'_>, cx: &Context<'_>) -> Turn {
        let Some(number) = self.0.number(event.only()?)? else {
            return Ok(Step::wait(I::PAUSE, Issuing::Waiting));
        };
        let policy = number.policy(None);
        Ok(match self.0.print(input, cx)? {
            Some(call) => Step::call(call.optional(), Issuing::Printing(policy)),
            None => Step::done(policy),
        })
    }
}
