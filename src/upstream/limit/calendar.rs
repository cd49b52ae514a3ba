//! Moscow's calendar days on the runtime's clock.
//!
//! The engine's clock only goes forward and tests can pause it; which day it is only the wall clock knows. It is
//! asked anew each time, because it may be set while the gateway runs.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, civil::Date};
use tokio::time::Instant;

use crate::telemetry;

/// Where days are read from.
#[derive(Debug, Clone, Copy, Default)]
pub enum Calendar {
    /// The wall clock.
    #[default]
    Wall,
    /// A clock that showed this at that moment, and goes with the runtime's: for tests.
    From(Instant, Timestamp),
}

/// A calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Which.
    pub date: Date,
    /// When it is over.
    pub ends: Instant,
}

// === impl Calendar ===

impl Calendar {
    /// The day that `at` belongs to.
    pub fn day(&self, at: Instant) -> Day {
        let time = self.time(at);
        let left = telemetry::next_moscow_midnight(time).duration_since(time);
        // A midnight that cannot be told is looked for again in an hour.
        let left = Duration::try_from(left).unwrap_or(Duration::from_secs(3_600));
        Day { date: telemetry::moscow_date(time), ends: at + left }
    }

    fn time(&self, at: Instant) -> Timestamp {
        let (zero, shown) = match self {
            Calendar::Wall => (Instant::now(), telemetry::now()),
            Calendar::From(zero, shown) => (*zero, *shown),
        };
        let signed = |duration: Duration| SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        let later = shown.saturating_add(signed(at.saturating_duration_since(zero))).unwrap_or(shown);
        later.saturating_sub(signed(zero.saturating_duration_since(at))).unwrap_or(later)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_day_ends_at_moscow_midnight() {
        let zero = Instant::now() + Duration::from_secs(1_000);
        let calendar = Calendar::From(zero, "2026-11-20T20:59:30Z".parse().unwrap());
        let today = calendar.day(zero);
        assert_eq!(
            (today.date.to_string().as_str(), today.ends - zero),
            ("2026-11-20", Duration::from_secs(30))
        );
        let tomorrow = calendar.day(today.ends);
        assert_eq!(tomorrow.date.to_string(), "2026-11-21");
        assert_eq!(tomorrow.ends - today.ends, Duration::from_secs(86_400));
        assert_eq!(calendar.day(zero - Duration::from_secs(900)).date, today.date);
    }
}
