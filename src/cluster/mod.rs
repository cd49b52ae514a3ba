//! Several replicas of the gateway on one PostgreSQL store.
//!
//! A replica is one run of the gateway. It has a row in the store and raises the beat of that row once a second. The others
//! look at all rows as often, and one whose beat stands still for `replicas.lease` by the looker's own clock is dead: a
//! survivor takes its work over. Nobody's wall clock matters.
//!
//! | module | what is in it |
//! |---|---|
//! | `id`, `owner` | the name of a replica, and whose a calculation is |
//! | `standing` | what a replica knows of itself and of the others |

mod id;
mod owner;
mod standing;

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::watch;

pub use self::{id::ReplicaId, owner::Owner, standing::Standing};
use crate::store::StoreError;

/// What is done before the next beat says that this replica is well again.
pub type BeforeBeat = Arc<dyn Fn() -> BoxFuture<'static, Result<(), StoreError>> + Send + Sync>;

/// This replica among the others. Cheap to clone.
#[derive(Clone)]
pub struct Cluster(Arc<Inner>);

struct Inner {
    me: Option<ReplicaId>,
    standing: watch::Sender<Standing>,
    before_beat: std::sync::Mutex<Vec<BeforeBeat>>,
}

// === impl Cluster ===

impl Cluster {
    /// A gateway that shares its store with nobody.
    pub fn alone() -> Self {
        Self::of(None, Standing::ALONE)
    }

    fn of(me: Option<ReplicaId>, standing: Standing) -> Self {
        let standing = watch::Sender::new(standing);
        Self(Arc::new(Inner { me, standing, before_beat: std::sync::Mutex::default() }))
    }

    /// Who this is; none when alone.
    pub fn me(&self) -> Option<ReplicaId> {
        self.0.me
    }

    /// How it stands now.
    pub fn standing(&self) -> Standing {
        *self.0.standing.borrow()
    }

    /// The same, and every change of it.
    pub fn changes(&self) -> watch::Receiver<Standing> {
        self.0.standing.subscribe()
    }

    /// Has `hook` done before each beat: while it fails, this replica does not beat. It runs in the heart's own task and
    /// must be quick. Never done when alone.
    pub fn before_beat(&self, hook: BeforeBeat) {
        self.0.before_beat.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(hook);
    }
}
