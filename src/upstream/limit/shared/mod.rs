//! Limits that several replicas keep together, exactly.
//!
//! A lane's windows are one row of the database. A replica takes *slots* of it: exact moments at which a call may leave,
//! by the same windows as ever, on the row, under its lock, for as many calls as wait, none later than
//! `row::HORIZON` ahead. One visit serves all lanes that want something. So all replicas together keep every window
//! as one gateway would.
//!
//! | module | what is in it |
//! |---|---|
//! | `row` | what is shared of a lane, and how an order is served: arithmetic only |
//! | `lane` | what one replica holds of a lane: slots, a copy of the row, what it has to tell |
//! | `visit`, `clock` | one visit to the rows, and the database's time on our clock |
//! | `link` | whether the others can be spoken with, and what is done where not |
//! | `clerk` | the task that visits |
//! | `limiter` | what a limiter has to do with it |
//!
//! **When the database is away** nothing goes until the other replicas have certainly noticed; then this one goes by its
//! fair share, counted as if the others had let go whatever was allowed before; when its lease is over nothing goes
//! any more. What it let go is in the rows before its next beat.
//!
//! **When a slot is missed** (the process stood still) it is not used: it goes back, and another one is taken.
//!
//! **On a cold start** the rows are as they were. A replica that has just come takes nothing while another one is silent:
//! it does not know by which share that one goes.

mod clerk;
mod clock;
mod lane;
mod limiter;
mod link;
mod row;
#[cfg(test)]
mod tests;
mod visit;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

pub use self::visit::{Answer, Ledger, Visit};
pub(super) use self::{
    lane::{Next, SharedLane, Slot},
    limiter::NoSlot,
    link::Link,
};
use self::{link::Watch, row::Sight, visit::Errand};
use super::metrics::SharedMetrics;
use crate::{
    cluster::{Cluster, Standing},
    store::{LaneKey, LaneRows, StoreError},
    telemetry::Metrics,
};

/// The soonest slot is so far ahead at least, and at most: a visit's answer must be there before it.
const LEAD: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(100));

/// The limits that this replica shares. Cheap to clone.
#[derive(Clone)]
pub struct Together(Arc<Inner>);

/// How a replica learns how it and the others stand.
pub type Standings = Arc<dyn Fn() -> Standing + Send + Sync>;

/// A lane's place among those that share.
#[derive(Clone)]
pub struct Seat {
    /// Whom it sits with.
    pub together: Together,
    /// Its row.
    pub key: LaneKey,
}

struct Inner {
    ledger: Arc<dyn Ledger>,
    standings: Standings,
    metrics: SharedMetrics,
    bell: Arc<Notify>,
    state: Mutex<State>,
}

struct State {
    watch: Watch,
    lanes: Vec<Weak<super::Inner>>,
    lead: Duration,
    /// What was said last.
    told: Option<&'static str>,
    fails: bool,
}

// === impl Together ===

impl Together {
    /// The rows of `ledger`, shared with the replicas that `standings` knows of, of which each holds its work for
    /// `lease` after its last beat.
    pub fn new(
        ledger: Arc<dyn Ledger>,
        standings: Standings,
        lease: Duration,
        metrics: SharedMetrics,
    ) -> Self {
        let state = State {
            watch: Watch::new(lease, Instant::now()),
            lanes: Vec::new(),
            lead: Duration::from_millis(5),
            told: None,
            fails: false,
        };
        let bell = Arc::new(Notify::new());
        let new = Self(Arc::new(Inner { ledger, standings, metrics, bell, state: Mutex::new(state) }));
        tokio::spawn(clerk::run(Arc::downgrade(&new.0)));
        new
    }

    /// The same for a gateway that is one replica of `cluster`: done before each of its beats.
    pub fn with(cluster: &Cluster, rows: LaneRows, lease: Duration, metrics: &Metrics) -> Self {
        let standings = {
            let cluster = cluster.clone();
            Arc::new(move || cluster.standing())
        };
        let new = Self::new(Arc::new(rows), standings, lease, SharedMetrics::new(metrics));
        let inner = Arc::downgrade(&new.0);
        cluster.before_beat(Arc::new(move || {
            let inner = inner.clone();
            Box::pin(async move {
                match inner.upgrade() {
                    Some(inner) => Self(inner).before_beat().await,
                    None => Ok(()),
                }
            })
        }));
        new
    }

    /// Done before each beat: what this replica let go while nobody heard of it is in the rows when it returns.
    pub async fn before_beat(&self) -> Result<(), StoreError> {
        self.lock().watch.begins(Instant::now());
        // While the rows cannot be reached nobody hears of a beat, and calls go by the share.
        self.0.ledger.probe().await?;
        if self.lanes().iter().any(super::Limiter::is_parted) {
            // Whoever waits for this may give up; what is to be told may not be lost with it.
            let returning = tokio::spawn(self.clone().come_back());
            let lost = |error: tokio::task::JoinError| Err(StoreError::Database(error.to_string()));
            returning.await.unwrap_or_else(lost)?;
        }
        self.lock().watch.beats(Instant::now());
        Ok(())
    }

    /// How this replica can agree with the others.
    pub(super) fn link(&self, now: Instant) -> Link {
        let standing = (self.0.standings)();
        let mut state = self.lock();
        state.watch.see(now, &standing);
        state.watch.link(now, &standing)
    }

    /// How many replicas there are.
    pub(super) fn replicas(&self) -> u32 {
        (self.0.standings)().replicas.max(1)
    }

    /// Something is wanted of the rows.
    pub(super) fn ring(&self) {
        self.0.bell.notify_one();
    }

    pub(super) fn join(&self, limiter: &Arc<super::Inner>) {
        let mut state = self.lock();
        state.lanes.retain(|lane| lane.strong_count() > 0);
        state.lanes.push(Arc::downgrade(limiter));
    }

    /// The rows are told what went by the share, after which nothing goes by it.
    async fn come_back(self) -> Result<(), StoreError> {
        self.lock().watch.returns(true);
        let lanes = self.lanes();
        let errands = lanes.iter().filter_map(super::Limiter::return_errand).collect();
        let returned = self.visit(&lanes, errands).await;
        self.lock().watch.returns(false);
        returned
    }

    /// One visit. `errands` are of some of the lanes.
    async fn visit(&self, lanes: &[super::Limiter], errands: Vec<Errand>) -> Result<(), StoreError> {
        if errands.is_empty() {
            return Ok(());
        }
        let limiter = |key: &LaneKey| lanes.iter().find(|lane| lane.row() == Some(key));
        let went: Vec<_> = errands.iter().map(|errand| (errand.key.clone(), errand.went.clone())).collect();
        let visit = Visit::new(self.sight(), errands);
        let keys = visit.keys();
        match self.0.ledger.visit(visit).await {
            Ok(answers) => {
                let now = Instant::now();
                self.learn(&answers, now);
                for (key, answer) in keys.iter().zip(answers) {
                    if let Some(limiter) = limiter(key) {
                        limiter.answered(answer);
                    }
                }
                Ok(())
            }
            Err(error) => {
                for (key, went) in went {
                    if let Some(limiter) = limiter(&key) {
                        limiter.lost(went);
                    }
                }
                Err(error)
            }
        }
    }

    /// How long answers take to come.
    fn learn(&self, answers: &[Answer], now: Instant) {
        let Some(answer) = answers.first() else { return };
        let took = now.saturating_duration_since(answer.clock.received);
        let mut state = self.lock();
        let lead = (took * 3 / 2 + Duration::from_millis(1)).max(state.lead * 9 / 10);
        state.lead = lead.clamp(LEAD.0, LEAD.1);
    }

    fn sight(&self) -> Sight {
        let (now, standing) = (Instant::now(), (self.0.standings)());
        let mut state = self.lock();
        state.watch.see(now, &standing);
        Sight {
            least: state.watch.least(now, &standing),
            silent: standing.silent,
            alone_for: state.watch.alone_for(),
            settled: state.watch.settled(),
        }
    }

    fn lanes(&self) -> Vec<super::Limiter> {
        self.lock().lanes.iter().filter_map(Weak::upgrade).map(super::Limiter).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Together {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Together")
    }
}

// === impl Link ===

impl Link {
    /// In a word, for operators.
    pub(super) fn word(self) -> &'static str {
        match self {
            Link::Shared => "shared",
            Link::Waiting(_) => "waiting",
            Link::Fair { .. } => "fair_share",
            Link::Over => "over",
        }
    }
}
