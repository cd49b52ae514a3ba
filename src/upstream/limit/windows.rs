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
//!
//! Windows that replicas share differ in two things. Moments are given out ahead ([`Kind::Shared`]), and a call may
//! leave a little after its own ([`Windows::grace`]): a stretch is held so much longer. And while some replicas cannot
//! speak with the others, each side has a part of what is left ([`Share`]).

use std::time::Duration;

use tokio::time::Instant;

use super::{admissions::Admissions, moment::Moment};
use crate::config::RateLimit;

/// How much longer than the call before it a call may travel without the insurer counting one too many.
pub(super) const TRAVEL: Duration = Duration::from_millis(20);
/// So late a call may be (timers, a busy machine) without moving those behind it.
const LATE: Duration = Duration::from_millis(50);

/// A call leaves at most so late after a moment that was given out: a two hundredth of the shortest window, and
/// never more than this.
const GRACE: Duration = Duration::from_millis(50);
/// Buckets of a log that is shared.
const SHARED_BUCKET: Duration = Duration::from_secs(10);
/// So long at least nothing goes where the share is nothing: nobody knows when it will be more.
const NOTHING: Duration = Duration::from_secs(60);
/// What comes after a moment.
const NEXT: Duration = Duration::from_micros(1);

/// The windows of one lane, all of which hold, and what went.
#[derive(Debug, Clone)]
pub(super) struct Windows<T = Instant> {
    kind: Kind,
    windows: Vec<Window<T>>,
    log: Admissions<T>,
    share: Option<Share<T>>,
}

/// Whose calls they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of one gateway, which takes as it sends.
    Own,
    /// Of several, whose moments are given out ahead.
    Shared,
}

/// A part of what is left: of a window, beside the calls up to `after`, no more than `mine / of` of the rest. All who
/// have such a part of one window know at least the same calls up to a moment that is not before any one's `after`, so
/// together they never have more than the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share<T> {
    pub(super) mine: u32,
    pub(super) of: u32,
    pub(super) after: T,
}

#[derive(Debug, Clone)]
struct Window<T> {
    limit: RateLimit,
    /// The stretch that holds no more than the count.
    held: Duration,
    /// Between two calls once the burst is used up.
    interval: Duration,
    /// How much too early a call may come: the burst.
    tolerance: Duration,
    /// When the calls so far would have gone, one an interval; GCRA's theoretical arrival time.
    arrival: T,
}

// === impl Windows ===

impl<T: Moment> Windows<T> {
    /// Nothing has gone yet.
    pub(super) fn new(limits: &[RateLimit], now: T) -> Self {
        let mut new = Self::from_log(Kind::Own, Admissions::since(now));
        new.set(limits, now);
        new
    }

    /// The same, for replicas that share them.
    pub(super) fn shared(now: T) -> Self {
        Self::from_log(Kind::Shared, Admissions::with_buckets(now, SHARED_BUCKET))
    }

    fn from_log(kind: Kind, log: Admissions<T>) -> Self {
        Self { kind, windows: Vec::new(), log, share: None }
    }

    /// These limits hold from `now` on; what went stays counted. Limits of a day are left out.
    pub(super) fn set(&mut self, limits: &[RateLimit], now: T) {
        let limits = limits.iter().filter(|limit| !limit.is_daily());
        self.windows = limits.map(|limit| Window::new(*limit, now, self.kind)).collect();
        self.pace();
        self.replay(now);
    }

    /// The same, where they are others than now.
    pub(super) fn adapt(&mut self, limits: &[RateLimit], now: T) {
        let limits = limits.iter().filter(|limit| !limit.is_daily());
        if !limits.clone().eq(self.windows.iter().map(|window| &window.limit)) {
            let limits: Vec<RateLimit> = limits.copied().collect();
            self.set(&limits, now);
        }
    }

    /// From now on so much of what is left, or all.
    pub(super) fn set_share(&mut self, share: Option<Share<T>>) {
        if self.share != share {
            self.share = share;
            self.pace();
        }
    }

    /// Each limit, with what its pace has come to.
    pub(super) fn paces(&self) -> impl Iterator<Item = (RateLimit, T)> {
        self.windows.iter().map(|window| (window.limit, window.arrival))
    }

    /// The same, with a log, paces and a share as they were.
    pub(super) fn restore(
        zero: T,
        log: impl IntoIterator<Item = (T, u64)>,
        paces: impl IntoIterator<Item = (RateLimit, T)>,
        share: Option<Share<T>>,
    ) -> Self {
        let mut new = Self::shared(zero);
        log.into_iter().for_each(|(at, count)| new.log.add_many(at, count));
        let window = |(limit, arrival)| Window::new(limit, arrival, Kind::Shared);
        new.windows = paces.into_iter().map(window).collect();
        new.set_share(share);
        new
    }

    /// How late after its moment a call may leave.
    pub(super) fn grace(&self) -> Duration {
        self.windows.iter().map(|window| grace(window.limit)).min().unwrap_or(GRACE)
    }

    /// What went.
    pub(super) fn log(&self) -> &Admissions<T> {
        &self.log
    }

    /// When a call could go that lets `ahead` others go first, and whose window that is. Exact for none ahead,
    /// never too late for more (other windows may hold the others up).
    pub(super) fn ready(&self, now: T, ahead: usize) -> (T, Option<RateLimit>) {
        let nth = u64::try_from(ahead).unwrap_or(u64::MAX).saturating_add(1);
        let mut ready = (now, None);
        for window in &self.windows {
            let counted = match &self.share {
                None => window.counted(nth, now, &self.log),
                Some(share) => window.counted(nth, now, &self.log).max(window.shared(share, now, &self.log)),
            };
            let at = window.paced(nth).max(counted);
            if at > ready.0 {
                ready = (at, Some(window.limit));
            }
        }
        ready
    }

    /// A call goes at `at`.
    pub(super) fn take(&mut self, at: T) {
        self.log.add(at);
        for window in &mut self.windows {
            window.advance(at, 1);
        }
    }

    /// Counts so many at `at` that somebody may have let go. The pace is of what really went.
    pub(super) fn suppose(&mut self, at: T, count: u32) {
        self.log.add_many(at, count.into());
    }

    /// Counts so many at `now` as could have gone since `from` by the counts alone.
    pub(super) fn exhaust(&mut self, from: T, now: T) {
        // What went before the longest stretch that ends now is in no stretch to come.
        let Some(longest) = self.windows.iter().map(|window| window.held).max() else { return };
        let from = now.back(longest).map_or(from, |begins| begins.max(from));
        let (mut log, mut at, mut count) = (self.log.clone(), from, 0);
        loop {
            let free = |window: &Window<T>| window.counted(1, at, &log);
            at = self.windows.iter().map(free).max().map_or(at, |free| free.max(at));
            if at > now {
                break;
            }
            log.add(at);
            count += 1;
        }
        self.suppose(now, count);
    }

    /// How many calls at most go in `length` by the pace of that part of it.
    pub(super) fn at_most(&self, length: Duration, mine: u32, of: u32) -> u32 {
        let most = |window: &Window<T>| {
            let interval = window.limit.per.as_nanos() * u128::from(of) / u128::from(mine.max(1));
            let paced = length.as_nanos() * u128::from(window.limit.count) / interval.max(1);
            u32::try_from(paced).unwrap_or(u32::MAX).saturating_add(2)
        };
        if mine == 0 { 0 } else { self.windows.iter().map(most).min().unwrap_or(0) }
    }

    /// A call that went at `at` did not go after all: as if it never had. False where none is known of then.
    pub(super) fn give_back(&mut self, at: T, now: T) -> bool {
        let known = self.log.remove(at);
        if known {
            self.replay(now);
        }
        known
    }

    /// How many went in the last `length`.
    pub(super) fn within(&self, length: Duration, now: T) -> u64 {
        now.back(length).map_or(0, |from| self.log.after(from))
    }

    /// How many went after `moment`, of the last hour.
    pub(super) fn after(&self, moment: T) -> u64 {
        self.log.after(moment)
    }

    fn pace(&mut self) {
        for window in &mut self.windows {
            window.pace(self.share.as_ref());
        }
    }

    /// The paces as they would be if these limits had always held. Only the calls of the last stretch matter, and
    /// of those no more than may be in it: older debts are none that an insurer knows of.
    fn replay(&mut self, now: T) {
        for window in &mut self.windows {
            let from = now.back(window.held).unwrap_or(now);
            let calls = self.log.last(window.limit.count.into(), from);
            window.arrival = calls.first().map_or(now, |(first, _)| *first);
            calls.into_iter().for_each(|(at, count)| window.advance(at, count));
        }
    }
}

// === impl Window ===

impl<T: Moment> Window<T> {
    fn new(limit: RateLimit, now: T, kind: Kind) -> Self {
        let grace = if kind == Kind::Shared { grace(limit) } else { Duration::ZERO };
        let held = limit.per + TRAVEL.min(limit.per / 100) + grace;
        let mut new = Self { limit, held, interval: Duration::ZERO, tolerance: Duration::ZERO, arrival: now };
        new.pace(None);
        new
    }

    /// A part of the pace has no burst: what is beside it is not known.
    fn pace(&mut self, share: Option<&Share<T>>) {
        let whole = self.limit.per / self.limit.count.max(1);
        let (interval, burst) = match share {
            None => (whole, self.limit.burst),
            Some(share) => (whole.saturating_mul(share.of) / share.mine.max(1), 1),
        };
        self.interval = interval;
        self.tolerance = interval.saturating_mul(burst.saturating_sub(1)) + LATE.min(interval / 2);
    }

    /// So many calls go at `at`.
    fn advance(&mut self, at: T, count: u32) {
        self.arrival = self.arrival.max(at) + self.interval.saturating_mul(count);
    }

    /// When the `nth` call from now could go for the pace's sake.
    fn paced(&self, nth: u64) -> T {
        let before = u32::try_from(nth - 1).unwrap_or(u32::MAX);
        let at = self.arrival + self.interval.saturating_mul(before);
        at.back(self.tolerance).unwrap_or(at)
    }

    /// When the `nth` call from now could go for the count's sake: when as many as the count lie a stretch back.
    fn counted(&self, nth: u64, now: T, log: &Admissions<T>) -> T {
        let count = u64::from(self.limit.count.max(1));
        let (stretches, rest) = ((nth - 1) / count, (nth - 1) % count);
        let free = log.newest(count - rest).map_or(now, |at| (at + self.held).max(now));
        free + self.held.saturating_mul(u32::try_from(stretches).unwrap_or(u32::MAX))
    }

    /// When the next call could go for the share's sake: when there is room in its part of what is left.
    fn shared(&self, share: &Share<T>, now: T, log: &Admissions<T>) -> T {
        let mut at = now.max(share.after + NEXT);
        if share.mine == 0 {
            return at + NOTHING;
        }
        loop {
            let from = at.back(self.held).unwrap_or(at);
            let all = log.after(from);
            let own = log.after(from.max(share.after));
            let left = u64::from(self.limit.count).saturating_sub(all - own);
            if own < left * u64::from(share.mine) / u64::from(share.of.max(1)) {
                return at;
            }
            // The oldest of the stretch makes room for others when it leaves it.
            match log.newest(all).filter(|_| all > 0) {
                Some(oldest) => at = at.max(oldest + self.held),
                None => return at + NOTHING,
            }
        }
    }
}

fn grace(limit: RateLimit) -> Duration {
    GRACE.min(limit.per / 200)
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
