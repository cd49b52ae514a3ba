//! When the next request may leave.
//!
//! The partner promises a pace; a rehearsal that is faster would find limits that the partner never meets.

use std::time::Duration;

use tokio::time::Instant;

/// The least time between two requests, and when the last one left.
#[derive(Debug)]
pub(super) struct Pace {
    pace: Duration,
    sent: Option<Instant>,
    rest: Duration,
}

// === impl Pace ===

impl Pace {
    /// Nothing sent yet.
    pub fn new(pace: Duration) -> Self {
        Self { pace, sent: None, rest: Duration::ZERO }
    }

    /// The least time between two requests.
    pub fn get(&self) -> Duration {
        self.pace
    }

    /// Lets at least so long pass between the last request and the next one, once.
    pub fn rest(&mut self, pause: Duration) {
        self.rest = pause;
    }

    /// The earliest moment of the next request; none where it may leave at once.
    pub fn turn(&self) -> Option<Instant> {
        self.sent.map(|sent| sent + self.pace.max(self.rest))
    }

    /// A request leaves now.
    pub fn leaves(&mut self, now: Instant) {
        (self.sent, self.rest) = (Some(now), Duration::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_never_closer_than_the_pace() {
        let second = Duration::from_secs(1);
        let mut pace = Pace::new(second);
        assert_eq!(pace.turn(), None);
        let start = Instant::now();
        pace.leaves(start);
        assert_eq!(pace.turn(), Some(start + second));
        pace.rest(second / 2);
        assert_eq!(pace.turn(), Some(start + second));
        pace.rest(second * 5);
        assert_eq!(pace.turn(), Some(start + second * 5));
        pace.leaves(start + second * 7);
        assert_eq!(pace.turn(), Some(start + second * 8));
    }
}
