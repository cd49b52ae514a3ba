//! Moments that limits count in: the runtime's, or those of a row that replicas share.

use std::{fmt::Debug, ops::Add, time::Duration};

use tokio::time::Instant;

/// A moment on some clock.
pub(super) trait Moment: Copy + Ord + Debug + Add<Duration, Output = Self> {
    /// So much earlier; none before the clock's beginning.
    fn back(self, length: Duration) -> Option<Self>;

    /// How long after `earlier`; nothing where it is before.
    fn since(self, earlier: Self) -> Duration;
}

/// A moment on the clock of a shared row: microseconds, about those since 1970 on the database's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowTime(pub(super) i64);

// === impl Instant ===

impl Moment for Instant {
    fn back(self, length: Duration) -> Option<Self> {
        self.checked_sub(length)
    }

    fn since(self, earlier: Self) -> Duration {
        self.saturating_duration_since(earlier)
    }
}

// === impl RowTime ===

impl Moment for RowTime {
    fn back(self, length: Duration) -> Option<Self> {
        Some(Self(self.0.saturating_sub(micros(length))))
    }

    fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Add<Duration> for RowTime {
    type Output = Self;

    fn add(self, length: Duration) -> Self {
        Self(self.0.saturating_add(micros(length)))
    }
}

/// In whole microseconds, rounded up: what is counted later than it was holds others up, and lets nothing through.
pub(super) fn micros(length: Duration) -> i64 {
    i64::try_from(length.as_nanos().div_ceil(1_000)).unwrap_or(i64::MAX)
}
