//! Rate limits of one lane.
//!
//! A lane has several windows at once (`5/s`, `200/min`, `10000/day`); a call goes only when all of them
//! have a token. The moment of readiness is known (see `windows`), so a call is refused at once or waits
//! exactly, and whoever has least slack is served first. Tokens are taken from all windows together or from none, at the
//! moment of sending, so there is never one that was not used. Whoever has something to do between
//! "it could go" and "it goes" waits with [`Limiter::ready`] first.
//!
//! On a cold start every window is full: counts do not outlive the process.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    budget::Budget,
    line::{Line, Place},
    windows::Windows,
};
use crate::config::RateLimit;

/// The windows of one lane and those who wait for them.
#[derive(Debug)]
pub struct Limiter {
    windows: Mutex<Windows>,
    line: Line,
}

/// A call that could go, at the head of the line.
#[derive(Debug)]
pub struct Ready<'a> {
    limiter: &'a Limiter,
    _place: Option<Place<'a>>,
}

/// The limits would let the call go too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the rate limit would let the call go in {} ms, later than it would be useful", ready_in.as_millis())]
pub struct TooLate {
    /// When it could have gone.
    pub ready_in: Duration,
}

// === impl Ready ===

impl Ready<'_> {
    /// Takes a token of every window: the call must leave now. False where somebody in more of a hurry
    /// came first.
    pub fn take(&self) -> bool {
        self.limiter.lock().take().is_ok()
    }
}

// === impl TooLate ===

impl TooLate {
    fn at(ready: Instant) -> Self {
        Self { ready_in: ready.saturating_duration_since(Instant::now()) }
    }
}

// === impl Limiter ===

impl Limiter {
    /// One window for each limit; without any, every call may go.
    pub fn new(limits: &[RateLimit]) -> Self {
        Self { windows: Mutex::new(Windows::new(limits)), line: Line::default() }
    }

    /// Waits until a call could go, in the order of least slack, and keeps its place: nobody behind it
    /// goes before it has taken its token or given its place up. Refuses at once where the moment of
    /// readiness is later than leaves `useful` of the budget.
    pub async fn ready(&self, budget: &Budget, useful: Duration) -> Result<Ready<'_>, TooLate> {
        if self.lock().is_unlimited() {
            return Ok(Ready { limiter: self, _place: None });
        }
        let place = self.wait(budget, useful, Windows::look).await?;
        Ok(Ready { limiter: self, _place: Some(place) })
    }

    /// Waits in the same way and takes a token of every window: the call must leave now.
    pub async fn take(&self, budget: &Budget, useful: Duration) -> Result<(), TooLate> {
        if self.line.is_empty() && self.lock().take().is_ok() {
            return Ok(());
        }
        self.wait(budget, useful, Windows::take).await.map(drop)
    }

    async fn wait(
        &self,
        budget: &Budget,
        useful: Duration,
        try_to: fn(&mut Windows) -> Result<(), Instant>,
    ) -> Result<Place<'_>, TooLate> {
        let latest = budget.deadline().checked_sub(useful).unwrap_or_else(Instant::now);
        let ahead = self.line.ahead_of(budget.rank());
        let ready = self.lock().ready_after(ahead);
        if ready > latest {
            return Err(TooLate::at(ready));
        }
        let place = self.line.join(budget.rank());
        loop {
            let wake = if place.is_first() {
                match try_to(&mut self.lock()) {
                    Ok(()) => return Ok(place),
                    Err(ready) if ready > latest => return Err(TooLate::at(ready)),
                    Err(ready) => ready,
                }
            } else {
                latest
            };
            tokio::select! {
                () = tokio::time::sleep_until(wake) => {
                    if !place.is_first() && Instant::now() >= latest {
                        return Err(TooLate::at(self.lock().ready_after(0)));
                    }
                }
                () = place.changed() => {}
            }
        }
    }

    /// Lets nothing through until then: the insurer said so with a 429.
    pub fn close_for(&self, pause: Duration) {
        self.lock().close_until(Instant::now() + pause);
    }

    fn lock(&self) -> MutexGuard<'_, Windows> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;
    use proptest::prelude::*;

    use super::*;

    fn limit(count: u32, per: u64, burst: u32) -> RateLimit {
        RateLimit { count, per: Duration::from_secs(per), burst }
    }

    fn minute() -> Budget {
        Budget::of(Duration::from_secs(60))
    }

    /// Takes as fast as the limits allow for `calls` calls; when each went.
    async fn admitted(limits: &[RateLimit], calls: usize) -> Vec<Duration> {
        let (limiter, start) = (Limiter::new(limits), Instant::now());
        let budget = Budget::of(Duration::from_secs(1_000_000));
        let mut at = Vec::new();
        for _ in 0..calls {
            limiter.take(&budget, Duration::ZERO).await.unwrap();
            at.push(start.elapsed());
        }
        at
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_stretch_of_a_window_holds_more_than_its_count(
            count in 1_u32..40, per in 1_u64..100, burst in 1_u32..40, more in 1_u32..400,
        ) {
            let limits = [limit(count, per, burst.min(count)), limit(more, 60, 1)];
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            let at = runtime.block_on(admitted(&limits, 200));
            for limit in limits {
                for (i, first) in at.iter().enumerate() {
                    // Tokio's clock wakes on whole milliseconds, never early: the bound is exact.
                    let within = at[i..].iter().take_while(|t| **t < *first + limit.per).count();
                    prop_assert!(within <= limit.count as usize, "{within} in {limit:?}");
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_whole_quota_is_used_while_there_is_work() {
        let at = admitted(&[limit(50, 1, 1)], 500).await;
        // 500 calls at 50/s take ten seconds less one interval.
        assert!(at[499] <= Duration::from_millis(10_180), "{:?}", at[499]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_would_go_too_late_is_refused_at_once() {
        let limiter = Limiter::new(&[limit(1, 30, 1)]);
        limiter.take(&minute(), Duration::ZERO).await.unwrap();
        let start = Instant::now();
        let short = Budget::of(Duration::from_secs(20));
        let refused = limiter.take(&short, Duration::ZERO).await.unwrap_err();
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert_eq!(refused.ready_in, Duration::from_secs(30));
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_at_one_window_is_not_counted_against_the_burst_of_another() {
        let limiter = Limiter::new(&[limit(5, 1, 1), limit(10_000, 86_400, 100)]);
        let start = Instant::now();
        let taken = (0..50).map(|_| async {
            limiter.take(&minute(), Duration::ZERO).await.unwrap();
        });
        join_all(taken).await;
        assert!(start.elapsed() < Duration::from_secs(11), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_that_is_too_long_is_refused_at_once() {
        let limiter = Limiter::new(&[limit(1, 1, 1)]);
        let budget = Budget::of(Duration::from_millis(10_500));
        let start = Instant::now();
        let taken = join_all((0..40).map(|_| async {
            let taken = limiter.take(&budget, Duration::ZERO).await;
            (taken.is_ok(), start.elapsed())
        }));
        let taken = taken.await;
        assert_eq!(taken.iter().filter(|(went, _)| *went).count(), 11);
        assert!(taken.iter().all(|(went, at)| *went || at.is_zero()), "{taken:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_until_ready_takes_nothing() {
        let limiter = Limiter::new(&[limit(1, 30, 1), limit(5, 3600, 1)]);
        let start = Instant::now();
        drop(limiter.ready(&minute(), Duration::ZERO).await.unwrap());
        limiter.take(&minute(), Duration::ZERO).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
        let later = Budget::of(Duration::from_secs(7200));
        assert!(limiter.ready(&later, Duration::ZERO).await.unwrap().take());
        assert!(start.elapsed() >= Duration::from_secs(720), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_ready_keeps_the_others_waiting_until_it_has_gone() {
        let limiter = Limiter::new(&[limit(1, 1, 1)]);
        let start = Instant::now();
        let slow = async {
            let ready = limiter.ready(&minute(), Duration::ZERO).await.unwrap();
            tokio::time::sleep(Duration::from_millis(300)).await;
            (ready.take(), start.elapsed())
        };
        let other = async {
            tokio::task::yield_now().await;
            limiter.take(&minute(), Duration::ZERO).await.unwrap();
            start.elapsed()
        };
        let ((taken, first), second) = tokio::join!(slow, other);
        assert!(taken && second >= first + Duration::from_secs(1), "{first:?} {second:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_must_finish_first_goes_first() {
        let limiter = Limiter::new(&[limit(1, 1, 1)]);
        limiter.take(&minute(), Duration::ZERO).await.unwrap();
        let order = Mutex::new(Vec::new());
        let waiting = [50, 10, 30].map(|seconds| {
            let (limiter, order) = (&limiter, &order);
            async move {
                let budget = Budget::of(Duration::from_secs(seconds));
                limiter.take(&budget, Duration::ZERO).await.unwrap();
                order.lock().unwrap().push(seconds);
            }
        });
        join_all(waiting).await;
        assert_eq!(*order.lock().unwrap(), [10, 30, 50]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_429_closes_the_lane_until_then() {
        let limiter = Limiter::new(&[]);
        limiter.close_for(Duration::from_secs(7));
        let start = Instant::now();
        limiter.take(&minute(), Duration::ZERO).await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_secs(7));
    }
}
