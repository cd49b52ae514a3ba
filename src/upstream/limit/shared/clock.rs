//! The clock of a row on the runtime's.
//!
//! The database was asked for its time between two moments of ours. Where in between it looked is not known, so each
//! use takes the side on which a call is late and never early.

use std::time::Duration;

use tokio::time::Instant;

use super::super::moment::{Moment, RowTime};

/// How much faster one clock may go than another: a five thousandth.
const DRIFT: u32 = 5_000;
/// What a clock may be ahead besides: far less than a stretch is held too long.
const AHEAD: Duration = Duration::from_millis(1);

/// One look at a row's clock.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Clock {
    /// When it was asked for.
    pub(in super::super) sent: Instant,
    /// When the answer was there.
    pub(in super::super) received: Instant,
    /// What it showed in between.
    pub(in super::super) row: RowTime,
}

// === impl Clock ===

impl Clock {
    /// When that moment is certainly there.
    pub(in super::super) fn local(&self, at: RowTime) -> Instant {
        let (later, earlier) = (at.since(self.row), self.row.since(at));
        (self.received + later).checked_sub(earlier).unwrap_or(self.received)
    }

    /// What the row's clock shows at most at `now`.
    pub(in super::super) fn latest(&self, now: Instant) -> RowTime {
        self.row + now.saturating_duration_since(self.sent)
    }

    /// What it may show at `now` at most, long after it was asked for.
    pub(in super::super) fn bound(&self, now: Instant) -> RowTime {
        self.latest(now) + self.age(now) / DRIFT + AHEAD
    }

    /// Whether `newer` tells no less.
    pub(in super::super) fn gives_way(&self, newer: &Clock) -> bool {
        newer.width() <= self.width() + self.age(newer.received) / DRIFT
    }

    fn width(&self) -> Duration {
        self.received.saturating_duration_since(self.sent)
    }

    fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.received)
    }
}
