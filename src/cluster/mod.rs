//! Several replicas of the gateway on one PostgreSQL store.
//!
//! A replica is one run of the gateway. It has a row in the store and raises the beat of that row once a second (or every
//! tenth of a shorter `replicas.lease`). The others look at all rows as often, and one whose beat stands still for the lease by the looker's
//! own clock is dead: a survivor marks its row and takes its work over, in one transaction. Nobody's wall clock matters.
//!
//! **Fencing.** Every transaction that writes begins with a look at the writer's own row, which nobody can mark before the
//! transaction ends. A replica that was frozen, or cut off, and comes back finds itself deposed with its first write;
//! nothing of it is written. An application leaves only after it is durably noted, so none is sent twice. And a replica
//! that has not beaten for its whole lease sends nothing until it has beaten again, whatever it is.
//!
//! **Whose a calculation is.** Its row names the replica that accepted it. A replica that is asked about one that nobody
//! works on claims it; one that another works on is left to it. A replica never comes back: who starts again has a new
//! name, and what the old one left is taken over, at once after a stop, and after the lease otherwise.
//!
//! **Chores** (what one alone must do: confirming sales, ending offers, forgetting, reading dictionaries) are of one
//! replica, the eldest that was there when they were nobody's.
//!
//! With SQLite there is one replica, [alone](Cluster::alone): no row, no beat, nothing of the above costs anything.
//!
//! | module | what is in it |
//! |---|---|
//! | `id`, `row`, `owner` | the name of a replica, its row, and whose a calculation is |
//! | `standing` | what a replica knows of itself and of the others |
//! | `sight`, `state` | who is dead and what follows from a look: plain functions over moments |
//! | `heart` | the beats, and takeovers beside them |
//! | `figures` | what Prometheus is told |

mod figures;
mod heart;
mod id;
mod owner;
mod row;
mod sight;
mod standing;
mod state;
#[cfg(test)]
mod tests;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

pub(crate) use self::heart::run;
use self::state::{State, Turn};
pub use self::{
    heart::{Heir, Inherited, Pulse},
    id::ReplicaId,
    owner::Owner,
    row::{Presence, ReplicaRow},
    sight::{Sight, Suspect},
    standing::Standing,
};
use crate::{config::ReplicasConfig, store::StoreError};

/// Between beats, unless the lease is so short that this is more than a tenth of it.
const BEAT: Duration = Duration::from_secs(1);

/// What is done before the next beat says that this replica is well again.
pub type BeforeBeat = Arc<dyn Fn() -> BoxFuture<'static, Result<(), StoreError>> + Send + Sync>;

/// This replica among the others. Cheap to clone.
#[derive(Clone)]
pub struct Cluster(Arc<Inner>);

struct Inner {
    member: Option<Member>,
    standing: watch::Sender<Standing>,
    inherited: watch::Sender<Inherited>,
    deposed: CancellationToken,
    left: CancellationToken,
    retires: AtomicBool,
}

/// One of several.
struct Member {
    me: ReplicaId,
    lease: Duration,
    state: Mutex<State>,
    address: Mutex<String>,
    before_beat: Mutex<Vec<BeforeBeat>>,
}

// === impl Cluster ===

impl Cluster {
    /// A gateway that shares its store with nobody.
    pub fn alone() -> Self {
        Self::of(None, Standing::ALONE)
    }

    /// One of several, whose row was written by a question asked at `joined`.
    pub(crate) fn joined(me: ReplicaId, config: &ReplicasConfig, joined: Instant) -> Self {
        let lease = config.lease;
        let state = State::new(me, lease, 2 * period(lease), gap(lease), joined);
        let standing = state.standing(Instant::now());
        let member = Member {
            me,
            lease,
            state: Mutex::new(state),
            address: Mutex::new(config.address.clone().unwrap_or_default()),
            before_beat: Mutex::default(),
        };
        Self::of(Some(member), standing)
    }

    fn of(member: Option<Member>, standing: Standing) -> Self {
        Self(Arc::new(Inner {
            member,
            standing: watch::Sender::new(standing),
            inherited: watch::Sender::new(Inherited::default()),
            deposed: CancellationToken::new(),
            left: CancellationToken::new(),
            retires: AtomicBool::new(false),
        }))
    }

    /// Who this is; none when alone.
    pub fn me(&self) -> Option<ReplicaId> {
        self.0.member.as_ref().map(|member| member.me)
    }

    /// How it stands now.
    pub fn standing(&self) -> Standing {
        match &self.0.member {
            Some(member) => locked(&member.state).standing(Instant::now()),
            None => Standing::ALONE,
        }
    }

    /// The same, and every change of it, at most a beat's time late.
    pub fn changes(&self) -> watch::Receiver<Standing> {
        self.0.standing.subscribe()
    }

    /// Whether another replica may have taken over by now: nothing is sent then.
    pub fn is_lapsed(&self) -> bool {
        self.0.deposed.is_cancelled() || self.0.standing.borrow().is_lapsed()
    }

    /// Returns when nobody can have taken over; never where somebody has.
    pub async fn in_lease(&self) {
        let mut changes = self.changes();
        while self.is_lapsed() {
            if changes.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    /// Whether it does what one alone must do.
    pub fn does_chores(&self) -> bool {
        let does = |member: &Member| locked(&member.state).does_chores(Instant::now());
        !self.0.deposed.is_cancelled() && self.0.member.as_ref().is_none_or(does)
    }

    /// Returns when it does what one alone must do.
    pub async fn until_chores(&self) {
        let mut changes = self.changes();
        while !self.does_chores() {
            if changes.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    /// Cancelled when another replica has taken over the work of this one.
    pub fn deposed(&self) -> CancellationToken {
        self.0.deposed.clone()
    }

    /// What has been taken over from others since the start; it changes when there is work to take up.
    pub fn work(&self) -> watch::Receiver<Inherited> {
        self.0.inherited.subscribe()
    }

    /// Other replicas reach this one's partner API there, unless the configuration says otherwise.
    pub fn stands_at(&self, address: &str) {
        if let Some(member) = &self.0.member {
            let mut place = locked(&member.address);
            if place.is_empty() {
                address.clone_into(&mut place);
            }
        }
    }

    /// Has `hook` done before each beat: while it fails, this replica does not beat. It runs in the heart's own task and
    /// must be quick. Never done when alone.
    pub fn before_beat(&self, hook: BeforeBeat) {
        if let Some(member) = &self.0.member {
            locked(&member.before_beat).push(hook);
        }
    }

    /// It is about to stop: it beats until it leaves, and begins no takeover any more, neither of work nor of chores.
    pub fn retire(&self) {
        self.0.retires.store(true, Ordering::Relaxed);
    }

    fn retires(&self) -> bool {
        self.0.retires.load(Ordering::Relaxed)
    }

    /// Beats no more: it stops, or nobody holds it.
    pub(crate) fn leave(&self) {
        self.0.left.cancel();
    }

    pub(crate) fn left(&self) -> CancellationToken {
        self.0.left.clone()
    }

    /// Another replica has taken over.
    pub(crate) fn depose(&self) {
        if !self.0.left.is_cancelled() && !self.0.deposed.is_cancelled() {
            tracing::error!(
                "another replica has taken over the work of this one, because no beat of it was seen for replicas.lease: \
                 it was frozen, or cut off from the database; nothing more is sent or written under its name"
            );
        }
        self.0.deposed.cancel();
        self.refresh();
    }

    /// What was taken over is to be taken up.
    pub(crate) fn inherited(&self, more: Inherited) {
        if more == Inherited::default() {
            return;
        }
        let Inherited { replicas, calculations } = more;
        tracing::warn!(replicas, calculations, "the work of other replicas is taken over");
        self.0.inherited.send_modify(|all| {
            all.replicas += replicas;
            all.calculations += calculations;
        });
    }

    fn look_for_work(&self) {
        self.0.inherited.send_modify(|_| {});
    }

    fn beaten(&self, asked: Instant, answered: Instant, rows: Vec<ReplicaRow>) -> Turn {
        match &self.0.member {
            Some(member) => locked(&member.state).beaten(asked, answered, &rows),
            None => Turn { dead: Vec::new(), somebody_left: false, takes_chores: false },
        }
    }

    fn has_chores(&self) {
        if let Some(member) = &self.0.member {
            locked(&member.state).has_chores();
        }
        tracing::info!("this replica does the chores");
        // Whoever waits for them looks again.
        self.0.standing.send_replace(self.standing());
    }

    /// Shows the standing as it is now to those who wait for changes.
    fn refresh(&self) {
        self.0.standing.send_replace(self.standing());
    }

    fn hooks(&self) -> Vec<BeforeBeat> {
        self.0.member.as_ref().map(|member| locked(&member.before_beat).clone()).unwrap_or_default()
    }

    fn address(&self) -> String {
        self.0.member.as_ref().map(|member| locked(&member.address).clone()).unwrap_or_default()
    }

    fn period(&self) -> Duration {
        self.0.member.as_ref().map_or(BEAT, |member| period(member.lease))
    }

    fn gap(&self) -> Duration {
        self.0.member.as_ref().map_or(3 * BEAT, |member| gap(member.lease))
    }
}

/// Between beats.
fn period(lease: Duration) -> Duration {
    BEAT.min(lease / 10)
}

/// Looks that are further apart prove nothing; a round that takes longer has failed.
fn gap(lease: Duration) -> Duration {
    3 * period(lease)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
