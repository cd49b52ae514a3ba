//! One step of the flow: what leads to it, and what the adapter makes of that.

use veer_contract::{
    Event, Operation, Reply, SavedState,
    erased::{ErasedStep, StateError},
};

use super::{
    Conversation, Driver, End,
    end::{failed, lost},
};
use crate::upstream::{error::CallError, verdict::Verdict};

/// A conversation polls once a second for three minutes; ten times that is no conversation.
const MOST_STEPS: u32 = 4000;

/// What the driver does next; [`Point`](crate::upstream::point::Point) is its kept form.
pub(super) enum Doing {
    Start,
    Resume(SavedState, Happened),
    /// The reply to a call that creates is lost. Where the flow does not know what to do, this is the end.
    Recover(SavedState, End),
}

pub(super) enum Happened {
    Woke,
    Replies(Vec<Reply>),
    Callback(Reply),
}

// === impl Driver ===

impl<O: Operation> Driver<'_, O> {
    pub(super) async fn step(&mut self, doing: Doing) -> Result<ErasedStep<O::Output>, End> {
        self.steps += 1;
        if self.steps > MOST_STEPS && !self.conversation.patient {
            let detail = format!("the adapter took {MOST_STEPS} steps without an end");
            return Err(End::Failed { verdict: Verdict::NotUnderstood, detail });
        }
        if self.conversation.budget.remaining().is_zero() {
            return Err(failed(Verdict::OutOfBudget, &CallError::OutOfBudget("the next step")));
        }
        let (adapter, input) = (self.conversation.adapter.clone(), self.conversation.input.clone());
        if O::flow(&*adapter).is_none() {
            let detail = format!("the adapter has no operation `{}`", O::KIND);
            return Err(End::Failed { verdict: Verdict::NotUnderstood, detail });
        }
        let without_recovery = match &doing {
            Doing::Recover(_, end) => Some(end.clone()),
            Doing::Start | Doing::Resume(..) => None,
        };
        let run = move |cx: &veer_contract::Context<'_>| {
            let Some(flow) = O::flow(&*adapter) else { return Ok(None) };
            match doing {
                Doing::Start => flow.start(&input, cx).map(Some),
                Doing::Recover(state, _) => flow.recover(&input, &state, cx),
                Doing::Resume(state, happened) => {
                    let event = match &happened {
                        Happened::Woke => Event::Woke,
                        Happened::Replies(replies) => Event::Replies(replies),
                        Happened::Callback(reply) => Event::Callback(reply),
                    };
                    flow.resume(&input, &state, event, cx).map(Some)
                }
            }
        };
        let Conversation { insurer, budget, vehicle, .. } = &self.conversation;
        match insurer.step(budget, vehicle, run).await {
            Ok(Ok(step)) => step.ok_or_else(|| without_recovery.unwrap_or_else(lost)),
            Ok(Err(error @ (StateError::Version { .. } | StateError::Malformed { .. }))) => {
                Err(failed(Verdict::NotRestorable, &error))
            }
            Ok(Err(error @ StateError::Unwritable)) => Err(failed(Verdict::NotUnderstood, &error)),
            Err(lost) => Err(failed(Verdict::Panicked, &lost)),
        }
    }
}
