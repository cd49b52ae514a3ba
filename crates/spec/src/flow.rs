//! A compiled operation as the contract's erased flow.

use std::{marker::PhantomData, sync::Arc};

use veer_contract::{
    Context, ErasedFlow, Event, Next, Operation, SavedState, Step,
    domain::{
        Document, FoundVehicle, InsurerVehicle, Offer, PaymentLink, PaymentState, Policy, QuoteRequest,
    },
    erased::{ErasedStep, StateError},
    operation::{
        Cancel, Confirm, Confirmation, Draft, Finalise, Login, OfferInput, PaymentStatus, Policies, Quote,
        Session, VehicleInfo, VehicleQuery, Vehicles,
    },
};

use crate::{compile::Compiled, machine::Machine, outcome::Out, scene::Given, state::State};

/// One operation of a spec.
pub(crate) struct Line<O> {
    compiled: Arc<Compiled>,
    at: usize,
    revision: u32,
    operation: PhantomData<fn() -> O>,
}

/// How an operation's input and output look to a spec.
pub(crate) trait Plain: Operation {
    /// The input, in parts.
    fn given(input: &Self::Input) -> Given<'_>;
    /// The output, where it is this operation's.
    fn output(out: Out) -> Option<Self::Output>;
}

// === impl Line ===

impl<O: Plain> Line<O> {
    /// The operation, where the spec describes it.
    pub(crate) fn of(compiled: &Arc<Compiled>, revision: u32) -> Option<Self> {
        let at = compiled.operations.iter().position(|operation| operation.kind == O::KIND)?;
        Some(Self { compiled: compiled.clone(), at, revision, operation: PhantomData })
    }

    fn machine<'m, 'c>(
        &'m self,
        input: &'m O::Input,
        cx: &'m Context<'c>,
    ) -> Result<Machine<'m, 'c>, StateError> {
        let operation = self.compiled.operations.get(self.at).ok_or(StateError::Unwritable)?;
        Ok(Machine { compiled: &self.compiled, operation, given: O::given(input), cx })
    }

    fn load(&self, state: &SavedState) -> Result<State, StateError> {
        if state.version != self.revision {
            return Err(StateError::Version { saved: state.version, current: self.revision });
        }
        serde_json::from_str(&state.json)
            .map_err(|error| StateError::Malformed { line: error.line(), column: error.column() })
    }

    fn save(&self, turn: Step<State, Out>) -> Result<ErasedStep<O::Output>, StateError> {
        let saved = |state: State| {
            let json = serde_json::to_string(&state).map_err(|_| StateError::Unwritable)?;
            Ok(SavedState { version: self.revision, json })
        };
        let next = match turn.next {
            Next::Call { calls, then } => Next::Call { calls, then: saved(then)? },
            Next::Wait { at_least, then } => Next::Wait { at_least, then: saved(then)? },
            Next::Await { correlation, then } => Next::Await { correlation, then: saved(then)? },
            Next::Done => Next::Done,
            Next::Decline(decline) => Next::Decline(decline),
            Next::Fail(fault) => Next::Fail(fault),
        };
        Ok(Step { emit: turn.emit.into_iter().filter_map(O::output).collect(), next })
    }
}

impl<O: Plain> ErasedFlow<O> for Line<O> {
    fn start(&self, input: &O::Input, cx: &Context<'_>) -> Result<ErasedStep<O::Output>, StateError> {
        self.save(self.machine(input, cx)?.start())
    }

    fn resume(
        &self,
        input: &O::Input,
        state: &SavedState,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Result<ErasedStep<O::Output>, StateError> {
        let state = self.load(state)?;
        self.save(self.machine(input, cx)?.resume(state, event))
    }

    fn recover(
        &self,
        input: &O::Input,
        state: &SavedState,
        cx: &Context<'_>,
    ) -> Result<Option<ErasedStep<O::Output>>, StateError> {
        let state = self.load(state)?;
        self.machine(input, cx)?.recover(state).map(|turn| self.save(turn)).transpose()
    }
}

fn of_offer(input: &OfferInput) -> Given<'_> {
    Given { request: Some(&input.request), offer: Some(&input.offer), ..Given::default() }
}

macro_rules! plain {
    ($($operation:ident($input:ident: $type:ty) = $given:expr => $pattern:pat => $output:expr, $out:ty;)*) => {$(
        impl Plain for $operation {
            fn given($input: &$type) -> Given<'_> {
                $given
            }

            fn output(out: Out) -> Option<$out> {
                match out {
                    $pattern => Some($output),
                    _ => None,
                }
            }
        }
    )*};
}

plain! {
    Quote(input: QuoteRequest) = Given { request: Some(input), ..Given::default() }
        => Out::Offer(offer) => *offer, Offer;
    Login(_input: ()) = Given::default() => Out::Session(session) => session, Session;
    Finalise(input: OfferInput) = of_offer(input) => Out::Offer(offer) => *offer, Offer;
    Confirm(input: Confirmation) = Given {
        selected: &input.selected,
        return_urls: input.return_urls.as_ref(),
        ..of_offer(&input.offer)
    } => Out::Link(link) => link, PaymentLink;
    PaymentStatus(input: OfferInput) = of_offer(input) => Out::Payment(state) => state, PaymentState;
    Draft(input: OfferInput) = of_offer(input) => Out::Document(document) => document, Document;
    Policies(input: OfferInput) = of_offer(input) => Out::Policy(policy) => policy, Policy;
    Cancel(input: OfferInput) = of_offer(input) => Out::Cancelled => (), ();
    Vehicles(_input: ()) = Given::default() => Out::Vehicles(rows) => rows, Vec<InsurerVehicle>;
    VehicleInfo(input: VehicleQuery) = Given { query: Some(input), ..Given::default() }
        => Out::Found(found) => *found, FoundVehicle;
}
