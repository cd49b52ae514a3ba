//! Whatever happens: never over any window, and the quota is used while there is work.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use proptest::prelude::*;
use tokio::task::LocalSet;

use super::*;

/// Something that happens after a pause.
#[derive(Debug, Clone)]
enum Event {
    /// So many calls come, which can wait for so many seconds.
    Calls(usize, u64),
    /// The same of calls whose note takes so many milliseconds.
    Notes(usize, u64, u64),
    /// These limits hold.
    Set(Vec<RateLimit>, Mode),
    /// The insurer closes the lane for so many seconds.
    Close(u64),
    /// The gateway crashes and starts again.
    Crash,
}

fn a_limit() -> impl Strategy<Value = RateLimit> {
    let short = (1_u32..40, 1_u32..40, 0_usize..3).prop_map(|(count, burst, window)| {
        let text = format!("{count}/{} burst {}", RateLimit::WINDOWS[window], burst.min(count));
        text.parse().unwrap()
    });
    let daily = (1_u32..600).prop_map(|count| format!("{count}/day").parse().unwrap());
    prop_oneof![3 => short, 1 => daily]
}

fn some_limits() -> impl Strategy<Value = Vec<RateLimit>> {
    prop::collection::vec(a_limit(), 0..4)
}

fn an_event() -> impl Strategy<Value = Event> {
    let mode = prop_oneof![5 => Just(Mode::On), 1 => Just(Mode::Off), 1 => Just(Mode::DryRun)];
    prop_oneof![
        8 => (1_usize..30, 0_u64..120).prop_map(|(count, patience)| Event::Calls(count, patience)),
        3 => (1_usize..10, 1_u64..120, 0_u64..500).prop_map(|(n, patience, note)| Event::Notes(n, patience, note)),
        3 => (some_limits(), mode).prop_map(|(limits, mode)| Event::Set(limits, mode)),
        1 => (1_u64..30).prop_map(Event::Close),
        1 => Just(Event::Crash),
    ]
}

fn events() -> impl Strategy<Value = Vec<(u64, Event)>> {
    // A night may pass between two of them.
    let pause = prop_oneof![9 => 0_u64..3_000, 3 => 0_u64..100_000, 1 => 0_u64..50_000_000];
    prop::collection::vec((pause, an_event()), 1..60)
}

/// What the insurer sees, and what it holds the gateway to.
#[derive(Default)]
struct Insurer {
    /// Calls that came, by number.
    came: BTreeMap<u64, Instant>,
    calls: u64,
    /// When the process began whose short windows hold: those of an earlier one are not known to it.
    begun: Option<Instant>,
    problems: Vec<String>,
}

impl Insurer {
    fn call(&mut self, limits: &[RateLimit], calendar: Calendar) -> u64 {
        let now = Instant::now();
        self.calls += 1;
        self.came.insert(self.calls, now);
        for limit in limits {
            let is_in = |at: &&Instant| match limit.is_daily() {
                true => calendar.day(**at).date == calendar.day(now).date,
                false => **at + limit.per > now && self.begun.is_none_or(|begun| **at >= begun),
            };
            let count = self.came.values().filter(is_in).count();
            if count > limit.count as usize {
                self.problems.push(format!("{count} calls in {limit}"));
            }
        }
        self.calls
    }
}

struct World {
    limiter: RefCell<Limiter>,
    limits: RefCell<(Vec<RateLimit>, Mode)>,
    insurer: RefCell<Insurer>,
    calendar: Calendar,
    page: Arc<Page>,
}

impl World {
    fn setup(&self) -> Setup {
        Setup { page: self.page.clone(), calendar: self.calendar, ..Setup::default() }
    }

    /// One call, from its coming to its end. Every fifth is not sent after all.
    async fn call(self: Rc<Self>, patience: u64, note: Option<u64>) {
        let limiter = self.limiter.borrow().clone();
        let classes = Class::ALL;
        let class = classes[usize::try_from(patience).unwrap() % classes.len()];
        let budget = of(patience).for_class(class);
        let token = match note {
            None => limiter.take(&budget, Duration::ZERO).await,
            Some(note) => {
                let Ok(mut turn) = limiter.join(&budget, Duration::ZERO) else { return };
                if turn.near(Duration::from_millis(100)).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(note)).await;
                turn.take().await
            }
        };
        let Ok(token) = token else { return };
        assert!(Instant::now() <= budget.deadline());
        let (limits, mode) = self.limits.borrow().clone();
        let holding = if mode == Mode::On { &limits[..] } else { &[] };
        let call = self.insurer.borrow_mut().call(holding, self.calendar);
        if call.is_multiple_of(5) {
            tokio::time::sleep(Duration::from_millis(call % 700)).await;
            // It never came: the insurer has not seen it.
            self.insurer.borrow_mut().came.remove(&call);
            token.give_back();
        }
    }
}

async fn happens(limits: Vec<RateLimit>, events: Vec<(u64, Event)>) -> Vec<String> {
    let zero = Instant::now();
    let page = Arc::new(Page { takes: Duration::from_millis(5), ..Page::default() });
    let world = Rc::new(World {
        limiter: RefCell::new(limiter(&[])),
        limits: RefCell::new((limits, Mode::On)),
        insurer: RefCell::default(),
        calendar: Calendar::From(zero, "2026-11-20T19:00:00Z".parse().unwrap()),
        page,
    });
    let start = |world: &World| {
        let (limits, mode) = world.limits.borrow().clone();
        *world.limiter.borrow_mut() = Limiter::new(&limits, mode, world.setup());
        world.insurer.borrow_mut().begun = Some(Instant::now());
    };
    start(&world);
    let mut calls = LocalSet::new();
    for (pause, event) in events {
        calls.run_until(tokio::time::sleep(Duration::from_millis(pause))).await;
        match event {
            Event::Calls(count, patience) => {
                (0..count).for_each(|_| drop(calls.spawn_local(world.clone().call(patience, None))));
            }
            Event::Notes(count, patience, note) => {
                (0..count).for_each(|_| drop(calls.spawn_local(world.clone().call(patience, Some(note)))));
            }
            Event::Set(limits, mode) => {
                *world.limits.borrow_mut() = (limits.clone(), mode);
                world.limiter.borrow().set(&limits, mode);
            }
            Event::Close(seconds) => world.limiter.borrow().close_for(Duration::from_secs(seconds)),
            Event::Crash => {
                // Where no daily limit holds nobody waits for the store, and it is a moment behind.
                calls.run_until(tokio::time::sleep(Duration::from_millis(20))).await;
                // Whoever waited waits no more; what is kept of the process is the page.
                calls = LocalSet::new();
                start(&world);
            }
        }
    }
    calls.await;
    std::mem::take(&mut world.insurer.borrow_mut().problems)
}

/// How many calls go in `length`, with always more of them waiting.
async fn used(limits: &[RateLimit], length: Duration, zero: Instant) -> u64 {
    let page = Arc::new(Page { takes: Duration::from_millis(5), ..Page::default() });
    let limiter = Limiter::new(limits, Mode::On, noon(&page, zero));
    let went = RefCell::new(0);
    let work = join_all((0..5).map(|_| async {
        let budget = Budget::of(length);
        while let Ok(token) = limiter.take(&budget, Duration::ZERO).await {
            *went.borrow_mut() += 1;
            drop(token);
            // An hour's calls in a moment would be no load but a flood.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }));
    let _ = tokio::time::timeout(length, work).await;
    went.into_inner()
}

fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_window_ever_holds_more_than_its_count(limits in some_limits(), events in events()) {
        let problems = paused().block_on(happens(limits, events));
        prop_assert!(problems.is_empty(), "{problems:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn while_there_is_work_nearly_all_of_the_quota_is_used(
        count in 1_u32..60, burst in 1_u32..60, more in 1_u32..600, share in 1_u32..=100,
    ) {
        let texts = [format!("{count}/s burst {}", burst.min(count)), format!("{more}/min burst {}", (more * share / 100).max(1))];
        let limits = limits(&texts.each_ref().map(String::as_str));
        let length = Duration::from_secs(300);
        let went = paused().block_on(async { used(&limits, length, Instant::now()).await });
        let quota = (u64::from(count) * 300).min(u64::from(more) * 5);
        prop_assert!(went * 100 >= quota * 98, "{went} of {quota}");
    }

    #[test]
    fn all_of_a_days_quota_is_used(count in 1_u32..1_000) {
        let limits = limits(&[&format!("{count}/day")]);
        let went = paused().block_on(async { used(&limits, Duration::from_secs(3_600), Instant::now()).await });
        prop_assert_eq!(went, u64::from(count));
    }
}
