//! How many calls of the last while were good, and how many bad.
//!
//! The window moves in tenths of itself, so what is looked at is between nine and ten tenths of it.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// The parts that a window moves by.
const PARTS: u32 = 10;

/// The calls of one window.
#[derive(Debug)]
pub(super) struct Recent {
    part: Duration,
    parts: VecDeque<Part>,
}

#[derive(Debug)]
struct Part {
    from: Instant,
    calls: Calls,
}

/// Counted calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Calls {
    /// All.
    pub of: u32,
    /// Those that failed.
    pub failed: u32,
}

// === impl Recent ===

impl Recent {
    pub(super) fn new(window: Duration) -> Self {
        Self { part: window / PARTS, parts: VecDeque::new() }
    }

    pub(super) fn add(&mut self, now: Instant, failed: bool) {
        self.forget(now);
        if self.parts.back().is_none_or(|last| now.duration_since(last.from) >= self.part) {
            self.parts.push_back(Part { from: now, calls: Calls::default() });
        }
        if let Some(Part { calls, .. }) = self.parts.back_mut() {
            calls.of = calls.of.saturating_add(1);
            calls.failed = calls.failed.saturating_add(u32::from(failed));
        }
    }

    pub(super) fn count(&mut self, now: Instant) -> Calls {
        self.forget(now);
        self.parts.iter().fold(Calls::default(), |sum, part| Calls {
            of: sum.of.saturating_add(part.calls.of),
            failed: sum.failed.saturating_add(part.calls.failed),
        })
    }

    fn forget(&mut self, now: Instant) {
        let window = self.part * PARTS;
        while self.parts.front().is_some_and(|first| now.duration_since(first.from) >= window) {
            self.parts.pop_front();
        }
    }
}

// === impl Calls ===

impl Calls {
    /// Whether at least `percent` of a hundred failed.
    pub(super) fn failed_by(self, percent: u32) -> bool {
        u64::from(self.failed) * 100 >= u64::from(self.of) * u64::from(percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_the_window_is_forgotten() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let mut recent = Recent::new(10 * second);
        for (at, failed) in [(0, true), (1, false), (5, true), (5, false)] {
            recent.add(start + at * second, failed);
        }
        let mut at = |seconds: u32| recent.count(start + seconds * second);
        assert_eq!(at(9), Calls { of: 4, failed: 2 });
        assert_eq!(at(10), Calls { of: 3, failed: 1 });
        assert_eq!(at(11), Calls { of: 2, failed: 1 });
        assert_eq!(at(15), Calls::default());
    }

    #[test]
    fn a_share_is_of_all_calls() {
        let calls = Calls { of: 30, failed: 18 };
        assert!(calls.failed_by(60) && !calls.failed_by(61));
    }
}
