//! Whatever happens: all replicas together are never over any window.

use std::{rc::Rc, sync::atomic::Ordering::Relaxed};

use proptest::prelude::*;
use tokio::task::LocalSet;

use super::{
    world::{Replica, World},
    *,
};

/// Something that happens after a pause.
#[derive(Debug, Clone)]
enum Event {
    /// So many calls come to that replica, which can wait for so many seconds.
    Calls(usize, usize, u64),
    /// These limits are told to one replica after another.
    Set(Vec<RateLimit>),
    /// That replica is cut off for so many seconds; its questions hang.
    Cut(usize, u64, bool),
    /// All of them are.
    Outage(u64, bool),
    /// Of that replica's next visit the end is not heard of.
    Lose(usize),
    /// That replica's answers come so much later for a second: moments are missed.
    Slow(usize, u64),
    /// That replica crashes, and another one begins.
    Crash(usize),
    /// One more begins.
    Begin,
    /// The database's clock is set by so many milliseconds. Who notices is who knew it before: nobody begins after.
    Jump(i64),
}

fn a_limit() -> impl Strategy<Value = RateLimit> {
    (1_u32..40, 1_u32..40, 0_usize..3).prop_map(|(count, burst, window)| {
        format!("{count}/{} burst {}", RateLimit::WINDOWS[window], burst.min(count)).parse().unwrap()
    })
}

fn some_limits() -> impl Strategy<Value = Vec<RateLimit>> {
    prop::collection::vec(a_limit(), 1..4)
}

fn an_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        12 => (0_usize..3, 1_usize..30, 1_u64..60).prop_map(|(place, count, patience)| Event::Calls(place, count, patience)),
        2 => some_limits().prop_map(Event::Set),
        2 => (0_usize..3, 1_u64..25, any::<bool>()).prop_map(|(place, seconds, hangs)| Event::Cut(place, seconds, hangs)),
        1 => (1_u64..25, any::<bool>()).prop_map(|(seconds, hangs)| Event::Outage(seconds, hangs)),
        2 => (0_usize..3).prop_map(Event::Lose),
        2 => (0_usize..3, 1_u64..400).prop_map(|(place, late)| Event::Slow(place, late)),
        1 => (0_usize..3).prop_map(Event::Crash),
        1 => Just(Event::Begin),
        1 => (-5_000_i64..5_000).prop_map(Event::Jump),
    ]
}

fn events() -> impl Strategy<Value = Vec<(u64, Event)>> {
    let pause = prop_oneof![9 => 0_u64..2_000, 2 => 0_u64..15_000];
    prop::collection::vec((pause, an_event()), 1..40)
}

async fn cut(world: Rc<World>, places: Vec<usize>, seconds: u64, hangs: bool) {
    for place in &places {
        world.with(*place, |it| {
            it.wire.hangs.store(hangs, Relaxed);
            it.wire.is_cut.store(true, Relaxed);
        });
    }
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    for place in &places {
        world.with(*place, |it| it.wire.is_cut.store(false, Relaxed));
    }
}

async fn happens(
    count: usize,
    mut limits: Vec<RateLimit>,
    events: Vec<(u64, Event)>,
    seed: u64,
) -> (Vec<String>, u64) {
    let world = World::new(seed);
    let run = LocalSet::new();
    let here = world.clone();
    let story = async move {
        (0..count).for_each(|place| here.begin(place, &limits));
        let (mut whole_since, mut has_jumped) = (Instant::now(), false);
        for (pause, event) in events {
            tokio::time::sleep(millis(pause)).await;
            if !here.is_whole() {
                whole_since = Instant::now();
            }
            match event {
                Event::Calls(place, calls, patience) => {
                    for _ in 0..calls {
                        drop(tokio::task::spawn_local(here.clone().call(place, patience, 5)));
                    }
                }
                // Whoever is cut off cannot be told: changes wait for them.
                Event::Set(new) if whole_since.elapsed() > Duration::from_secs(15) => {
                    limits = new;
                    let places = here.replicas.borrow().len();
                    for place in 0..places {
                        here.with(place, |it| {
                            it.limits = limits.clone();
                            it.limiter.set(&limits, crate::config::Mode::On);
                        });
                        tokio::time::sleep(millis(300)).await;
                    }
                }
                Event::Set(_) => {}
                Event::Cut(place, seconds, hangs) => {
                    drop(tokio::task::spawn_local(cut(here.clone(), vec![place], seconds, hangs)));
                }
                Event::Outage(seconds, hangs) => {
                    let places = (0..here.replicas.borrow().len()).collect();
                    drop(tokio::task::spawn_local(cut(here.clone(), places, seconds, hangs)));
                }
                Event::Lose(place) => drop(here.with(place, |it| it.wire.loses.store(true, Relaxed))),
                Event::Slow(place, late) => {
                    let slow = |late| here.with(place, |it| it.wire.slow.store(late, Relaxed));
                    slow(late);
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    slow(0);
                }
                Event::Crash(_) | Event::Begin if has_jumped => {}
                Event::Crash(place) => {
                    here.crash(place);
                    tokio::time::sleep(millis(300)).await;
                    here.begin(place, &limits);
                }
                Event::Begin => {
                    let place = here.replicas.borrow().len();
                    if place < 4 {
                        here.begin(place, &limits);
                    }
                }
                Event::Jump(by) => {
                    let knows = |it: &Replica| it.knows_the_clock();
                    if here.replicas.borrow().iter().flatten().all(knows) {
                        has_jumped = true;
                        *here.database.jumped.lock().unwrap() += by * 1_000;
                    }
                }
            }
        }
        tokio::time::sleep(Duration::from_secs(40)).await;
    };
    run.run_until(story).await;
    let insurer = world.insurer.borrow();
    (insurer.problems.clone(), insurer.calls)
}

fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_window_ever_holds_more_than_its_count_of_all_replicas(
        count in 1_usize..4, limits in some_limits(), events in events(), seed in any::<u64>(),
    ) {
        let (problems, _) = paused().block_on(happens(count, limits, events, seed));
        prop_assert!(problems.is_empty(), "{problems:?}");
    }
}
