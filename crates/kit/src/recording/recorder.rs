//! An adapter that notes what another one is given.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use veer_contract::{
    Adapter, Callback, Context, ErasedFlow, Event, Fault, Manifest, Operation, Reply, SavedState,
    erased::{ErasedStep, StateError},
    operation::{
        Cancel, Confirm, Draft, Finalise, Login, PaymentStatus, Policies, Quote, VehicleInfo, Vehicles,
    },
};

use super::{Given, Heard};

/// Stands in front of an adapter and notes what it is given. One conversation of each operation at a time.
pub struct Recorder {
    adapter: Arc<dyn Adapter>,
    heard: Mutex<Vec<Heard>>,
    tokens: Mutex<Vec<String>>,
}

// === impl Recorder ===

impl Recorder {
    /// In front of `adapter`.
    pub fn new(adapter: Arc<dyn Adapter>) -> Self {
        Self { adapter, heard: Mutex::default(), tokens: Mutex::default() }
    }

    /// Every conversation since the beginning or the last time, in the order of their beginnings.
    pub fn take(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.notes())
    }

    /// Every session's token that a login brought.
    pub fn tokens(&self) -> Vec<String> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks for a session's token among what a step gave.
    fn passed_on<T: serde::Serialize>(&self, step: ErasedStep<T>) -> ErasedStep<T> {
        for given in &step.emit {
            let token = serde_json::to_value(given)
                .ok()
                .and_then(|given| Some(given.get("token")?.as_str()?.to_owned()));
            self.tokens.lock().unwrap_or_else(PoisonError::into_inner).extend(token);
        }
        step
    }

    fn notes(&self) -> MutexGuard<'_, Vec<Heard>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begins<O: Operation>(&self, input: &O::Input, cx: &Context<'_>) {
        let input = serde_json::to_value(input).unwrap_or_default();
        let offer = input.get("offer").map(|offer| match offer.get("offer") {
            // A confirmation holds the offer with its request.
            Some(inner) => inner,
            None => offer,
        });
        let offer = offer.and_then(Value::as_object).map(|names| {
            names
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect()
        });
        self.notes().push(Heard {
            operation: O::KIND,
            today: Some(cx.today),
            vehicle: cx.vehicle.clone(),
            offer,
            by_plate: input.get("Plate").is_some(),
            events: Vec::new(),
        });
    }

    fn note<O: Operation>(&self, given: Given) {
        if let Some(heard) = self.notes().iter_mut().rfind(|heard| heard.operation == O::KIND) {
            heard.events.push(given);
        }
    }

    fn flow<O: Operation>(&self) -> Option<&dyn ErasedFlow<O>> {
        O::flow(&*self.adapter).map(|_| self as &dyn ErasedFlow<O>)
    }
}

impl<O: Operation> ErasedFlow<O> for Recorder {
    fn start(&self, input: &O::Input, cx: &Context<'_>) -> Result<ErasedStep<O::Output>, StateError> {
        self.begins::<O>(input, cx);
        let flow = O::flow(&*self.adapter).ok_or(StateError::Unwritable)?;
        flow.start(input, cx).map(|step| self.passed_on(step))
    }

    fn resume(
        &self,
        input: &O::Input,
        state: &SavedState,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Result<ErasedStep<O::Output>, StateError> {
        match event {
            Event::Replies(replies) => self.note::<O>(Given::Replies(replies.to_vec())),
            Event::Callback(reply) => self.note::<O>(Given::Callback(reply.clone())),
            Event::Woke => {}
        }
        let flow = O::flow(&*self.adapter).ok_or(StateError::Unwritable)?;
        flow.resume(input, state, event, cx).map(|step| self.passed_on(step))
    }

    fn recover(
        &self,
        input: &O::Input,
        state: &SavedState,
        cx: &Context<'_>,
    ) -> Result<Option<ErasedStep<O::Output>>, StateError> {
        O::flow(&*self.adapter).map_or(Ok(None), |flow| flow.recover(input, state, cx))
    }
}

impl Adapter for Recorder {
    fn manifest(&self) -> &Manifest {
        self.adapter.manifest()
    }

    fn quote(&self) -> Option<&dyn ErasedFlow<Quote>> {
        self.flow()
    }

    fn login(&self) -> Option<&dyn ErasedFlow<Login>> {
        self.flow()
    }

    fn finalise(&self) -> Option<&dyn ErasedFlow<Finalise>> {
        self.flow()
    }

    fn confirm(&self) -> Option<&dyn ErasedFlow<Confirm>> {
        self.flow()
    }

    fn payment_status(&self) -> Option<&dyn ErasedFlow<PaymentStatus>> {
        self.flow()
    }

    fn draft(&self) -> Option<&dyn ErasedFlow<Draft>> {
        self.flow()
    }

    fn policy(&self) -> Option<&dyn ErasedFlow<Policies>> {
        self.flow()
    }

    fn cancel(&self) -> Option<&dyn ErasedFlow<Cancel>> {
        self.flow()
    }

    fn vehicles(&self) -> Option<&dyn ErasedFlow<Vehicles>> {
        self.flow()
    }

    fn vehicle_info(&self) -> Option<&dyn ErasedFlow<VehicleInfo>> {
        self.flow()
    }

    fn session_expired(&self, reply: &Reply) -> bool {
        let expired = self.adapter.session_expired(reply);
        if expired && let Some(heard) = self.notes().last_mut() {
            heard.events.push(Given::Expired(vec![reply.clone()]));
        }
        expired
    }

    fn callback(&self, received: &Reply) -> Result<Callback, Fault> {
        self.adapter.callback(received)
    }
}
