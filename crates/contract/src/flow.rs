//! One operation as a pure state machine.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

use crate::{Call, Context, Decline, Fault, Operation, Reply};

/// An adapter's side of one operation: plain functions from what happened to what comes next.
///
/// The host keeps `State` (serialised) after every step, so a conversation outlives a restart. Keep the
/// enum at two or three variants and put nothing into it that the input already holds.
pub trait Flow<O: Operation>: Send + Sync + 'static {
    /// What must be remembered between steps. A change of its shape needs a new [`Flow::STATE_VERSION`].
    type State: Serialize + DeserializeOwned + Send;

    /// The version written beside a saved state; a state of another version is not restored.
    const STATE_VERSION: u32 = 1;

    /// Begins the conversation.
    fn start(&self, input: &O::Input, cx: &Context<'_>) -> Step<Self::State, O::Output>;

    /// Goes on after `event`, from the state that the last step named.
    fn resume(
        &self,
        input: &O::Input,
        state: Self::State,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Step<Self::State, O::Output>;

    /// How to find out what became of a call that creates, where its reply is lost: the gateway was
    /// killed, or the connection broke after the call had left. `state` is the one beside that call. The
    /// step asks with calls that only read, and the conversation goes on from what they find. `None`: this
    /// insurer cannot be asked, and the conversation ends; nothing is ever sent twice on a guess.
    fn recover(
        &self,
        input: &O::Input,
        state: Self::State,
        cx: &Context<'_>,
    ) -> Option<Step<Self::State, O::Output>> {
        let _ = (input, state, cx);
        None
    }
}

/// What one step says: results that are ready now, and what comes next.
#[derive(Debug, PartialEq)]
pub struct Step<S, T> {
    /// Results to publish at once, before the conversation ends. The last one of a kind wins: an offer
    /// emitted again under the same key replaces the earlier one.
    pub emit: Vec<T>,
    /// What the host does next.
    pub next: Next<S>,
}

/// What the host does next.
#[derive(Debug, PartialEq)]
pub enum Next<S> {
    /// Send these calls, all at once, and resume with their replies in the same order.
    Call {
        /// At least one call.
        calls: Vec<Call>,
        /// The state to resume from.
        then: S,
    },
    /// Wake the flow later. The host decides how long, within the budget.
    Wait {
        /// The insurer's own wish: not sooner than this.
        at_least: Duration,
        /// The state to resume from.
        then: S,
    },
    /// The insurer will call back.
    Await {
        /// What the callback will carry, so that the host finds this conversation again.
        correlation: String,
        /// The state to resume from.
        then: S,
    },
    /// Finished: everything there is has been emitted.
    Done,
    /// The insurer says no. A normal result.
    Decline(Decline),
    /// The conversation broke. An operational event.
    Fail(Fault),
}

/// Why a flow is resumed.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The wait is over.
    Woke,
    /// The replies to the calls of the last step, in the calls' order. A call marked
    /// [`optional`](Call::optional) that found no reply is left out; tell replies apart by their tag.
    Replies(&'a [Reply]),
    /// The insurer called back.
    Callback(&'a Reply),
}

impl<S, T> Step<S, T> {
    /// Sends one call.
    pub fn call(call: Call, then: S) -> Self {
        Self::calls(vec![call], then)
    }

    /// Sends several calls at once.
    pub fn calls(calls: Vec<Call>, then: S) -> Self {
        Self { emit: Vec::new(), next: Next::Call { calls, then } }
    }

    /// Asks to be woken, not sooner than `at_least` from now.
    pub fn wait(at_least: Duration, then: S) -> Self {
        Self { emit: Vec::new(), next: Next::Wait { at_least, then } }
    }

    /// Waits for the insurer's own call.
    pub fn wait_for_callback(correlation: impl Into<String>, then: S) -> Self {
        Self { emit: Vec::new(), next: Next::Await { correlation: correlation.into(), then } }
    }

    /// Ends with this one result.
    pub fn done(result: T) -> Self {
        Self { emit: vec![result], next: Next::Done }
    }

    /// Ends with the insurer's no.
    pub fn decline(decline: Decline) -> Self {
        Self { emit: Vec::new(), next: Next::Decline(decline) }
    }

    /// Ends with a fault.
    pub fn fail(fault: Fault) -> Self {
        Self { emit: Vec::new(), next: Next::Fail(fault) }
    }

    /// Publishes `result` along with whatever comes next.
    #[must_use]
    pub fn emitting(mut self, result: T) -> Self {
        self.emit.push(result);
        self
    }
}

impl<'a> Event<'a> {
    /// The reply to the one call of a step, whatever its tag; a fault where there is none.
    pub fn only(&self) -> Result<&'a Reply, Fault> {
        match *self {
            Event::Replies([reply, ..]) => Ok(reply),
            Event::Replies([]) | Event::Woke | Event::Callback(_) => {
                Err(Fault::not_understood("the call's reply is not here"))
            }
        }
    }

    /// The reply to the call tagged `tag`; a fault that names the tag where there is none.
    pub fn reply(&self, tag: &str) -> Result<&'a Reply, Fault> {
        let found = match *self {
            Event::Replies(replies) => replies.iter().find(|reply| reply.tag == tag),
            Event::Callback(reply) => Some(reply).filter(|reply| reply.tag == tag),
            Event::Woke => None,
        };
        found.ok_or_else(|| Fault::not_understood(format!("no reply to the call `{tag}` is here")))
    }
}
