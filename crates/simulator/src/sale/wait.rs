//! Something that is not ready at once.

use std::time::{Duration, Instant};

/// Ready not before a moment, and not before so many askings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wait {
    not_before: Instant,
    askings_left: u32,
}

/// Things become ready this much before their latency, which lies on a grid: so a caller that asks on the
/// same grid finds them ready every time, or never.
const BEFORE_THE_GRID: Duration = Duration::from_millis(250);

// === impl Wait ===

impl Wait {
    /// Over after that time, and no sooner than at the `askings`-th asking.
    pub(crate) fn new(latency: Duration, askings: u32) -> Self {
        let not_before = Instant::now() + latency.saturating_sub(BEFORE_THE_GRID);
        Self { not_before, askings_left: askings }
    }

    /// Counts an asking and tells whether it is over.
    pub(crate) fn ask(&mut self) -> bool {
        self.askings_left = self.askings_left.saturating_sub(1);
        self.is_over()
    }

    /// How many askings it takes from here on, whatever the time.
    pub(crate) fn askings_left(&self) -> u32 {
        self.askings_left
    }

    /// Whether it is over, without asking.
    pub(crate) fn is_over(&self) -> bool {
        self.askings_left == 0 && self.not_before <= Instant::now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn askings_are_counted_and_what_is_over_stays_over() {
        let mut wait = Wait::new(Duration::ZERO, 2);
        assert!(!wait.is_over());
        assert_eq!([wait.ask(), wait.ask(), wait.ask()], [false, true, true]);
        assert!(wait.is_over());
        assert!(Wait::new(Duration::ZERO, 0).is_over());
    }

    #[test]
    fn no_number_of_askings_shortens_the_latency() {
        let mut wait = Wait::new(Duration::from_secs(600), 1);
        assert!((0..10).all(|_| !wait.ask()));
    }
}
