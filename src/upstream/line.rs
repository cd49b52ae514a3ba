//! Waiting calls, in the order in which they are served.
//!
//! Whoever has the least slack goes first: the calculation that ends soonest cannot wait, the one that
//! has just begun can. Those who arrive with the same slack keep the order of their arrival. A waiter
//! that gives up (its future is dropped) leaves the line, and the next one is told.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::Notify, time::Instant};

/// The line. Cheap to share; the lock is held for a map operation only.
#[derive(Debug, Default)]
pub struct Line {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: BTreeMap<(Instant, u64), Arc<Notify>>,
    arrivals: u64,
}

/// A place in the line; dropping it leaves the line.
#[derive(Debug)]
pub struct Place<'a> {
    line: &'a Line,
    key: (Instant, u64),
    turn: Arc<Notify>,
}

// === impl Line ===

impl Line {
    /// Joins. `deadline` is the slack: who must finish first is served first.
    pub fn join(&self, deadline: Instant) -> Place<'_> {
        let mut inner = self.lock();
        inner.arrivals += 1;
        let key = (deadline, inner.arrivals);
        let turn = Arc::new(Notify::new());
        let displaced = inner.waiting.first_key_value().filter(|(first, _)| **first > key);
        if let Some((_, first)) = displaced {
            first.notify_one();
        }
        inner.waiting.insert(key, turn.clone());
        Place { line: self, key, turn }
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.lock().waiting.is_empty()
    }

    /// How many with less slack than `deadline` wait, and so would be served before it.
    pub fn ahead_of(&self, deadline: Instant) -> usize {
        self.lock().waiting.range(..=(deadline, u64::MAX)).count()
    }

    /// Tells the first one to look again.
    pub fn wake_first(&self) {
        if let Some((_, first)) = self.lock().waiting.first_key_value() {
            first.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Place ===

impl Place<'_> {
    /// Whether this is the first place.
    pub fn is_first(&self) -> bool {
        self.line.lock().waiting.first_key_value().is_some_and(|(first, _)| *first == self.key)
    }

    /// Returns when the line has changed and it is worth looking again.
    pub async fn changed(&self) {
        self.turn.notified().await;
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

    #[tokio::test]
    async fn least_slack_is_first_and_ties_keep_their_order() {
        let (line, now) = (Line::default(), Instant::now());
        let later = line.join(now + Duration::from_secs(9));
        let sooner = line.join(now + Duration::from_secs(3));
        let same = line.join(now + Duration::from_secs(3));
        assert!(sooner.is_first() && !later.is_first() && !same.is_first());
        assert_eq!(line.ahead_of(now + Duration::from_secs(5)), 2);
        drop(sooner);
        assert!(same.is_first());
        drop(same);
        later.changed().await;
        assert!(later.is_first());
    }
}
