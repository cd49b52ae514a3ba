//! The limiter as calls meet it.

mod change;
mod daily;
mod never_over;
mod notes;
mod order;

use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::{BoxFuture, join_all};

use super::{
    days::{Ask, Reserved},
    *,
};
use crate::{store::StoreError, upstream::budget::Class};

fn limits(texts: &[&str]) -> Vec<RateLimit> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn limiter(texts: &[&str]) -> Limiter {
    Limiter::new(&limits(texts), Mode::On, noon(&Arc::default(), Instant::now()))
}

fn of(seconds: u64) -> Budget {
    Budget::of(Duration::from_secs(seconds)).for_class(Class::Quote)
}

/// Takes as fast as the limits allow for `calls` calls; when each went.
async fn go(limiter: &Limiter, calls: usize) -> Vec<Duration> {
    let (start, mut at) = (Instant::now(), Vec::new());
    for _ in 0..calls {
        drop(limiter.take(&of(1_000_000), Duration::ZERO).await.unwrap());
        at.push(start.elapsed());
    }
    at
}

/// A page that may fail, and may take its time.
#[derive(Default)]
struct Page {
    kept: InMemory,
    fails: AtomicBool,
    takes: Duration,
}

impl Page {
    fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::Relaxed);
    }
}

impl DayPage for Page {
    fn reserve(&self, ask: Ask) -> BoxFuture<'_, Result<Reserved, StoreError>> {
        Box::pin(async move {
            if !self.takes.is_zero() {
                tokio::time::sleep(self.takes).await;
            }
            match self.fails.load(Ordering::Relaxed) {
                true => Err(StoreError::Database("the disk is full".into())),
                false => self.kept.reserve(ask).await,
            }
        })
    }

    fn give_back(&self, date: Date, unused: u32) -> BoxFuture<'_, Result<(), StoreError>> {
        self.kept.give_back(date, unused)
    }
}

/// Noon in Moscow when the runtime began.
fn noon(page: &Arc<Page>, zero: Instant) -> Setup {
    Setup {
        page: page.clone(),
        calendar: Calendar::From(zero, "2026-11-20T09:00:00Z".parse().unwrap()),
        ..Setup::default()
    }
}

#[tokio::test(start_paused = true)]
async fn the_whole_quota_is_used_while_there_is_work() {
    for text in ["50/s", "5/s", "200/min burst 20", "60/min burst 60"] {
        let limiter = limiter(&[text]);
        let limit = limits(&[text])[0];
        let at = go(&limiter, limit.count as usize * 20).await;
        let spent = limit.per * 20;
        assert!(*at.last().unwrap() <= spent + spent / 50, "{text}: {:?}", at.last());
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_would_go_too_late_is_refused_at_once() {
    let limiter = limiter(&["2/min burst 1"]);
    drop(limiter.take(&of(60), Duration::ZERO).await.unwrap());
    let start = Instant::now();
    let refused = limiter.take(&of(20), Duration::ZERO).await.unwrap_err();
    assert_eq!((start.elapsed(), refused.ready_in.as_secs()), (Duration::ZERO, 29));
    assert_eq!(
        refused.to_string(),
        "the rate limit 2/min would let the call go in 29950 ms, later than it would be useful"
    );
    assert_eq!(limiter.standing().refused, 1);
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_is_too_long_is_refused_at_once() {
    let limiter = limiter(&["1/s"]);
    let (budget, start) = (Budget::of(Duration::from_millis(10_500)), Instant::now());
    let taken = join_all((0..40).map(|_| async {
        let taken = limiter.take(&budget, Duration::ZERO).await;
        (taken.is_ok(), start.elapsed())
    }));
    let taken = taken.await;
    assert_eq!(taken.iter().filter(|(went, _)| *went).count(), 11);
    assert!(taken.iter().all(|(went, at)| *went || at.is_zero()), "{taken:?}");
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_something_else_is_refused_at_once_where_the_limits_would_refuse_it_after_that() {
    let limiter = limiter(&["1/s"]);
    drop(limiter.take(&of(60), Duration::ZERO).await.unwrap());
    assert_eq!(limiter.look(&of(5), Duration::ZERO, 3), Ok(()));
    let refused = limiter.look(&of(5), Duration::ZERO, 7).unwrap_err();
    assert_eq!((refused.ready_in.as_secs(), limiter.standing().refused), (8, 1));
    assert_eq!(limiter.standing().waiting, 0, "nobody has joined");
    // A proposal is tried on what was refused so, too.
    assert_eq!(limiter.forecast(&limits(&["9/s"])).asked, 2);
}

#[tokio::test(start_paused = true)]
async fn a_queue_at_one_window_is_not_counted_against_the_burst_of_another() {
    let limiter = limiter(&["5/s", "10000/h burst 100"]);
    let start = Instant::now();
    join_all((0..50).map(|_| async { drop(limiter.take(&of(60), Duration::ZERO).await.unwrap()) })).await;
    assert!(start.elapsed() < Duration::from_secs(11), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_429_closes_the_lane_until_then_in_every_mode() {
    for mode in [Mode::On, Mode::DryRun, Mode::Off] {
        let limiter = Limiter::new(&[], mode, Setup::default());
        let waiting = limiter.join(&of(5), Duration::ZERO).unwrap();
        limiter.close_for(Duration::from_secs(7));
        let start = Instant::now();
        let refused = waiting.take().await.unwrap_err();
        assert_eq!((start.elapsed(), refused.holder), (Duration::ZERO, Holder::Insurer));
        assert_eq!(limiter.standing().closed_for, Duration::from_secs(7));
        drop(limiter.take(&of(60), Duration::ZERO).await.unwrap());
        assert_eq!(start.elapsed(), Duration::from_secs(7), "{mode:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_given_back_is_there_for_whoever_waits() {
    let limiter = limiter(&["1/min", "10/h burst 10", "20/day"]);
    let token = limiter.take(&of(60), Duration::ZERO).await.unwrap();
    let (start, budget) = (Instant::now(), of(100));
    let (next, ()) = tokio::join!(limiter.take(&budget, Duration::ZERO), async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(limiter.standing().waiting, 1);
        token.give_back();
    });
    assert_eq!(start.elapsed(), Duration::from_secs(3));
    next.unwrap().give_back();
    assert_eq!(limiter.standing().counted, [0; 4]);
}
