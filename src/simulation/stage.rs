//! What the gateway stands on in a run, in place of the world: clock, chance, network and disk.
//!
//! A run has one thread, so what it stands on is that thread's: nothing of it is handed through the gateway. The few
//! places of the gateway that meet the world look here first, in tests only.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;
use tokio::time::Instant;

use super::{dice::Dice, world::World};
use crate::{
    store::disk::{Disk, Fate},
    upstream::{error::CallError, request::Request},
};

thread_local! {
    static STAGE: RefCell<Option<Arc<Stage>>> = const { RefCell::new(None) };
}

/// What one run stands on.
pub(crate) struct Stage {
    /// What the gateway's chance comes to.
    engine: Dice,
    disk: Disk,
    clock: Mutex<Clock>,
    world: Mutex<World>,
}

/// The wall clock: it goes with the runtime's, and goes on where the next runtime begins.
struct Clock {
    shown: Timestamp,
    since: Option<Instant>,
}

/// Whether a run goes on on this thread.
pub(crate) fn is_on() -> bool {
    STAGE.with_borrow(Option::is_some)
}

/// Looks at what the run on this thread stands on; none where there is no run.
pub(crate) fn with<T>(look: impl FnOnce(&Arc<Stage>) -> T) -> Option<T> {
    let stage = STAGE.with_borrow(Clone::clone);
    stage.as_ref().map(look)
}

/// Puts a run on this thread, for as long as what is returned is held.
pub(super) fn enter(stage: &Arc<Stage>) -> impl Drop + use<> {
    STAGE.with_borrow_mut(|on| *on = Some(stage.clone()));
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            STAGE.with_borrow_mut(|on| *on = None);
        }
    }
    Leave
}

// === impl Stage ===

impl Stage {
    pub(super) fn new(seed: u64, disk: Disk, start: Timestamp, world: World) -> Arc<Self> {
        disk.wipe();
        Arc::new(Self {
            engine: Dice::new(seed, 1),
            disk,
            clock: Mutex::new(Clock { shown: start, since: None }),
            world: Mutex::new(world),
        })
    }

    /// What the gateway's chance comes to.
    pub(crate) fn dice(&self) -> &Dice {
        &self.engine
    }

    /// What the clock on the wall shows.
    pub(crate) fn now(&self) -> Timestamp {
        let clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = clock.since.map_or(Duration::ZERO, |since| since.elapsed());
        clock.shown + SignedDuration::try_from(passed).unwrap()
    }

    /// Where the store is kept.
    pub(crate) fn disk(&self) -> Disk {
        self.disk.clone()
    }

    /// What becomes of the commit that begins now.
    pub(crate) fn fate(&self) -> Fate {
        let now = self.now();
        self.world().commit(now)
    }

    /// A commit was carried out.
    pub(crate) fn committed(&self, is_written: bool) {
        let now = self.now();
        self.world().committed(now, is_written);
    }

    /// Carries a request to the insurer that it is for.
    pub(crate) fn carry(
        self: &Arc<Self>,
        request: &Request,
        headers: &HeaderMap,
    ) -> BoxFuture<'static, Result<reqwest::Response, CallError>> {
        super::wire::carry(self, request, headers)
    }

    /// A runtime begins: the clock goes with it.
    pub(super) fn begin(&self) {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner).since = Some(Instant::now());
    }

    /// It ends, and so much time passes until the next.
    pub(super) fn end(&self, pause: Duration) {
        let now = self.now();
        let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        *clock = Clock { shown: now + SignedDuration::try_from(pause).unwrap(), since: None };
    }

    /// Insurers, partner, operator, and all that is noted of them.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
