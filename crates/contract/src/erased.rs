//! A flow without its types.
//!
//! The host drives every insurer's every operation through one driver. If that driver were generic over
//! the flow, it would be compiled once an insurer; behind [`ErasedFlow`] it is compiled once an operation.
//! The price is that the state is text between steps, which it must be anyway to outlive a restart.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::{Context, Event, Flow, Next, Operation, Step};

/// A flow's state as it is kept: serialised, with the version of its shape. It may hold personal data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedState {
    /// The flow's [`STATE_VERSION`](Flow::STATE_VERSION) when it was saved.
    pub version: u32,
    /// The state as JSON text.
    pub json: String,
}

/// Why a saved state could not be taken up again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// It was saved by another version of the adapter.
    #[error("the state was saved as version {saved}, this adapter reads version {current}")]
    Version {
        /// The version in the store.
        saved: u32,
        /// The version of the running adapter.
        current: u32,
    },
    /// It does not parse. The text is left out: it may hold personal data.
    #[error("the state does not parse at line {line}, column {column}")]
    Malformed {
        /// Line of the first mistake.
        line: usize,
        /// Column of the first mistake.
        column: usize,
    },
    /// It could not be written as JSON.
    #[error("the state cannot be written as JSON")]
    Unwritable,
}

/// A step whose state is already saved.
pub type ErasedStep<T> = Step<SavedState, T>;

/// [`Flow`] with its state type hidden. Made by wrapping a flow in [`Erased`].
pub trait ErasedFlow<O: Operation>: Send + Sync {
    /// See [`Flow::start`].
    fn start(&self, input: &O::Input, cx: &Context<'_>) -> Result<ErasedStep<O::Output>, StateError>;

    /// See [`Flow::resume`]; refuses a state that this flow did not save.
    fn resume(
        &self,
        input: &O::Input,
        state: &SavedState,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Result<ErasedStep<O::Output>, StateError>;

    /// See [`Flow::recover`]; refuses a state that this flow did not save.
    fn recover(
        &self,
        input: &O::Input,
        state: &SavedState,
        cx: &Context<'_>,
    ) -> Result<Option<ErasedStep<O::Output>>, StateError>;
}

/// Wraps a typed flow into an erased one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Erased<F, O>(F, PhantomData<fn() -> O>);

// === impl Erased ===

impl<F, O> Erased<F, O> {
    /// Usable in a `static`.
    pub const fn new(flow: F) -> Self {
        Self(flow, PhantomData)
    }
}

impl<O: Operation, F: Flow<O>> ErasedFlow<O> for Erased<F, O> {
    fn start(&self, input: &O::Input, cx: &Context<'_>) -> Result<ErasedStep<O::Output>, StateError> {
        save::<F, O>(self.0.start(input, cx))
    }

    fn resume(
        &self,
        input: &O::Input,
        state: &SavedState,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Result<ErasedStep<O::Output>, StateError> {
        save::<F, O>(self.0.resume(input, reload::<F, O>(state)?, event, cx))
    }

    fn recover(
        &self,
        input: &O::Input,
        state: &SavedState,
        cx: &Context<'_>,
    ) -> Result<Option<ErasedStep<O::Output>>, StateError> {
        self.0.recover(input, reload::<F, O>(state)?, cx).map(save::<F, O>).transpose()
    }
}

fn reload<F: Flow<O>, O: Operation>(state: &SavedState) -> Result<F::State, StateError> {
    if state.version != F::STATE_VERSION {
        return Err(StateError::Version { saved: state.version, current: F::STATE_VERSION });
    }
    serde_json::from_str(&state.json)
        .map_err(|error| StateError::Malformed { line: error.line(), column: error.column() })
}

fn save<F: Flow<O>, O: Operation>(
    step: Step<F::State, O::Output>,
) -> Result<ErasedStep<O::Output>, StateError> {
    let saved = |state: F::State| {
        let json = serde_json::to_string(&state).map_err(|_| StateError::Unwritable)?;
        Ok(SavedState { version: F::STATE_VERSION, json })
    };
    let next = match step.next {
        Next::Call { calls, then } => Next::Call { calls, then: saved(then)? },
        Next::Wait { at_least, then } => Next::Wait { at_least, then: saved(then)? },
        Next::Await { correlation, then } => Next::Await { correlation, then: saved(then)? },
        Next::Done => Next::Done,
        Next::Decline(decline) => Next::Decline(decline),
        Next::Fail(fault) => Next::Fail(fault),
    };
    Ok(Step { emit: step.emit, next })
}

impl std::fmt::Debug for SavedState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SavedState(version {}, {} bytes)", self.version, self.json.len())
    }
}
