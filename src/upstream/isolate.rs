//! One adapter's fault stays one adapter's fault.
//!
//! An adapter's step is a plain function. It runs on the blocking pool, so a panic ends as an error with
//! the insurer's name on it, and an endless loop costs one pool thread instead of the runtime. An
//! insurer has [`THREADS`] places there and no more, so its loops cannot take the others' threads; with
//! all of them hanging it is not stepped again until one comes back. The clock of a step starts when the
//! step does: a busy pool is not the adapter's fault.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Semaphore, time::Instant};

use crate::blocking;

/// So many steps of one insurer may run at once, and so many may hang.
pub const THREADS: usize = 8;

/// Runs the steps of one insurer.
#[derive(Debug, Clone)]
pub struct Isolation {
    limit: Duration,
    places: Arc<Semaphore>,
    stuck: Arc<AtomicUsize>,
}

/// Why a step gave no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StepLost {
    /// It panicked. The message stays out: it may quote personal data.
    #[error("the adapter panicked; the place is in the log")]
    Panicked,
    /// It did not return in time.
    #[error("the adapter's step did not return in time")]
    Hung,
    /// Too many earlier steps are still hanging.
    #[error("{THREADS} earlier steps of the adapter are still hanging")]
    Quarantined,
}

// === impl Isolation ===

impl Isolation {
    /// A step that runs longer than `limit` counts as hanging.
    pub fn new(limit: Duration) -> Self {
        Self { limit, places: Arc::new(Semaphore::new(THREADS)), stuck: Arc::default() }
    }

    /// How many steps are hanging now.
    pub fn stuck(&self) -> usize {
        self.stuck.load(Ordering::Relaxed)
    }

    /// Runs one step.
    pub async fn run<T: Send + 'static>(
        &self,
        step: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StepLost> {
        let place = self.place().await?;
        let started = Arc::new(OnceLock::new());
        let mut running = blocking::run({
            let started = started.clone();
            move || {
                // Given back when the thread is, however the step ends.
                let _place = place;
                started.get_or_init(Instant::now);
                step()
            }
        });
        loop {
            let so_far = started.get().map_or(Duration::ZERO, Instant::elapsed);
            match tokio::time::timeout(self.limit.saturating_sub(so_far), &mut running).await {
                Ok(Ok(result)) => return Ok(result),
                Ok(Err(_)) => return Err(StepLost::Panicked),
                Err(_) if started.get().is_some_and(|start| start.elapsed() >= self.limit) => break,
                Err(_) => {}
            }
        }
        self.stuck.fetch_add(1, Ordering::Relaxed);
        let stuck = self.stuck.clone();
        tokio::spawn(async move {
            // However it ends, its thread is back.
            let _ = running.await;
            stuck.fetch_sub(1, Ordering::Relaxed);
        });
        Err(StepLost::Hung)
    }

    /// Steps take microseconds, so a place is there at once unless all of them hang.
    async fn place(&self) -> Result<tokio::sync::OwnedSemaphorePermit, StepLost> {
        if self.stuck() >= THREADS {
            return Err(StepLost::Quarantined);
        }
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Ok(place);
        }
        let place = self.places.clone().acquire_owned();
        match tokio::time::timeout(self.limit, place).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(StepLost::Quarantined),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error() {
        let isolation = Isolation::new(Duration::from_secs(5));
        let lost = isolation.run(|| panic!("invented")).await;
        assert_eq!(lost, Err::<(), _>(StepLost::Panicked));
        assert_eq!(isolation.run(|| 7).await, Ok(7));
    }

    #[tokio::test]
    async fn hanging_steps_are_left_and_at_last_refused() {
        let isolation = Isolation::new(Duration::from_millis(1));
        let mut release = Vec::new();
        for _ in 0..THREADS {
            let (sender, receiver) = mpsc::channel::<()>();
            release.push(sender);
            let lost = isolation.run(move || receiver.recv().is_ok()).await;
            assert_eq!(lost, Err(StepLost::Hung));
        }
        assert_eq!(isolation.run(|| true).await, Err(StepLost::Quarantined));
        drop(release);
        while isolation.stuck() > 0 {
            tokio::task::yield_now().await;
        }
        let again = Isolation { limit: Duration::from_secs(5), ..isolation };
        assert_eq!(again.run(|| true).await, Ok(true));
    }
}
