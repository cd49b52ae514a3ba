//! Asking one source for one vehicle.

use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use futures::future::BoxFuture;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use veer_contract::{
    Lane, OperationKind, VehicleCodes,
    domain::FoundVehicle,
    operation::{VehicleInfo, VehicleQuery},
};

use crate::upstream::{
    Budget, Insurer, Timeline, Verdict,
    callbacks::Callbacks,
    driver::{self, Conversation, End, Journal},
    point::{Beginning, Point},
};

/// What came of asking.
pub(super) enum Heard {
    /// It knows this.
    Vehicle(Box<FoundVehicle>),
    /// It answered, and knows no such vehicle.
    Unknown,
    /// It did not answer; why was logged.
    Nothing,
}

/// Asks `source`, within its lanes' limits.
pub(super) async fn ask(
    source: &Arc<Insurer>,
    question: Arc<VehicleQuery>,
    budget: Budget,
    stop: CancellationToken,
) -> Heard {
    let Some(flow) = source.adapter.vehicle_info() else { return Heard::Nothing };
    let said = Said::default();
    let conversation = Conversation::<VehicleInfo> {
        insurer: source.clone(),
        flow,
        input: question,
        vehicle: Arc::new(VehicleCodes::default()),
        budget,
        timeline: Arc::new(Timeline::new()),
        callbacks: Arc::new(Callbacks::default()),
        stop,
        patient: false,
    };
    let begun = Instant::now();
    let end = driver::drive(conversation, Beginning::Start, &said).await;
    let found = said.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (verdict, answered) = match end {
        End::Done if found.is_some() => (Verdict::Offered, true),
        End::Done => (Verdict::Declined, true),
        // Its words are for users, and may repeat the number.
        End::Declined(decline) => (decline.kind.into(), true),
        End::Failed { verdict, detail } => {
            let insurer = source.code();
            tracing::warn!(insurer, %verdict, detail, "a source of vehicle data did not answer");
            (verdict, false)
        }
        End::Parked => return Heard::Nothing,
    };
    source.conversation_ended(OperationKind::VehicleInfo, verdict, begun.elapsed());
    match found {
        Some(found) => Heard::Vehicle(Box::new(found)),
        None if answered => Heard::Unknown,
        None => Heard::Nothing,
    }
}

/// The last that a flow said: it knows more with every word.
#[derive(Default)]
struct Said(StdMutex<Option<FoundVehicle>>);

impl Journal<VehicleInfo> for Said {
    fn emitted(&self, results: Vec<FoundVehicle>) {
        if let Some(last) = results.into_iter().next_back() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
        }
    }

    fn asking(&self, _: Lane) {}

    fn keep(&self, _: &Point) {}

    fn keep_durably<'a>(&'a self, _: &'a Point, _: bool) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}
