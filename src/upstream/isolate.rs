//! One adapter's fault stays one adapter's fault.
//!
//! An adapter's step is a plain function. It runs on the blocking pool, so a panic ends as an error with
//! the insurer's name on it, and an endless loop costs one pool thread instead of the runtime. An
//! insurer with [`MOST_STUCK`] threads lost in this way is not stepped again until one comes back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// So many steps of one insurer may hang before no more are begun.
pub const MOST_STUCK: u32 = 4;

/// Runs the steps of one insurer.
#[derive(Debug, Clone)]
pub struct Isolation {
    limit: Duration,
    stuck: Arc<AtomicU32>,
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
    #[error("{MOST_STUCK} earlier steps of the adapter are still hanging")]
    Quarantined,
}

// === impl Isolation ===

impl Isolation {
    /// A step that runs longer than `limit` counts as hanging.
    pub fn new(limit: Duration) -> Self {
        Self { limit, stuck: Arc::default() }
    }

    /// How many steps are hanging now.
    pub fn stuck(&self) -> u32 {
        self.stuck.load(Ordering::Relaxed)
    }

    /// Runs one step.
    pub async fn run<T: Send + 'static>(
        &self,
        step: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StepLost> {
        if self.stuck() >= MOST_STUCK {
            return Err(StepLost::Quarantined);
        }
        let mut running = tokio::task::spawn_blocking(step);
        match tokio::time::timeout(self.limit, &mut running).await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(_)) => Err(StepLost::Panicked),
            Err(_) => {
                self.stuck.fetch_add(1, Ordering::Relaxed);
                let stuck = self.stuck.clone();
                tokio::spawn(async move {
                    // However it ends, its thread is back.
                    let _ = running.await;
                    stuck.fetch_sub(1, Ordering::Relaxed);
                });
                Err(StepLost::Hung)
            }
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
        for _ in 0..MOST_STUCK {
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
