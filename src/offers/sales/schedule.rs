//! When a sale is sent again, and until when.
//!
//! The pause before the next attempt doubles with each one, from `sales.pause` up to `sales.longest_pause`,
//! and is shortened by up to a fifth by chance, so that sales that failed together do not come back together.
//! A partner's `Retry-After` makes it longer, never longer than the longest. The last attempt is at
//! `sales.give_up_after` after the payment; what fails then or later is given up.
//!
//! Times are those of the wall clock, because they outlive the process. Whoever finds a sale that waits for
//! a time further ahead than any pause is long knows that the clock was set back since, and need not wait.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::config::SalesConfig;

/// The times of `[sales]`.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    first: Duration,
    longest: Duration,
    give_up_after: Duration,
}

/// By how much a pause is shortened at most.
const JITTER: f64 = 0.2;
/// A partner that fails is left alone no longer, unless it asks for that: otherwise sales that come when it
/// is well again would wait for nothing.
const LONGEST_REST: Duration = Duration::from_secs(60);

// === impl Schedule ===

impl Schedule {
    pub(super) fn new(config: &SalesConfig) -> Self {
        Self { first: config.pause, longest: config.longest_pause, give_up_after: config.give_up_after }
    }

    /// The pause after that many attempts (1 and more); `chance` is from 0 to below 1.
    fn pause(&self, attempts: i64, chance: f64) -> Duration {
        let doublings = u32::try_from(attempts.saturating_sub(1).clamp(0, 31)).unwrap_or(0);
        let grown = self.first.saturating_mul(1 << doublings).min(self.longest);
        grown.mul_f64(1.0 - JITTER * chance)
    }

    /// When a sale that was paid at `paid` is sent again after that many attempts, the last of which failed
    /// at `now`; none where it is given up. `asked` is how long the partner asks to be left alone.
    pub(super) fn next(
        &self,
        paid: Timestamp,
        attempts: i64,
        asked: Option<Duration>,
        now: Timestamp,
        chance: f64,
    ) -> Option<Timestamp> {
        let last = after(paid, self.give_up_after);
        let pause = self.pause(attempts, chance).max(asked.unwrap_or_default()).min(self.longest);
        (now < last).then(|| after(now, pause).min(last))
    }

    /// No sale waits beyond it, unless the clock was set back. A fifth more than the longest pause, so that a
    /// clock that is put right by a little brings nothing forward.
    pub(super) fn farthest(&self, now: Timestamp) -> Timestamp {
        after(now, self.longest.saturating_add(self.longest / 5))
    }

    /// How long a partner is left alone after that many rounds in a row in which it failed.
    pub(super) fn rest(&self, failures: u32, asked: Option<Duration>, chance: f64) -> Duration {
        let rest = self.pause(failures.into(), chance).min(LONGEST_REST);
        rest.max(asked.unwrap_or_default().min(self.longest))
    }
}

fn after(at: Timestamp, pause: Duration) -> Timestamp {
    let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
    at.saturating_add(pause).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn schedule(first_ms: u64, longest_ms: u64, give_up_ms: u64) -> Schedule {
        Schedule {
            first: Duration::from_millis(first_ms),
            longest: Duration::from_millis(longest_ms),
            give_up_after: Duration::from_millis(give_up_ms),
        }
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let schedule = schedule(5_000, 3_600_000, 0);
        let seconds: Vec<u64> =
            [0, 1, 2, 3, 10, 11, 400, i64::MAX].map(|tries| schedule.pause(tries, 0.0).as_secs()).into();
        assert_eq!(seconds, [5, 5, 10, 20, 2560, 3600, 3600, 3600]);
        assert_eq!(schedule.pause(2, 0.5), Duration::from_secs(9));
    }

    #[test]
    fn the_last_attempt_is_at_the_end_and_none_comes_after_it() {
        let schedule = schedule(5_000, 3_600_000, 60_000);
        let next = |now| schedule.next(at(0), 4, None, at(now), 0.0);
        assert_eq!(next(10_000), Some(at(50_000)));
        assert_eq!(next(30_000), Some(at(60_000)));
        assert_eq!(next(59_999), Some(at(60_000)));
        assert_eq!(next(60_000), None);
        assert_eq!(next(90_000), None);
    }

    #[test]
    fn a_partner_may_ask_for_more_but_not_for_too_much() {
        let schedule = schedule(5_000, 3_600_000, 1_000_000_000);
        let asked = |seconds| Some(Duration::from_secs(seconds));
        let next = |asked| schedule.next(at(0), 1, asked, at(0), 0.0);
        assert_eq!(next(asked(120)), Some(at(120_000)));
        assert_eq!(next(asked(1)), Some(at(5_000)));
        assert_eq!(next(asked(u64::MAX)), Some(at(3_600_000)));
        let rest = |failures, asked| schedule.rest(failures, asked, 0.0).as_secs();
        assert_eq!([rest(1, None), rest(3, None), rest(90, None)], [5, 20, 60]);
        assert_eq!([rest(1, asked(120)), rest(1, asked(1)), rest(1, asked(9_999))], [120, 5, 3600]);
    }

    #[test]
    fn no_pause_reaches_the_farthest_time() {
        let schedule = schedule(5_000, 3_600_000, 1_000_000_000);
        let longest = schedule.next(at(0), 400, Some(Duration::MAX), at(1_000), 0.0).unwrap();
        assert_eq!((longest, schedule.farthest(at(1_000))), (at(3_601_000), at(4_321_000)));
        assert_eq!(Schedule { longest: Duration::MAX, ..schedule }.farthest(at(0)), Timestamp::MAX);
    }

    proptest! {
        #[test]
        fn pauses_grow_within_their_bounds(
            first in 1..100_000_u64,
            more in 0..10_000_000_u64,
            attempts in 1..60_i64,
            chances in (0.0..1.0_f64, 0.0..1.0_f64),
        ) {
            let schedule = schedule(first, first + more, 0);
            let pause = schedule.pause(attempts, chances.0);
            prop_assert!(pause <= schedule.longest);
            prop_assert!(pause > schedule.first.mul_f64(1.0 - JITTER) - Duration::from_nanos(1));
            let next = schedule.pause(attempts + 1, chances.1);
            // At the longest only chance is left.
            let half = schedule.longest.mul_f64((1.0 - JITTER) / 2.0);
            prop_assert!(next > pause || pause >= half, "{pause:?} {next:?}");
        }

        #[test]
        fn every_next_attempt_is_later_and_none_is_beyond_the_end(
            give_up in 1..1_000_000_000_u64,
            since in 0..2_000_000_000_i64,
            attempts in 1..100_i64,
            asked in prop::option::of(0..10_000_u64),
            chance in 0.0..1.0_f64,
        ) {
            let schedule = schedule(5_000, 3_600_000, give_up);
            let (paid, now) = (at(1_700_000_000_000), at(1_700_000_000_000 + since));
            let last = after(paid, schedule.give_up_after);
            match schedule.next(paid, attempts, asked.map(Duration::from_secs), now, chance) {
                Some(next) => prop_assert!(now < next && next <= last),
                None => prop_assert!(now >= last),
            }
        }
    }
}
