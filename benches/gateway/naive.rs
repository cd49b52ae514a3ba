//! Limiters as they are usually written: what the gateway's is held against.
//!
//! Each lets a call pass and knows nothing of the insurer's clock, of how long a call travels or of how long its
//! caller can still use the answer.

use std::{
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::time::{Instant, sleep_until};
use veer::config::RateLimit;

/// A limiter that calls wait at.
pub(crate) enum Gate {
    /// A count for each stretch of the clock, begun anew with the next: the one that is written first.
    FixedWindows(Vec<FixedWindow>),
    /// The crate `governor`, a limiter a window, each waited for in turn.
    Governor(Vec<DefaultDirectRateLimiter>),
    /// The same at an even pace, and calls wait in one line in the order in which they came. Whoever has less time
    /// left than the second when its turn comes is sent away.
    FirstCome(Vec<DefaultDirectRateLimiter>, Duration, tokio::sync::Mutex<()>),
}

/// One window's counter.
pub(crate) struct FixedWindow {
    count: u32,
    per: Duration,
    zero: Instant,
    /// Which stretch is counted, and the calls in it.
    now: Mutex<(u128, u32)>,
}

// === impl Gate ===

impl Gate {
    /// Counters that start anew.
    pub(crate) fn fixed_windows(limits: &[RateLimit]) -> Self {
        let zero = Instant::now();
        let window = |limit: &RateLimit| FixedWindow {
            count: limit.count,
            per: limit.per,
            zero,
            now: Mutex::default(),
        };
        Self::FixedWindows(limits.iter().map(window).collect())
    }

    /// As the crate's manual shows it: a window's whole count may go at once.
    pub(crate) fn governor(limits: &[RateLimit]) -> Self {
        Self::Governor(limits.iter().map(|limit| governor(limit, limit.count)).collect())
    }

    /// The same with one call at a time, as evenly as the window allows.
    pub(crate) fn paced(limits: &[RateLimit]) -> Self {
        Self::Governor(limits.iter().map(|limit| governor(limit, 1)).collect())
    }

    /// First come, first served, at an even pace; who has less than `useful` left is sent away.
    pub(crate) fn first_come(limits: &[RateLimit], useful: Duration) -> Self {
        Self::FirstCome(
            limits.iter().map(|limit| governor(limit, 1)).collect(),
            useful,
            tokio::sync::Mutex::new(()),
        )
    }

    /// Waits until a call may leave; false where it may not, for it would be of no use before `end`.
    pub(crate) async fn pass(&self, end: Instant) -> bool {
        match self {
            Gate::FixedWindows(windows) => pass(windows).await,
            Gate::Governor(limiters) => {
                for limiter in limiters {
                    limiter.until_ready().await;
                }
            }
            Gate::FirstCome(limiters, useful, line) => {
                let _first = line.lock().await;
                if Instant::now() + *useful > end {
                    return false;
                }
                for limiter in limiters {
                    limiter.until_ready().await;
                }
            }
        }
        true
    }
}

fn governor(limit: &RateLimit, burst: u32) -> DefaultDirectRateLimiter {
    let (count, burst) = (NonZeroU32::new(limit.count), NonZeroU32::new(burst));
    let (count, burst) = (count.unwrap_or(NonZeroU32::MIN), burst.unwrap_or(NonZeroU32::MIN));
    // The crate has a constructor for each window that limits are written in.
    let quota = match limit.per.as_secs() {
        1 => Quota::per_second(count),
        60 => Quota::per_minute(count),
        _ => Quota::per_hour(count),
    };
    RateLimiter::direct(quota.allow_burst(burst))
}

/// Takes one of each, or waits for the next stretch of the first that has none left.
async fn pass(windows: &[FixedWindow]) {
    loop {
        let Some(until) = windows.iter().find_map(FixedWindow::full_until) else {
            windows.iter().for_each(FixedWindow::count);
            return;
        };
        sleep_until(until).await;
    }
}

// === impl FixedWindow ===

impl FixedWindow {
    fn stretch(&self) -> u128 {
        self.zero.elapsed().as_nanos() / self.per.as_nanos()
    }

    /// When the next stretch begins, if this one is used up.
    fn full_until(&self) -> Option<Instant> {
        let stretch = self.stretch();
        let (counted, used) = *self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let next = u32::try_from(stretch + 1).unwrap_or(u32::MAX);
        (counted == stretch && used >= self.count).then(|| self.zero + self.per * next)
    }

    fn count(&self) {
        let (stretch, mut now) = (self.stretch(), self.now.lock().unwrap_or_else(PoisonError::into_inner));
        *now = if now.0 == stretch { (stretch, now.1 + 1) } else { (stretch, 1) };
    }
}
