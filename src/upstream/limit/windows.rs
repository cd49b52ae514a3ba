//! The windows of a lane that are shorter than a day.
//!
//! Two rules hold for each, and each does one thing:
//!
//! * **The count.** A call goes only when fewer than `count` went in the stretch of `per` that ends with it. This is
//!   the promise to the insurer; it is read from the log of what went, so it is exact whatever was changed.
//! * **The pace.** After a burst calls go one every `per / count` (GCRA), so that an insurer does not get a minute's
//!   calls in its first second. It promises nothing, so a call that comes a little late does not move the next one:
//!   the whole quota can be used.
//!
//! Two calls do not travel equally long: one may open a connection first. So a stretch is held a hundredth longer
//! than it is, and at most [`TRAVEL`].

use std::time::Duration;

use tokio::time::Instant;

use super::admissions::Admissions;
use crate::config::RateLimit;

/// How much longer than the call before it a call may travel without the insurer counting one too many.
pub(super) const TRAVEL: Duration = Duration::from_millis(20);
/// So late a call may be (timers, a busy machine) without moving those behind it.
const LATE: Duration = Duration::from_millis(50);

/// The windows of one lane, all of which hold, and what went.
#[derive(Debug, Clone)]
pub(super) struct Windows {
    windows: Vec<Window>,
    log: Admissions,
}

#[derive(Debug, Clone)]
struct Window {
    limit: RateLimit,
    /// The stretch that holds no more than the count.
    held: Duration,
    /// Between two calls once the burst is used up.
    interval: Duration,
    /// How much too early a call may come: the burst.
    tolerance: Duration,
    /// When the calls so far would have gone, one an interval; GCRA's theoretical arrival time.
    arrival: Instant,
}

// === impl Windows ===

impl Windows {
    /// Nothing has gone yet.
    pub(super) fn new(limits: &[RateLimit], now: Instant) -> Self {
        let mut new = Self { windows: Vec::new(), log: Admissions::since(now) };
        new.set(limits, now);
        new
    }

    /// These limits hold from `now` on; what went stays counted. Limits of a day are left out.
    pub(super) fn set(&mut self, limits: &[RateLimit], now: Instant) {
        let limits = limits.iter().filter(|limit| !limit.is_daily());
        self.windows = limits.map(|limit| Window::new(*limit, now)).collect();
        self.replay(now);
    }

    /// When a call could go that lets `ahead` others go first, and whose window that is. Exact for none ahead,
    /// never too late for more (other windows may hold the others up).
    pub(super) fn ready(&self, now: Instant, ahead: usize) -> (Instant, Option<RateLimit>) {
        let nth = u64::try_from(ahead).unwrap_or(u64::MAX).saturating_add(1);
        let mut ready = (now, None);
        for window in &self.windows {
            let at = window.paced(nth).max(window.counted(nth, now, &self.log));
            if at > ready.0 {
                ready = (at, Some(window.limit));
            }
        }
        ready
    }

    /// A call goes at `at`.
    pub(super) fn take(&mut self, at: Instant) {
        self.log.add(at);
        for window in &mut self.windows {
            window.advance(at, 1);
        }
    }

    /// A call that went at `at` did not go after all: as if it never had. False where none is known of then.
    pub(super) fn give_back(&mut self, at: Instant, now: Instant) -> bool {
        let known = self.log.remove(at);
        if known {
            self.replay(now);
        }
        known
    }

    /// How many went in the last `length`.
    pub(super) fn within(&self, length: Duration, now: Instant) -> u64 {
        now.checked_sub(length).map_or(0, |from| self.log.after(from))
    }

    /// How many went after `moment`, of the last hour.
    pub(super) fn after(&self, moment: Instant) -> u64 {
        self.log.after(moment)
    }

    /// The paces as they would be if these limits had always held. Only the calls of the last stretch matter, and
    /// of those no more than may be in it: older debts are none that an insurer knows of.
    fn replay(&mut self, now: Instant) {
        for window in &mut self.windows {
            let from = now.checked_sub(window.held).unwrap_or(now);
            let calls = self.log.last(window.limit.count.into(), from);
            window.arrival = calls.first().map_or(now, |(first, _)| *first);
            calls.into_iter().for_each(|(at, count)| window.advance(at, count));
        }
    }
}

// === impl Window ===

impl Window {
    fn new(limit: RateLimit, now: Instant) -> Self {
        let interval = limit.per / limit.count.max(1);
        let tolerance = interval.saturating_mul(limit.burst.saturating_sub(1)) + LATE.min(interval / 2);
        Self { limit, held: limit.per + TRAVEL.min(limit.per / 100), interval, tolerance, arrival: now }
    }

    /// So many calls go at `at`.
    fn advance(&mut self, at: Instant, count: u32) {
        self.arrival = self.arrival.max(at) + self.interval.saturating_mul(count);
    }

    /// When the `nth` call from now could go for the pace's sake.
    fn paced(&self, nth: u64) -> Instant {
        let before = u32::try_from(nth - 1).unwrap_or(u32::MAX);
        let at = self.arrival + self.interval.saturating_mul(before);
        at.checked_sub(self.tolerance).unwrap_or(at)
    }

    /// When the `nth` call from now could go for the count's sake: when as many as the count lie a stretch back.
    fn counted(&self, nth: u64, now: Instant, log: &Admissions) -> Instant {
        let count = u64::from(self.limit.count.max(1));
        let (stretches, rest) = ((nth - 1) / count, (nth - 1) % count);
        let free = log.newest(count - rest).map_or(now, |at| (at + self.held).max(now));
        free + self.held.saturating_mul(u32::try_from(stretches).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(texts: &[&str]) -> Vec<RateLimit> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    /// Takes as fast as the windows allow for `calls` calls, from `at` on; when each went.
    fn go(windows: &mut Windows, mut at: Instant, calls: usize) -> Vec<Instant> {
        let next = |_| {
            at = windows.ready(at, 0).0;
            windows.take(at);
            at
        };
        (0..calls).map(next).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_burst_calls_are_paced_and_the_whole_quota_is_used() {
        let zero = Instant::now();
        let mut windows = Windows::new(&limits(&["200/min burst 20"]), zero);
        let at = go(&mut windows, zero, 2_000);
        assert!(at[19] == zero && at[20] > zero, "the burst, and then one after another");
        assert!(at[40] - at[20] >= Duration::from_secs(5));
        // Ten minutes' quota lasts for no more than ten minutes.
        assert!(at[1_999] - zero <= Duration::from_secs(600), "{:?}", at[1_999] - zero);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slower_limit_counts_what_went_and_asks_for_no_older_debts() {
        let zero = Instant::now();
        let mut windows = Windows::new(&limits(&["100/s"]), zero);
        let last = *go(&mut windows, zero, 1_000).last().unwrap();
        windows.set(&limits(&["1/s"]), last);
        let ready = windows.ready(last, 0);
        assert_eq!(ready, (last + Duration::from_millis(1_010), Some(limits(&["1/s"])[0])));
        windows.set(&limits(&["900/min"]), last);
        // The last 900 began to go nine seconds ago: the first of them is a minute back in 51.
        let wait = windows.ready(last, 0).0 - last;
        assert!((50..52).contains(&wait.as_secs()), "{wait:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_given_back_never_went() {
        let zero = Instant::now();
        let mut windows = Windows::new(&limits(&["5/s", "7/min", "1000/h burst 3"]), zero);
        let at = go(&mut windows, zero, 7);
        let before = windows.clone();
        let next = go(&mut windows, at[6], 1)[0];
        windows.give_back(next, next);
        for ahead in 0..20 {
            assert_eq!(windows.ready(next, ahead), before.ready(next, ahead), "{ahead}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_moment_of_one_further_back_is_that_at_which_it_then_goes() {
        let zero = Instant::now();
        for text in ["5/s", "7/s burst 7", "60/min burst 4"] {
            let mut windows = Windows::new(&limits(&[text]), zero);
            let start = *go(&mut windows, zero, 3).last().unwrap();
            let told: Vec<Instant> = (0..30).map(|ahead| windows.ready(start, ahead).0).collect();
            let went = go(&mut windows, start, 30);
            for (told, went) in told.into_iter().zip(went) {
                assert!(
                    told <= went && went - told <= Duration::from_millis(100),
                    "{text}: {told:?} {went:?}"
                );
            }
        }
    }
}
