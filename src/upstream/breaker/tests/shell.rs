//! The breaker as calls and operators meet it.

use std::sync::Arc;

use veer_contract::{Fault, FaultKind, Lane, Next};

use super::*;
use crate::{
    telemetry::Metrics,
    upstream::breaker::{Breaker, Hand, Pass, State, Why, judge},
};

fn metrics() -> Metrics {
    Metrics::new(std::iter::empty(), &[], &[]).unwrap()
}

fn breaker(config: BreakerConfig) -> (Arc<Breaker>, Metrics) {
    let metrics = metrics();
    (Breaker::new("vsk", Lane::Create, config, &metrics), metrics)
}

fn fail(breaker: &Arc<Breaker>, times: u32) {
    for _ in 0..times {
        breaker.enter().unwrap().report(BAD);
    }
}

fn value(metrics: &Metrics, series: &str) -> f64 {
    let text = metrics.render();
    let line = text.lines().find_map(|line| line.strip_prefix(series)).unwrap_or_else(|| panic!("{text}"));
    line.trim().parse().unwrap()
}

fn state(metrics: &Metrics) -> f64 {
    value(metrics, "veer_breaker_state{insurer=\"vsk\",lane=\"create\"}")
}

fn blocked(metrics: &Metrics, mode: &str) -> f64 {
    let series = format!("veer_breaker_blocked_total{{insurer=\"vsk\",lane=\"create\",mode=\"{mode}\"}}");
    value(metrics, &series)
}

#[tokio::test(start_paused = true)]
async fn its_metrics_say_what_it_does() {
    let (breaker, metrics) = breaker(CONFIG);
    assert_eq!((state(&metrics), blocked(&metrics, "on"), blocked(&metrics, "dry-run")), (0.0, 0.0, 0.0));
    fail(&breaker, 3);
    assert_eq!(state(&metrics), 2.0);
    assert!(breaker.look().is_err() && breaker.enter().is_err());
    assert_eq!(blocked(&metrics, "on"), 2.0);
    tokio::time::advance(4 * SECOND).await;
    breaker.settle();
    assert_eq!(state(&metrics), 1.0);
    for _ in 0..2 {
        breaker.enter().unwrap().report(Word::Good);
    }
    assert_eq!(state(&metrics), 0.0);
    breaker.hold(Hand::Block, None);
    assert!(breaker.look().is_err());
    assert_eq!((state(&metrics), blocked(&metrics, "hand")), (2.0, 1.0));
}

#[tokio::test(start_paused = true)]
async fn what_is_ready_in_the_moment_in_which_the_lane_is_blocked_does_not_go() {
    let (breaker, _metrics) = breaker(CONFIG);
    let (token, ready) = tokio::sync::oneshot::channel();
    let waiting = tokio::spawn({
        let breaker = breaker.clone();
        async move { breaker.unless_blocked(ready).await.is_err() }
    });
    tokio::task::yield_now().await;
    token.send(()).unwrap();
    fail(&breaker, 3);
    assert!(waiting.await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_counts_each_call_once_and_blocks_none() {
    let (breaker, metrics) = breaker(BreakerConfig { mode: Mode::DryRun, ..CONFIG });
    fail(&breaker, 3);
    for _ in 0..5 {
        let told = breaker.look().unwrap().unwrap();
        assert_eq!(told.why, Why::InARow { failures: 3, last: Verdict::ServerError });
        breaker.enter().unwrap().report(BAD);
    }
    assert_eq!((blocked(&metrics, "dry-run"), blocked(&metrics, "on"), state(&metrics)), (5.0, 0.0, 0.0));
}

#[tokio::test(start_paused = true)]
async fn a_pass_that_is_dropped_gives_its_place_to_the_next() {
    let (breaker, _) = breaker(CONFIG);
    fail(&breaker, 3);
    tokio::time::advance(4 * SECOND).await;
    let first = breaker.enter().unwrap();
    assert!(breaker.enter().is_err());
    drop(first);
    assert!(breaker.enter().is_ok());
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_something_else_is_told_at_once_that_the_lane_is_blocked() {
    let (breaker, _) = breaker(CONFIG);
    let pass = breaker.enter().unwrap();
    let waiting = {
        let breaker = breaker.clone();
        tokio::spawn(async move { breaker.unless_blocked(std::future::pending::<()>()).await })
    };
    let ready = tokio::spawn(async move { pass.unless_blocked(std::future::pending::<()>()).await });
    tokio::time::advance(SECOND).await;
    let since = Instant::now();
    fail(&breaker, 3);
    assert!(waiting.await.unwrap().is_err() && ready.await.unwrap().is_err());
    assert_eq!(since.elapsed(), Duration::ZERO);
    assert!(breaker.unless_blocked(async { 7 }).await.is_err(), "what is there is not taken");
}

#[tokio::test(start_paused = true)]
async fn the_one_that_tries_waits_on() {
    let (breaker, _) = breaker(CONFIG);
    fail(&breaker, 3);
    tokio::time::advance(4 * SECOND).await;
    let tries = breaker.enter().unwrap();
    assert!(tries.still().is_ok());
    let brought = tries.unless_blocked(tokio::time::sleep(100 * SECOND)).await;
    assert!(brought.is_ok());
}

#[tokio::test(start_paused = true)]
async fn one_fault_over_several_replies_is_one_failure() {
    let (breaker, _) = breaker(CONFIG);
    let passes = |count: usize| (0..count).map(|_| breaker.enter().unwrap()).collect::<Vec<Pass>>();
    let fault = Fault { kind: FaultKind::NotUnderstood, detail: "x".into() };
    judge(passes(10), &Next::<()>::Fail(fault.clone()));
    judge(passes(10), &Next::<()>::Fail(fault));
    let standing = breaker.standing();
    assert_eq!((standing.state, standing.in_a_row, standing.calls), (State::Passing, 2, 2));
    judge(passes(10), &Next::<()>::Done);
    let standing = breaker.standing();
    assert_eq!((standing.in_a_row, standing.calls, standing.failed), (0, 12, 2));
}

#[tokio::test(start_paused = true)]
async fn its_standing_says_since_when_why_and_until_when() {
    let (breaker, _) = breaker(CONFIG);
    assert!(breaker.standing().is_quiet());
    fail(&breaker, 3);
    let standing = breaker.standing();
    assert_eq!(standing.state, State::Blocked);
    assert!(standing.since.is_some() && standing.until > standing.since);
    tokio::time::advance(4 * SECOND).await;
    breaker.enter().unwrap().report(Word::Good);
    let standing = breaker.standing();
    assert_eq!((standing.state, standing.good_tries), (State::Probing, Some(1)));
    assert_eq!(standing.why, Some(Why::InARow { failures: 3, last: Verdict::ServerError }));
    breaker.hold(Hand::Pass, Some(Instant::now() + 60 * SECOND));
    let standing = serde_json::to_value(breaker.standing()).unwrap();
    assert_eq!((&standing["state"], &standing["hand"]["hand"]), (&"passing".into(), &"pass".into()));
    assert!(standing["hand"]["until"].is_string(), "{standing}");
    tokio::time::advance(60 * SECOND).await;
    assert!(breaker.standing().is_quiet());
}
