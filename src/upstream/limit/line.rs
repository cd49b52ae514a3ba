//! Waiting calls, in the order in which they are served.
//!
//! By class first (a payment goes before a quote), then whoever has the least slack: the calculation that ends
//! soonest cannot wait, the one that has just begun can. Those who arrive with the same rank keep the order of
//! their arrival. A waiter that gives up (its future is dropped) leaves the line, and the next one is told.
//!
//! A waiter may be busy for a moment (its note is being written): it keeps its place, and whoever is behind it
//! may go before.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use tokio::{sync::Notify, time::Instant};

use super::TooLate;
use crate::upstream::budget::Rank;

/// The line. The lock is held for a map operation only.
#[derive(Debug, Default)]
pub(super) struct Line {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: BTreeMap<Key, Waiting>,
    arrivals: u64,
}

type Key = (Rank, u64);

#[derive(Debug)]
struct Waiting {
    caller: Arc<Caller>,
    is_busy: bool,
}

/// Whoever has a place.
#[derive(Debug)]
struct Caller {
    latest: Instant,
    turn: Notify,
    refused: OnceLock<TooLate>,
}

/// A place in the line; dropping it leaves the line.
#[derive(Debug)]
pub(super) struct Place<'a> {
    line: &'a Line,
    key: Key,
    caller: Arc<Caller>,
}

// === impl Line ===

impl Line {
    /// Joins, to be served until `latest`.
    pub(super) fn join(&self, rank: Rank, latest: Instant) -> Place<'_> {
        let mut inner = self.lock();
        inner.arrivals += 1;
        let key = (rank, inner.arrivals);
        let caller = Arc::new(Caller { latest, turn: Notify::new(), refused: OnceLock::new() });
        inner.waiting.insert(key, Waiting { caller: caller.clone(), is_busy: false });
        Place { line: self, key, caller }
    }

    /// Whether nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().waiting.is_empty()
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// How many wait and are not busy.
    pub(super) fn idle(&self) -> usize {
        self.lock().waiting.values().filter(|waiting| !waiting.is_busy).count()
    }

    /// How many wait who would be served before a newcomer of `rank`.
    pub(super) fn ahead_of(&self, rank: Rank) -> usize {
        self.lock().waiting.range(..=(rank, u64::MAX)).count()
    }

    /// Tells the first one to look again.
    pub(super) fn wake_first(&self) {
        if let Some((_, first)) = self.lock().first() {
            first.caller.turn.notify_one();
        }
    }

    /// Tells everybody to look again. `refuse` is asked about each in their order, with how many of those before
    /// it stay, and its latest moment.
    pub(super) fn judge(&self, mut refuse: impl FnMut(usize, Instant) -> Option<TooLate>) {
        let mut stay = 0;
        for waiting in self.lock().waiting.values() {
            match refuse(stay, waiting.caller.latest) {
                // Only its own place reads it, and the first word stands.
                Some(too_late) => {
                    let _ = waiting.caller.refused.set(too_late);
                }
                None => stay += 1,
            }
            waiting.caller.turn.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Inner ===

impl Inner {
    /// The first one that is not busy.
    fn first(&self) -> Option<(&Key, &Waiting)> {
        self.waiting.iter().find(|(_, waiting)| !waiting.is_busy)
    }
}

// === impl Place ===

impl Place<'_> {
    /// Whether it is this one's turn.
    pub(super) fn is_first(&self) -> bool {
        self.line.lock().first().is_some_and(|(first, _)| *first == self.key)
    }

    /// How many are served before.
    pub(super) fn ahead(&self) -> usize {
        self.line.lock().waiting.range(..self.key).count()
    }

    /// The last moment at which it is of use to be served.
    pub(super) fn latest(&self) -> Instant {
        self.caller.latest
    }

    /// Whether it was refused while it waited.
    pub(super) fn refused(&self) -> Option<TooLate> {
        self.caller.refused.get().copied()
    }

    /// Lets those behind go before for a while, or no more.
    pub(super) fn set_busy(&self, is_busy: bool) {
        if let Some(waiting) = self.line.lock().waiting.get_mut(&self.key) {
            waiting.is_busy = is_busy;
        }
        if is_busy {
            self.line.wake_first();
        }
    }

    /// Returns when the line has changed and it is worth looking again.
    pub(super) async fn changed(&self) {
        self.caller.turn.notified().await;
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.line.lock().waiting.remove(&self.key);
        self.line.wake_first();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::upstream::budget::Class;

    fn rank(class: Class, seconds: u64) -> Rank {
        Rank { class, by: Instant::now() + Duration::from_secs(seconds) }
    }

    #[tokio::test(start_paused = true)]
    async fn class_is_first_then_least_slack_and_ties_keep_their_order() {
        let (line, latest) = (Line::default(), Instant::now());
        let join = |class, seconds| line.join(rank(class, seconds), latest);
        let later = join(Class::Quote, 9);
        let sooner = join(Class::Quote, 3);
        let same = join(Class::Quote, 3);
        assert!(sooner.is_first() && !later.is_first() && !same.is_first());
        assert_eq!(line.ahead_of(rank(Class::Quote, 5)), 2);
        let payment = join(Class::Payment, 900);
        assert!(payment.is_first() && same.ahead() == 2);
        drop(payment);
        drop(sooner);
        assert!(same.is_first());
        drop(same);
        later.changed().await;
        assert!(later.is_first());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_busy_keeps_its_place_and_lets_the_next_one_go() {
        let (line, latest) = (Line::default(), Instant::now());
        let (first, second) =
            (line.join(rank(Class::Quote, 3), latest), line.join(rank(Class::Quote, 9), latest));
        first.set_busy(true);
        second.changed().await;
        assert!(second.is_first() && !first.is_first());
        first.set_busy(false);
        assert!(first.is_first() && !second.is_first());
    }
}
