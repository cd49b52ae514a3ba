//! The shortest conversation: one question, one answer.
//!
//! An adapter gives two small functions; the state and the order of things are here.

use serde::{Deserialize, Serialize};

use crate::{Call, Context, Event, Flow, Operation, Reply, Step, create_then_poll::Refusal};

/// Ask, then read the answer: implement this and wrap it in [`Once`].
pub trait AskOnce<O: Operation>: Send + Sync + 'static {
    /// The one call, or an end without any call.
    fn ask(&self, input: &O::Input, cx: &Context<'_>) -> Result<Call, Refusal>;

    /// What its reply says.
    fn answered(&self, input: &O::Input, reply: &Reply, cx: &Context<'_>) -> Result<O::Output, Refusal>;
}

/// Makes a [`Flow`] of an [`AskOnce`].
#[derive(Debug, Clone, Copy)]
pub struct Once<A>(pub A);

/// The state of a [`Once`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnceState {
    /// The call is under way.
    Asked,
}

// === impl Once ===

impl<O: Operation, A: AskOnce<O>> Flow<O> for Once<A> {
    type State = OnceState;

    fn start(&self, input: &O::Input, cx: &Context<'_>) -> Step<OnceState, O::Output> {
        match self.0.ask(input, cx) {
            Ok(call) => Step::call(call, OnceState::Asked),
            Err(refusal) => refusal.into(),
        }
    }

    fn resume(
        &self,
        input: &O::Input,
        OnceState::Asked: OnceState,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Step<OnceState, O::Output> {
        let answered = event.only().map_err(Refusal::from);
        answered.and_then(|reply| self.0.answered(input, reply, cx)).map_or_else(Step::from, Step::done)
    }
}
