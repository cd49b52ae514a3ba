//! One calculation: accept, fan out, collect, publish, finish, resume.
//!
//! ```text
//! accept ── durable ──► collector ──► conversation (one an insurer) ──► upstream::driver
//!                          │  ▲              │
//!             board, render│  └── events ────┘
//!                          ▼
//!                  live.answer (one pointer) ◄── polls
//! ```
//!
//! | module | what it does |
//! |---|---|
//! | [`accept`] | writes a new calculation down and starts it, once |
//! | [`collector`] | hears the conversations, publishes, ends the calculation |
//! | [`conversation`] | one insurer: the checks that cost no call, then the drive |
//! | [`event`] | what conversations tell the collector |
//! | [`board`] | who was asked and what each says, as plain data |
//! | [`complete`], `saying` | whether it is called finished before all have answered |
//! | [`shadow`] | an insurer that is asked and not shown |
//! | [`moves`], [`sale`] | the states of an offer, and what became of it after the quote |
//! | [`live`], [`party`] | a calculation in memory, with its insurers; where polls end |
//! | [`record`] | from memory to rows |
//! | [`reuse`] | equal risks: asked once, told to everybody who asked |
//! | [`resume`], [`recall`] | and back: after a restart, after its end |
//! | [`explain`] | verdicts and timelines for operators |
//! | [`offer_check`], [`message`] | what is not shown, and what is said instead |

pub mod accept;
pub mod board;
pub mod collector;
pub mod complete;
pub mod conversation;
pub mod event;
pub mod explain;
pub mod live;
pub mod message;
pub mod moves;
pub mod offer_check;
pub mod party;
pub mod recall;
pub mod record;
pub mod resume;
pub mod reuse;
pub mod sale;
mod saying;
pub mod shadow;
pub mod status;
pub mod view;

use std::{collections::HashSet, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Handle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

pub use accept::{AcceptError, NewCalculation};
pub use board::Board;
pub use collector::Collector;
pub use complete::{Early, EarlyFigures};
pub use live::{Acceptance, Live, Lives, Public};
pub use moves::{NoSuchMove, OfferEvent};
pub use party::{Ended, Party};
pub use record::Record;
pub use reuse::Reuse;
pub use sale::{Choice, Link, Payment, PolicyNumber, Sale, Stopped};
pub use shadow::Shadow;
pub use status::{CalculationStatus, OfferStatus};
pub use view::{Answer, OfferEntry, Render, View, total};

pub use crate::upstream::InsurerIdentity;
use crate::{
    config::{CalculationConfig, UpstreamConfig},
    dictionary::Dictionary,
    store::Store,
    telemetry::Metrics,
    upstream::{
        Insurer,
        callbacks::{Callbacks, KEPT},
    },
};

/// How long a replica that is gone is shown.
const REPLICAS_KEPT: Duration = Duration::from_secs(86_400);
/// For ends that are being written down when the grace is over.
const GIVING_UP: Duration = Duration::from_secs(5);

/// The calculations of this gateway. Cheap to clone.
#[derive(Clone)]
pub struct Calculations(Arc<Services>);

/// All that a calculation needs.
pub struct Services {
    /// Where calculations run: the partner's workers are for answering polls.
    pub runtime: Handle,
    /// What must outlive the process.
    pub store: Store,
    /// Every configured insurer.
    pub insurers: Vec<Arc<Insurer>>,
    /// These, and those that are asked for no price.
    pub everyone: Vec<Arc<Insurer>>,
    /// Which vehicle it is, and what insurers call it.
    pub dictionary: Dictionary,
    /// Writes answers.
    pub render: Arc<dyn Render>,
    /// Times.
    pub config: CalculationConfig,
    /// What offers are held against.
    pub upstream: UpstreamConfig,
    /// Accounts that see only offers with a price.
    pub priced_only: HashSet<Arc<str>>,
    /// Figures.
    pub metrics: Arc<Metrics>,
    /// How often calculations were called finished early.
    pub early: EarlyFigures,
    /// Calculations in memory.
    pub live: Lives,
    /// Conversations that wait for an insurer's own call.
    pub callbacks: Arc<Callbacks>,
    /// What insurers are being asked, and were told lately, for those who ask the same.
    pub reuse: Reuse,
    /// No new calculations.
    pub stopping: CancellationToken,
    /// Conversations go no further.
    pub park: CancellationToken,
    /// Everything is given up, kept or not.
    pub abort: CancellationToken,
    /// The calculations that run.
    pub tracker: TaskTracker,
    /// How long offers can be taken.
    pub offers_valid: Duration,
}

// === impl Services ===

impl Services {
    /// Writes the answer of `live` once and puts it behind the pointer that polls load.
    pub fn publish(&self, live: &Live) {
        live.with(|public| {
            let view = View {
                request_id: live.request_id,
                status: public.status(),
                request: &live.request,
                offers: &public.shown(),
                priced_only: self.priced_only.contains(&live.account),
            };
            // Stored under the lock: of two publications the later one stays.
            live.answer.store(Some(Arc::new(self.render.render(&view))));
        });
        live.tell();
    }

    /// When the offers of a calculation that was accepted at `created` end by themselves.
    pub fn expiry(&self, created: Timestamp) -> Timestamp {
        let valid = SignedDuration::try_from(self.offers_valid).unwrap_or(SignedDuration::MAX);
        let expires = created.saturating_add(valid).unwrap_or(Timestamp::MAX);
        // As exact as the store keeps it.
        Timestamp::from_millisecond(expires.as_millisecond()).unwrap_or(expires)
    }
}

// === impl Calculations ===

impl Calculations {
    /// Ready to accept.
    pub fn new(services: Services) -> Self {
        Self(Arc::new(services))
    }

    /// The answer of a calculation in memory: the poll path.
    pub fn live(&self, account: &str, request_id: Uuid) -> Option<Arc<Answer>> {
        self.0.live.get(account, request_id)?.answer.load_full()
    }

    /// All that calculations need.
    pub fn services(&self) -> &Arc<Services> {
        &self.0
    }

    /// Whether new calculations are refused.
    pub fn is_stopping(&self) -> bool {
        self.0.stopping.is_cancelled()
    }

    /// Stops: no new calculations, conversations parked at their next safe point. Calls under way have
    /// `grace` to finish; then what is left is given up, so that nothing is sent any more when this
    /// returns, and everything that was kept is durable.
    pub async fn stop(&self, grace: Duration) {
        self.0.stopping.cancel();
        self.0.park.cancel();
        self.0.tracker.close();
        let over = tokio::time::timeout(grace, self.0.tracker.wait()).await;
        // Without a grace nobody hoped for it.
        if over.is_err() && !grace.is_zero() {
            tracing::warn!(
                running = self.0.live.running(),
                "calls were still under way at the end of server.stop_grace"
            );
            self.0.abort.cancel();
            if tokio::time::timeout(GIVING_UP, self.0.tracker.wait()).await.is_err() {
                tracing::error!("the last writes may be lost: the store does not take them");
            }
        }
        // A commit that fails is tried again by the writer; it has this long.
        let until = tokio::time::Instant::now() + GIVING_UP;
        while let Err(error) = self.0.store.flush().await {
            if tokio::time::Instant::now() >= until {
                tracing::error!(%error, "the last writes are lost");
                break;
            }
        }
    }

    /// Gives up everything that is under way, at once: it is another replica's. Returns when nothing is sent any more.
    pub async fn abandon(&self) {
        self.0.stopping.cancel();
        self.0.park.cancel();
        self.0.abort.cancel();
        self.0.tracker.close();
        if tokio::time::timeout(GIVING_UP, self.0.tracker.wait()).await.is_err() {
            tracing::error!(running = self.0.live.running(), "calculations that were given up hang");
        }
    }

    /// Housekeeping, for ever: answers leave memory, old calculations leave the store, figures are kept.
    pub async fn keep_house(self) {
        let mut rounds = tokio::time::interval(Duration::from_secs(5));
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut next_forgetting = tokio::time::Instant::now();
        loop {
            rounds.tick().await;
            let services = &self.0;
            services.live.sweep(services.config.keep_answers);
            services.metrics.running(services.live.running());
            services.metrics.upkeep();
            services.callbacks.forget(before(KEPT));
            services.reuse.tidy();
            if next_forgetting <= tokio::time::Instant::now() && services.store.cluster().does_chores() {
                let forgotten = self.forget().await;
                // While there is more to forget, go on; else look again in an hour.
                let pause = if forgotten > 0 { 5 } else { 3600 };
                next_forgetting = tokio::time::Instant::now() + Duration::from_secs(pause);
            }
        }
    }

    async fn forget(&self) -> u64 {
        if let Err(error) = self.0.store.forget_insurer_calls(before(KEPT)).await {
            tracing::error!(%error, "old calls of insurers could not be dropped");
        }
        if let Err(error) = self.0.store.forget_replicas(before(REPLICAS_KEPT)).await {
            tracing::error!(%error, "replicas that are gone could not be dropped");
        }
        match self.0.store.forget(before(self.0.config.keep)).await {
            Ok(forgotten) => forgotten,
            Err(error) => {
                tracing::error!(%error, "old calculations could not be dropped");
                0
            }
        }
    }
}

/// So long ago.
fn before(age: Duration) -> Timestamp {
    let age = SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX);
    crate::telemetry::now().saturating_sub(age).unwrap_or(Timestamp::MIN)
}
