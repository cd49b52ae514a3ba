//! A source that answers as the test wants.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use veer_contract::{
    Adapter, Call, Context, Decline, Effect, Erased, ErasedFlow, Event, Flow, Lane, Manifest,
    Method as CallMethod, Next, Step,
    domain::{Coefficient, FoundVehicle, InsurerVehicle},
    operation::{VehicleInfo, VehicleQuery},
};

use super::VIN;

pub(super) type Said = Step<String, FoundVehicle>;

/// A flow that asks a question over the wire and answers as the test wants.
pub(super) struct Answers {
    answer: Box<dyn Fn(&VehicleQuery) -> Said + Send + Sync>,
    pub(super) asked: Arc<Mutex<Vec<VehicleQuery>>>,
}

/// An adapter around it.
pub(super) struct Source {
    pub(super) manifest: Manifest,
    pub(super) flow: Erased<Answers, VehicleInfo>,
}

// === impl Answers ===

impl Answers {
    pub(super) fn new(answer: impl Fn(&VehicleQuery) -> Said + Send + Sync + 'static) -> Self {
        Self { answer: Box::new(answer), asked: Arc::default() }
    }
}

impl Flow<VehicleInfo> for Answers {
    type State = String;

    fn start(&self, _: &VehicleQuery, _: &Context<'_>) -> Said {
        // The simulated insurer answers with 404.
        let call = Call::new("ask", Lane::Create, Effect::Read, CallMethod::Get, "nowhere");
        Step::call(call.accepting(&[404]), state())
    }

    fn resume(&self, query: &VehicleQuery, _: String, event: Event<'_>, _: &Context<'_>) -> Said {
        match event {
            Event::Replies(_) => {
                self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(query.clone());
                (self.answer)(query)
            }
            Event::Woke | Event::Callback(_) => Step::done(camry()),
        }
    }
}

// === impl Source ===

impl Adapter for Source {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn vehicle_info(&self) -> Option<&dyn ErasedFlow<VehicleInfo>> {
        Some(&self.flow)
    }
}

pub(super) fn manifest(code: &str) -> Manifest {
    let text = format!(
        r#"
        contract = 1
        code = "{code}"
        name = "Источник"
        protocol = "none"
        operations = ["vehicle_info"]
        [lanes.create]
        concurrent = 8
        first_byte = "5s"
        total = "5s"
        "#
    );
    toml::from_str(&text).expect("a manifest")
}

/// Knows that vehicle by its plate and none by its VIN.
pub(super) fn by_plate(found: FoundVehicle) -> Answers {
    Answers::new(move |query| match query {
        VehicleQuery::Vin(_) => unknown(),
        VehicleQuery::Plate(_) => Step::done(found.clone()),
    })
}

pub(super) fn unknown() -> Said {
    Step::decline(Decline::declined("нет такого"))
}

/// The vehicle, after a while.
pub(super) fn later() -> Said {
    Step::wait(Duration::from_millis(300), state())
}

/// Waits for a call of the source's own that does not come.
pub(super) fn never() -> Said {
    Step { emit: Vec::new(), next: Next::Await { correlation: "never".into(), then: state() } }
}

fn state() -> String {
    "asked".into()
}

pub(super) fn camry() -> FoundVehicle {
    FoundVehicle {
        vehicle: InsurerVehicle {
            brand: "TOYOTA".into(),
            model: "CAMRY".into(),
            ..InsurerVehicle::default()
        },
        year: Some(2020),
        engine_power: Coefficient::parse("150").ok(),
        vin: Some(VIN.into()),
        ..FoundVehicle::default()
    }
}
