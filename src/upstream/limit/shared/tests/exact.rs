//! All of the quota, one visit for all lanes, and what an outage looks like.

use std::{rc::Rc, sync::atomic::Ordering::Relaxed};

use futures::future::join_all;
use tokio::task::LocalSet;

use super::{world::World, *};

/// How many calls go in `length`, with so many callers at each replica who always want more.
async fn used(limits: &[RateLimit], callers: &[usize], length: Duration) -> (u64, Rc<World>) {
    let world = World::new(7);
    callers.iter().enumerate().for_each(|(place, _)| world.begin(place, limits));
    let work =
        callers.iter().enumerate().flat_map(|(place, count)| (0..*count).map(move |_| place)).map(|place| {
            let world = world.clone();
            async move {
                loop {
                    if !world.clone().call(place, 20, 0).await {
                        tokio::time::sleep(millis(50)).await;
                    }
                    tokio::time::sleep(millis(1)).await;
                }
            }
        });
    let _ = tokio::time::timeout(length, join_all(work)).await;
    let calls = world.insurer.borrow().calls;
    assert_eq!(world.insurer.borrow().problems, Vec::<String>::new());
    (calls, world)
}

async fn uses_nearly_all(texts: &[&str], callers: &[usize], seconds: u64, quota: u64) {
    let limits = limits(texts);
    let (calls, world) = used(&limits, callers, Duration::from_secs(seconds)).await;
    assert!(
        calls * 100 >= quota * 98 && calls <= quota + u64::from(limits[0].count),
        "{calls} of {quota} {texts:?}"
    );
    let by = world.insurer.borrow().by.clone();
    assert_eq!(by.len(), callers.len(), "everybody had some: {by:?}");
}

#[tokio::test(start_paused = true)]
async fn two_replicas_use_nearly_all_of_a_second() {
    LocalSet::new().run_until(uses_nearly_all(&["5/s"], &[5, 5], 120, 600)).await;
}

#[tokio::test(start_paused = true)]
async fn three_replicas_with_different_demand_use_nearly_all_of_a_minute() {
    LocalSet::new().run_until(uses_nearly_all(&["200/min burst 20"], &[12, 1, 3], 180, 600)).await;
}

#[tokio::test(start_paused = true)]
async fn all_windows_of_a_busy_lane_are_used_by_two_replicas() {
    LocalSet::new()
        .run_until(uses_nearly_all(&["50/s burst 10", "1200/min burst 100"], &[12, 12], 120, 2_400))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_call_is_refused_at_once_by_the_line_of_its_replica_and_as_many_of_each_other() {
    let work = async {
        let world = World::new(1);
        let limits = limits(&["1/s"]);
        (0..2).for_each(|place| world.begin(place, &limits));
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert!(world.clone().call(0, 20, 0).await);
        let start = Instant::now();
        let taken = (0..40).map(|_| {
            let world = world.clone();
            async move { (world.call(0, 20, 0).await, start.elapsed()) }
        });
        let taken = join_all(taken).await;
        let went = taken.iter().filter(|(went, _)| *went).count();
        assert!(
            (9..=11).contains(&went),
            "those who may wait, and as many of the other replica before them: {went}"
        );
        let at_once = taken.iter().filter(|(went, at)| !went && *at < millis(100)).count();
        assert_eq!(at_once, 40 - went);
    };
    LocalSet::new().run_until(work).await;
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_is_cut_off_waits_then_goes_by_its_share_then_not_at_all() {
    let work = async {
        let world = World::new(3);
        let limits = limits(&["20/s"]);
        (0..2).for_each(|place| world.begin(place, &limits));
        // Both know each other for long enough.
        tokio::time::sleep(Duration::from_secs(20)).await;
        let busy: Vec<_> = (0..2)
            .flat_map(|place| std::iter::repeat_n(place, 30))
            .map(|place| {
                let world = world.clone();
                tokio::task::spawn_local(async move {
                    loop {
                        world.clone().call(place, 60, 0).await;
                        tokio::time::sleep(millis(1)).await;
                    }
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_secs(5)).await;
        world.with(0, |it| it.wire.is_cut.store(true, Relaxed));
        let calls = |number: usize| world.insurer.borrow().by.get(&number).copied().unwrap_or(0);
        let mut seen = Vec::new();
        for _ in 0..14 {
            let before = (calls(1), calls(2));
            let link = world.with(0, |it| it.link().word()).unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
            seen.push((link, calls(1) - before.0, calls(2) - before.1));
        }
        // Let go by the share: no more than half of the rate, and something.
        let fair: Vec<_> = seen.iter().filter(|(link, ..)| *link == "fair_share").collect();
        assert!(fair.len() >= 2, "{seen:?}");
        assert!(fair.iter().all(|(_, own, other)| *own <= 10 && *other <= 11), "{seen:?}");
        assert!(fair.iter().any(|(_, own, _)| *own >= 8), "{seen:?}");
        assert!(seen.iter().any(|(link, own, _)| *link == "waiting" && *own == 0), "{seen:?}");
        assert!(seen.iter().any(|(link, own, _)| *link == "over" && *own == 0), "{seen:?}");
        assert!(
            seen.last().is_some_and(|(_, _, other)| *other >= 18),
            "the other one has all again: {seen:?}"
        );
        busy.into_iter().for_each(|busy| busy.abort());
        assert_eq!(world.insurer.borrow().problems, Vec::<String>::new());
    };
    LocalSet::new().run_until(work).await;
}

#[tokio::test(start_paused = true)]
async fn an_idle_lane_costs_no_visits_and_a_busy_one_few() {
    let (calls, world) =
        LocalSet::new().run_until(used(&limits(&["50/s"]), &[20], Duration::from_secs(20))).await;
    let visits = world.database.visits.load(Relaxed);
    assert!(calls > 960 && visits < 20 * 25, "{calls} calls, {visits} visits");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = world.database.visits.load(Relaxed);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(world.database.visits.load(Relaxed), before);
}
