//! How many calls of a lane may be under way at once.
//!
//! A permit is taken before anything else and held until the reply is complete. Waiters are served by
//! least slack, as in [`Line`].

use std::sync::atomic::{AtomicU32, Ordering};

use tokio::time::Instant;

use super::line::Line;

/// The permits of one lane.
#[derive(Debug)]
pub struct Permits {
    free: AtomicU32,
    line: Line,
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
        Self { free: AtomicU32::new(concurrent), line: Line::default() }
    }

    /// Waits for a permit until `latest`, in the order of `deadline`.
    pub async fn acquire(&self, deadline: Instant, latest: Instant) -> Result<Permit<'_>, NoPermit> {
        if self.line.is_empty()
            && let Some(permit) = self.try_acquire()
        {
            return Ok(permit);
        }
        let place = self.line.join(deadline);
        loop {
            if place.is_first()
                && let Some(permit) = self.try_acquire()
            {
                return Ok(permit);
            }
            tokio::select! {
                () = tokio::time::sleep_until(latest) => return Err(NoPermit),
                () = place.changed() => {}
            }
        }
    }

    fn try_acquire(&self) -> Option<Permit<'_>> {
        let take = |free: u32| free.checked_sub(1);
        self.free.fetch_update(Ordering::AcqRel, Ordering::Acquire, take).ok().map(|_| Permit(self))
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.free.fetch_add(1, Ordering::AcqRel);
        self.0.line.wake_first();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_permit_is_waited_for_and_given_back() {
        let permits = Permits::new(1);
        let soon = Instant::now() + Duration::from_secs(5);
        let held = permits.acquire(soon, soon).await.unwrap();
        assert_eq!(permits.acquire(soon, soon).await.err(), Some(NoPermit));
        drop(held);
        assert!(permits.acquire(soon, soon).await.is_ok());
    }
}
