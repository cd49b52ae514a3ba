//! How many calls of a lane may be under way at once.
//!
//! A permit is taken before anything else and held until the reply is complete. Waiters are served in the order of
//! the lane's line: by class, then by least slack. The number may be changed while calls are under way: fewer
//! take effect as permits come back.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::line::Line;
use crate::upstream::budget::Rank;

/// The permits of one lane.
#[derive(Debug)]
pub struct Permits {
    count: Mutex<Count>,
    line: Line,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    allowed: u32,
    held: u32,
}

/// Leave for one call to be under way; given back when dropped.
#[derive(Debug)]
pub struct Permit<'a>(&'a Permits);

/// No permit became free in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no permit became free in time: too many calls were under way")]
pub struct NoPermit;

// === impl Permits ===

impl Permits {
    /// So many at once.
    pub fn new(concurrent: u32) -> Self {
        Self { count: Mutex::new(Count { allowed: concurrent, held: 0 }), line: Line::default() }
    }

    /// So many at once from now on. Calls that are under way go on: where there are more, the next one leaves when
    /// enough have come back.
    pub fn set(&self, concurrent: u32) {
        self.lock().allowed = concurrent;
        self.line.wake_first();
    }

    /// How many may be under way at once.
    pub fn allowed(&self) -> u32 {
        self.lock().allowed
    }

    /// How many are under way.
    pub fn held(&self) -> u32 {
        self.lock().held
    }

    /// How many wait for one.
    pub fn waiting(&self) -> usize {
        self.line.len()
    }

    /// Waits for a permit until `latest`, in the order of `rank`.
    pub async fn acquire(&self, rank: Rank, latest: Instant) -> Result<Permit<'_>, NoPermit> {
        if self.line.is_empty()
            && let Some(permit) = self.try_acquire()
        {
            return Ok(permit);
        }
        let place = self.line.join(rank, latest);
        loop {
            if place.is_first()
                && let Some(permit) = self.try_acquire()
            {
                return Ok(permit);
            }
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(latest) => return Err(NoPermit),
                () = place.changed() => {}
            }
        }
    }

    fn try_acquire(&self) -> Option<Permit<'_>> {
        let mut count = self.lock();
        if count.held >= count.allowed {
            return None;
        }
        count.held += 1;
        Some(Permit(self))
    }

    fn lock(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Permit ===

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut count = self.0.lock();
        count.held = count.held.saturating_sub(1);
        drop(count);
        self.0.line.wake_first();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::future::join_all;

    use super::*;
    use crate::upstream::budget::Class;

    fn soon() -> (Rank, Instant) {
        let by = Instant::now() + Duration::from_secs(5);
        (Rank { class: Class::Quote, by }, by)
    }

    #[tokio::test(start_paused = true)]
    async fn a_permit_is_waited_for_and_given_back() {
        let (permits, (rank, latest)) = (Permits::new(1), soon());
        let held = permits.acquire(rank, latest).await.unwrap();
        assert_eq!(permits.acquire(rank, latest).await.err(), Some(NoPermit));
        drop(held);
        assert!(permits.acquire(rank, latest).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn fewer_permits_take_effect_as_they_come_back() {
        let (permits, (rank, latest)) = (Permits::new(3), soon());
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(permits.acquire(rank, latest).await.unwrap());
        }
        permits.set(1);
        held.truncate(1);
        assert_eq!((permits.held(), permits.allowed()), (1, 1));
        assert_eq!(permits.acquire(rank, latest).await.err(), Some(NoPermit));
        held.clear();
        let (rank, latest) = soon();
        assert!(permits.acquire(rank, latest).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn more_permits_let_all_go_who_wait_for_them() {
        let (permits, (rank, latest)) = (Permits::new(1), soon());
        let held = permits.acquire(rank, latest).await.unwrap();
        let start = Instant::now();
        let waiting =
            join_all((0..4).map(|_| async { permits.acquire(rank, latest).await.map(std::mem::forget) }));
        let more = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            permits.set(5);
        };
        let (waited, ()) = tokio::join!(waiting, more);
        assert!(waited.iter().all(Result::is_ok), "{waited:?}");
        assert_eq!((start.elapsed(), permits.held()), (Duration::from_secs(1), 5));
        drop(held);
    }
}
