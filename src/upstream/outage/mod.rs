//! The registry's outage: insurers that fail together for the registry's reason are one incident.
//!
//! **Why.** Insurers check drivers and vehicles with one registry. When it is down all of them fail at once, and an operator
//! must not look for the fault at ten insurers.
//!
//! **When it begins.** [`insurers`](OutageConfig::insurers) insurers have said within [`window`](OutageConfig::window) that the
//! registry is down (verdict 504). Accounts at one address are one insurer.
//!
//! **When it is over.** Every insurer that said so has succeeded since, in the same operation, in a conversation that
//! began after; or nobody has said so for [`quiet`](OutageConfig::quiet).
//!
//! **On a cold start** there is no incident, and none is remembered.
//!
//! It only tells: what an insurer says of the registry blocks nothing.

mod incident;
#[cfg(test)]
mod tests;
mod watch;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use metrics::Gauge;
use tokio::time::Instant;
use veer_contract::{FaultKind, Next, OperationKind};

pub use self::incident::{Affected, HowItEnded, Incident};
use self::watch::{Change, Watch, Who};
use super::{driver::End, insurer::Insurer};
use crate::{
    config::OutageConfig,
    telemetry::{self, Metrics},
};

/// Hears what all insurers say of the registry.
#[derive(Debug)]
pub struct Outage {
    watch: Mutex<Watch>,
    gauge: Gauge,
}

// === impl Outage ===

impl Outage {
    /// Nothing has been heard.
    pub fn new(config: OutageConfig, metrics: &Metrics) -> Arc<Self> {
        let text = "Whether several insurers say at once that the registry is down";
        let gauge = metrics.gauge("veer_registry_outage", text, Vec::new());
        gauge.set(0);
        Arc::new(Self { watch: Mutex::new(Watch::new(config)), gauge })
    }

    /// The incident of now, if there is one, and those before it, the newest first.
    pub fn incidents(&self) -> (Option<Incident>, Vec<Incident>) {
        let watch = self.lock();
        (watch.current().cloned(), watch.recent().cloned().collect())
    }

    /// An insurer says that the registry is down.
    fn down(self: &Arc<Self>, who: Who) {
        let change = self.lock().down(Instant::now(), telemetry::now(), who);
        self.tell(change);
    }

    /// An insurer has done, in a conversation that began then, what it cannot do without the registry.
    fn up(self: &Arc<Self>, who: &Who, began: Instant) {
        let change = self.lock().up(telemetry::now(), who, began);
        self.tell(change);
    }

    fn tell(self: &Arc<Self>, change: Option<Change>) {
        let Some(change) = change else { return };
        let incident = match change {
            Change::Began(incident) => {
                self.gauge.set(1);
                let insurers = incident.names();
                tracing::warn!(
                    insurers,
                    "the registry behind the insurers is down: one incident until it is over; see GET /incidents"
                );
                // Only silence can end it without a word, so somebody has to listen for that.
                tokio::spawn(self.clone().end_when_quiet(incident.number));
                return;
            }
            Change::Ended(incident) => incident,
        };
        self.gauge.set(0);
        let how = incident.ended.map(HowItEnded::word);
        let lasted = incident.until.unwrap_or(incident.since).duration_since(incident.since);
        tracing::info!(
            insurers = incident.names(),
            since = %incident.since,
            lasted_s = lasted.as_secs(),
            how,
            "the registry's outage is over"
        );
    }

    async fn end_when_quiet(self: Arc<Self>, number: u64) {
        loop {
            let Some(at) = self.lock().quiet_at(number) else { return };
            tokio::time::sleep_until(at.max(Instant::now() + Duration::from_millis(1))).await;
            let change = self.lock().quiet(Instant::now(), telemetry::now());
            self.tell(change);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Insurer {
    /// What a step says of the registry.
    pub(super) fn heard_of_registry<S>(&self, operation: OperationKind, next: &Next<S>) {
        if let Next::Fail(fault) = next
            && fault.kind == FaultKind::RegistryDown
        {
            self.outage.down(self.as_heard(operation));
        }
    }

    /// What the end of a conversation says of the registry, which began then.
    pub(super) fn ended_about_registry(&self, operation: OperationKind, end: &End, began: Instant) {
        if *end == End::Done {
            self.outage.up(&self.as_heard(operation), began);
        }
    }

    fn as_heard(&self, operation: OperationKind) -> Who {
        let address = self.config.base_url.origin().ascii_serialization();
        Who { insurer: self.code().to_owned(), address, operation }
    }
}
