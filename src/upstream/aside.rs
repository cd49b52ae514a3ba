//! A conversation that belongs to no calculation: a login, a dictionary, a vehicle that is looked up.
//!
//! Nothing of it is kept, so a restart begins it anew; what it emits is gathered for whoever asked.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use veer_contract::{Lane, Operation, VehicleCodes};

use super::{
    budget::Budget,
    callbacks::{CallKey, Callbacks},
    driver::{self, Conversation, End, Hearing, Journal},
    insurer::Insurer,
    point::{Beginning, Point},
    timeline::Timeline,
};

/// Holds the conversation and returns how it ended, with all that it emitted.
pub async fn converse<O: Operation>(
    insurer: &Arc<Insurer>,
    input: Arc<O::Input>,
    budget: Budget,
    stop: CancellationToken,
) -> (End, Vec<O::Output>) {
    converse_about::<O>(insurer, input, Arc::default(), budget, stop).await
}

/// The same about a vehicle.
pub async fn converse_about<O: Operation>(
    insurer: &Arc<Insurer>,
    input: Arc<O::Input>,
    vehicle: Arc<VehicleCodes>,
    budget: Budget,
    stop: CancellationToken,
) -> (End, Vec<O::Output>) {
    let gathered = Gathered::<O>(Mutex::default());
    let conversation = Conversation::<O> {
        insurer: insurer.clone(),
        adapter: insurer.adapter(),
        input,
        vehicle,
        budget,
        timeline: Arc::new(Timeline::new()),
        callbacks: Arc::new(Callbacks::default()),
        stop,
        patient: false,
        hearing: Hearing::Takes,
    };
    let (end, _) = driver::drive(conversation, Beginning::Start, &gathered).await;
    (end, gathered.0.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Gathers what is emitted; there is nothing to write down.
struct Gathered<O: Operation>(Mutex<Vec<O::Output>>);

impl<O: Operation> Journal<O> for Gathered<O> {
    fn emitted(&self, results: Vec<O::Output>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(results);
    }

    fn asking(&self, _: Lane) {}

    fn keep(&self, _: &Point) {}

    fn keep_durably<'a>(&'a self, _: &'a Point, _: bool) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }

    fn taken(&self, _: &CallKey) {}
}
