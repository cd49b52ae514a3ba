//! Accepting a calculation: once, durably, before anything is asked.
//!
//! The same id with the same content is accepted again and starts nothing; with other content it is
//! refused. Two posts of one id at once: one writes, the other waits for it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use veer_contract::domain::QuoteRequest;

use super::{Acceptance, CalculationStatus, Calculations, Collector, Live, Party, Services, resume};
use crate::{
    cluster::Owner,
    store::{CalculationRow, Inserted, StoreError},
    telemetry,
    upstream::{Budget, Class},
};

/// A calculation that a partner asks for.
#[derive(Debug)]
pub struct NewCalculation {
    /// Whose it is.
    pub account: Arc<str>,
    /// The partner's id of it.
    pub request_id: Uuid,
    /// The request's `partner` field: recorded, not trusted.
    pub partner: String,
    /// SHA-256 of its content.
    pub fingerprint: [u8; 32],
    /// What is asked.
    pub request: Arc<QuoteRequest>,
}

/// Why a calculation is not accepted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AcceptError {
    /// There is one of that id with other content.
    #[error("a calculation with this request_id and other content exists")]
    DifferentContent,
    /// The gateway is stopping.
    #[error("the gateway is stopping and takes no new calculations")]
    Stopping,
    /// It could not be written down.
    #[error(transparent)]
    Store(#[from] StoreError),
}

// === impl Calculations ===

impl Calculations {
    /// Accepts `new`, writes it down and begins to ask the insurers. Returns when it is durable, with the
    /// time of the first acceptance.
    pub async fn accept(&self, new: NewCalculation) -> Result<Timestamp, AcceptError> {
        let services = self.services().clone();
        // In a task of its own: a partner that hangs up in the middle must not leave it half accepted.
        let accepted = services.runtime.clone().spawn(async move { accept(services, new).await });
        accepted.await.unwrap_or(Err(AcceptError::Store(StoreError::Closed)))
    }
}

async fn accept(services: Arc<Services>, new: NewCalculation) -> Result<Timestamp, AcceptError> {
    // Taken before the question: a stop waits for those who were told that it is not stopping.
    let _accepting = services.tracker.token();
    if services.stopping.is_cancelled() {
        return Err(AcceptError::Stopping);
    }
    let created = telemetry::now();
    let live = Arc::new(Live::pending(
        new.account.clone(),
        new.request_id,
        new.fingerprint,
        created,
        services.expiry(created),
        new.request.clone(),
    ));
    loop {
        let Some(there) = services.live.reserve(&live) else { break };
        // Refused while we waited: it is gone from the table, and it is our turn.
        if there.settled().await == Acceptance::Durable {
            return same_content(&there.fingerprint, &new.fingerprint, there.created);
        }
    }
    match write_down(&services, &new, created).await {
        Ok(Inserted::New) => {
            services.metrics.calculation("ACCEPTED");
            services.dictionary.notice(&new.request.vehicle);
            start(&services, live.clone());
            live.settle(Acceptance::Durable);
            Ok(created)
        }
        Ok(Inserted::Existed) => {
            services.live.remove(&live);
            live.settle(Acceptance::Refused);
            let Some(there) = services.store.calculation(&new.account, new.request_id).await? else {
                let vanished = "a calculation vanished while it was looked at";
                return Err(StoreError::Database(vanished.into()).into());
            };
            let accepted = same_content(&there.fingerprint, &new.fingerprint, there.created)?;
            if there.finished.is_none()
                && services.store.claim(&new.account, new.request_id).await? == Some(Owner::Me)
            {
                // It is written down and nobody runs it: its commit looked like a failure.
                resume::take_up(&services, there).await?;
            }
            Ok(accepted)
        }
        Err(error) => {
            services.live.remove(&live);
            live.settle(Acceptance::Refused);
            Err(error.into())
        }
    }
}

fn same_content(there: &[u8; 32], new: &[u8; 32], created: Timestamp) -> Result<Timestamp, AcceptError> {
    if there == new { Ok(created) } else { Err(AcceptError::DifferentContent) }
}

async fn write_down(
    services: &Services,
    new: &NewCalculation,
    created: Timestamp,
) -> Result<Inserted, StoreError> {
    let budget = SignedDuration::try_from(services.config.budget).unwrap_or_default();
    let request = serde_json::to_vec(&*new.request)
        .map_err(|_| StoreError::Database("the request cannot be written as JSON".into()))?;
    let row = CalculationRow {
        account: new.account.clone(),
        request_id: new.request_id,
        fingerprint: new.fingerprint,
        partner: new.partner.clone(),
        created,
        deadline: created.saturating_add(budget).unwrap_or(created),
        request: services.store.sealer.seal(&request),
        status: CalculationStatus::InProgress.as_str(),
        dictionary: services.dictionary.published().version.number,
    };
    services.store.insert_calculation(row).await
}

fn start(services: &Arc<Services>, live: Arc<Live>) {
    let start = tokio::time::Instant::now();
    let parties: Box<[Party]> = services.insurers.iter().map(|insurer| Party::new(insurer, start)).collect();
    // It was reserved by us, so nobody else sets them.
    let _ = live.parties.set(parties);
    let budget = Budget::of(services.config.budget).for_class(Class::Quote);
    Collector::new(services, live, budget, start).spawn(Vec::new());
}
