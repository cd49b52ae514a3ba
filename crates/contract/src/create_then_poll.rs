//! The commonest conversation: create something, then ask until it is ready.
//!
//! An adapter gives three small functions; the two-variant state, the waiting and the order of things
//! are here.

use std::time::Duration;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Call, Context, Decline, Event, Fault, Flow, Operation, Reply, Step};

/// Create, then poll: implement this and wrap it in [`Poller`].
pub trait CreateThenPoll<O: Operation>: Send + Sync + 'static {
    /// What the insurer calls the thing that it is making.
    type Handle: Serialize + DeserializeOwned + Send;

    /// The version of the handle's shape: a changed one needs a new version.
    const STATE_VERSION: u32 = 1;

    /// The call that starts it, or an end without any call.
    fn create(&self, input: &O::Input, cx: &Context<'_>) -> Result<Call, Refusal>;

    /// The handle in the reply to [`CreateThenPoll::create`].
    fn created(&self, input: &O::Input, reply: &Reply) -> Result<Self::Handle, Refusal>;

    /// The handle, where it is known without the reply to [`CreateThenPoll::create`]: after a crash the
    /// insurer is asked how far it is instead of being sent the same again. See [`Flow::recover`].
    fn handle_without_reply(&self, input: &O::Input) -> Option<Self::Handle> {
        let _ = input;
        None
    }

    /// The call that asks how far it is.
    fn poll(&self, input: &O::Input, handle: &Self::Handle) -> Call;

    /// What the reply to [`CreateThenPoll::poll`] says.
    fn polled(
        &self,
        input: &O::Input,
        handle: &Self::Handle,
        reply: &Reply,
    ) -> Result<Polled<O::Output>, Refusal>;

    /// How long to leave the insurer alone between polls.
    fn pause(&self) -> Duration {
        Duration::from_secs(1)
    }
}

/// What a poll found.
#[derive(Debug, Clone, PartialEq)]
pub enum Polled<T> {
    /// Not yet.
    Pending,
    /// There it is.
    Ready(T),
}

/// The two ways to end without a result, as one error type for `?`.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// The insurer says no.
    Decline(Decline),
    /// It broke.
    Fault(Fault),
}

/// Makes a [`Flow`] of a [`CreateThenPoll`].
#[derive(Debug, Clone, Copy)]
pub struct Poller<P>(pub P);

/// The state of a [`Poller`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PollerState<H> {
    /// The create call is under way.
    Creating,
    /// Waiting to ask again.
    Waiting(H),
    /// A poll is under way.
    Polling(H),
}

// === impl Refusal ===

impl From<Decline> for Refusal {
    fn from(decline: Decline) -> Self {
        Refusal::Decline(decline)
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Refusal::Fault(fault)
    }
}

impl<S, T> From<Refusal> for Step<S, T> {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Decline(decline) => Step::decline(decline),
            Refusal::Fault(fault) => Step::fail(fault),
        }
    }
}

// === impl Poller ===

impl<O: Operation, P: CreateThenPoll<O>> Flow<O> for Poller<P> {
    type State = PollerState<P::Handle>;

    const STATE_VERSION: u32 = P::STATE_VERSION;

    fn start(&self, input: &O::Input, cx: &Context<'_>) -> Step<Self::State, O::Output> {
        match self.0.create(input, cx) {
            Ok(call) => Step::call(call, PollerState::Creating),
            Err(refusal) => refusal.into(),
        }
    }

    fn resume(
        &self,
        input: &O::Input,
        state: Self::State,
        event: Event<'_>,
        _cx: &Context<'_>,
    ) -> Step<Self::State, O::Output> {
        let step = match state {
            PollerState::Creating => event
                .only()
                .map_err(Refusal::from)
                .and_then(|reply| self.0.created(input, reply))
                .map(|handle| Step::wait(self.0.pause(), PollerState::Waiting(handle))),
            PollerState::Waiting(handle) => {
                Ok(Step::call(self.0.poll(input, &handle), PollerState::Polling(handle)))
            }
            PollerState::Polling(handle) => event
                .only()
                .map_err(Refusal::from)
                .and_then(|reply| self.0.polled(input, &handle, reply))
                .map(|polled| match polled {
                    Polled::Pending => Step::wait(self.0.pause(), PollerState::Waiting(handle)),
                    Polled::Ready(result) => Step::done(result),
                }),
        };
        step.unwrap_or_else(Step::from)
    }

    fn recover(
        &self,
        input: &O::Input,
        state: Self::State,
        _cx: &Context<'_>,
    ) -> Option<Step<Self::State, O::Output>> {
        let PollerState::Creating = state else { return None };
        let handle = self.0.handle_without_reply(input)?;
        Some(Step::wait(self.0.pause(), PollerState::Waiting(handle)))
    }
}
