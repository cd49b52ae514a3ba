//! The simulated house: a database that can be cut off, and replicas that beat.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

use futures::future::BoxFuture;
use tokio::task::JoinHandle;

use super::*;
use crate::{
    config::Mode,
    store::LaneStamp,
    upstream::{
        budget::{Budget, Class},
        limit::{Limiter, Setup},
    },
};

pub(super) const LEASE: Duration = Duration::from_secs(10);
const BEAT: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(2);
const GAP: Duration = Duration::from_secs(3);

/// Beats, by replica; those that are gone have none.
type Beats = BTreeMap<usize, u64>;

pub(super) struct Database {
    zero: Instant,
    rows: tokio::sync::Mutex<BTreeMap<LaneKey, Vec<u8>>>,
    beats: Mutex<Beats>,
    /// Its clock was set by so much.
    pub(super) jumped: Mutex<i64>,
    pub(super) visits: AtomicU64,
    dice: AtomicU64,
}

/// One replica's way to the database.
pub(super) struct Wire {
    database: Arc<Database>,
    pub(super) is_cut: AtomicBool,
    /// It does not fail at once where it is cut.
    pub(super) hangs: AtomicBool,
    /// Of the next answer only the end is lost.
    pub(super) loses: AtomicBool,
    /// Answers come so many milliseconds later.
    pub(super) slow: AtomicU64,
}

/// What a heart knows.
struct Heart {
    number: usize,
    wire: Arc<Wire>,
    standing: Mutex<Standing>,
    asked: Mutex<Instant>,
    last: Mutex<Option<Instant>>,
    others: Mutex<BTreeMap<usize, (u64, Instant, Instant)>>,
    is_gone: AtomicBool,
}

pub(super) struct Replica {
    pub(super) limiter: Limiter,
    pub(super) wire: Arc<Wire>,
    pub(super) limits: Vec<RateLimit>,
    heart: Arc<Heart>,
    together: Together,
    beating: JoinHandle<()>,
}

/// What the insurer sees.
#[derive(Default)]
pub(super) struct Insurer {
    came: BTreeMap<u64, Instant>,
    pub(super) calls: u64,
    pub(super) by: BTreeMap<usize, u64>,
    pub(super) problems: Vec<String>,
}

pub(super) struct World {
    pub(super) database: Arc<Database>,
    pub(super) replicas: RefCell<Vec<Option<Replica>>>,
    pub(super) insurer: RefCell<Insurer>,
    born: RefCell<usize>,
}

// === impl Database ===

impl Database {
    fn roll(&self, sides: u64) -> u64 {
        let seed = self
            .dice
            .load(Relaxed)
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.dice.store(seed, Relaxed);
        (seed >> 33) % sides
    }

    fn micros(&self) -> i64 {
        let passed = i64::try_from(self.zero.elapsed().as_micros()).unwrap();
        1_700_000_000_000_000 + passed + *self.jumped.lock().unwrap()
    }
}

// === impl Wire ===

impl Wire {
    async fn pass(&self) -> Result<(), StoreError> {
        if self.is_cut.load(Relaxed) {
            if self.hangs.load(Relaxed) {
                tokio::time::sleep(PATIENCE).await;
            }
            return Err(StoreError::Database("it is cut off".into()));
        }
        let micros = 100 + self.database.roll(900) + self.slow.load(Relaxed) * 1_000;
        tokio::time::sleep(Duration::from_micros(micros)).await;
        Ok(())
    }

    async fn served(&self, visit: Visit) -> Result<Vec<Answer>, StoreError> {
        self.pass().await?;
        let mut rows = self.database.rows.lock().await;
        let keys = visit.keys();
        let sent = Instant::now();
        self.pass().await?;
        let micros = self.database.micros();
        self.pass().await?;
        let stamp = LaneStamp { sent, received: Instant::now(), micros };
        let read = keys.iter().map(|key| rows.get(key).cloned()).collect();
        let (written, answers) = visit.serve(stamp, read)?;
        self.pass().await?;
        rows.extend(keys.into_iter().zip(written));
        self.database.visits.fetch_add(1, Relaxed);
        drop(rows);
        self.pass().await?;
        if self.loses.swap(false, Relaxed) {
            return Err(StoreError::Database("the answer is lost".into()));
        }
        Ok(answers)
    }
}

impl Ledger for Wire {
    fn visit(&self, visit: Visit) -> BoxFuture<'_, Result<Vec<Answer>, StoreError>> {
        let silent = || StoreError::Database("it is silent".into());
        let served =
            async move { tokio::time::timeout(PATIENCE, self.served(visit)).await.map_err(|_| silent())? };
        Box::pin(served)
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.pass())
    }
}

// === impl Heart ===

impl Heart {
    async fn beat(&self) -> Result<(), StoreError> {
        let asked = Instant::now();
        self.wire.pass().await?;
        let beats = {
            let mut beats = self.wire.database.beats.lock().unwrap();
            match beats.get_mut(&self.number) {
                Some(beat) => *beat += 1,
                None => self.is_gone.store(true, Relaxed),
            }
            beats.clone()
        };
        self.wire.pass().await?;
        *self.asked.lock().unwrap() = asked;
        self.look(&beats, Instant::now());
        Ok(())
    }

    fn look(&self, beats: &Beats, now: Instant) {
        let mut others = self.others.lock().unwrap();
        let last = self.last.lock().unwrap().replace(now);
        if last.is_none_or(|last| now - last > GAP) {
            others.values_mut().for_each(|(_, still, _)| *still = now);
        }
        others.retain(|number, _| beats.contains_key(number));
        for (number, beat) in beats.iter().filter(|(number, _)| **number != self.number) {
            let seen = others.entry(*number).or_insert((*beat, now, now));
            if seen.0 != *beat {
                *seen = (*beat, now, now);
            } else if now - seen.1 >= LEASE {
                self.wire.database.beats.lock().unwrap().remove(number);
            }
        }
        drop(others);
        self.refresh(now);
    }

    fn refresh(&self, now: Instant) {
        let (others, asked) = (self.others.lock().unwrap(), *self.asked.lock().unwrap());
        let silent = others.values().filter(|(.., changed)| now - *changed > PATIENCE).count();
        *self.standing.lock().unwrap() = Standing {
            replicas: u32::try_from(others.len()).unwrap() + 1,
            silent: u32::try_from(silent).unwrap(),
            in_touch: now - asked <= PATIENCE,
            lease_until: Some(asked + LEASE),
        };
    }

    async fn run(self: Arc<Self>, together: Together) {
        let mut refresh = tokio::time::interval(BEAT);
        let mut ticks = tokio::time::interval(BEAT);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !self.is_gone.load(Relaxed) {
            ticks.tick().await;
            let round = async {
                if let Ok(Ok(())) = tokio::time::timeout(GAP, together.before_beat()).await {
                    let _ = tokio::time::timeout(GAP, self.beat()).await;
                }
            };
            let mut round = std::pin::pin!(round);
            loop {
                tokio::select! {
                    () = &mut round => {
                        self.refresh(Instant::now());
                        break;
                    }
                    _ = refresh.tick() => self.refresh(Instant::now()),
                }
            }
        }
    }
}

// === impl Insurer ===

impl Insurer {
    fn call(&mut self, number: usize, held: &[Vec<RateLimit>]) -> u64 {
        let now = Instant::now();
        self.calls += 1;
        *self.by.entry(number).or_default() += 1;
        self.came.insert(self.calls, now);
        for per in [1, 60, 3_600].map(Duration::from_secs) {
            // As the one says that allows the most: a change reaches them one after another.
            let of = |limits: &Vec<RateLimit>| {
                limits
                    .iter()
                    .filter(|limit| limit.per == per)
                    .map(|limit| limit.count)
                    .min()
                    .unwrap_or(u32::MAX)
            };
            let allowed = held.iter().map(of).max().unwrap_or(u32::MAX);
            let came = self.came.values().filter(|at| **at + per > now).count();
            if came > allowed as usize {
                self.problems.push(format!("{came} of {allowed} calls in {per:?} at {now:?} by {number}"));
            }
        }
        self.calls
    }
}

// === impl World ===

impl World {
    pub(super) fn new(seed: u64) -> Rc<Self> {
        let database = Arc::new(Database {
            zero: Instant::now(),
            rows: tokio::sync::Mutex::default(),
            beats: Mutex::default(),
            jumped: Mutex::default(),
            visits: AtomicU64::new(0),
            dice: AtomicU64::new(seed),
        });
        let (replicas, insurer, born) = (RefCell::default(), RefCell::default(), RefCell::default());
        Rc::new(Self { database, replicas, insurer, born })
    }

    /// A replica begins, in that place.
    pub(super) fn begin(&self, place: usize, limits: &[RateLimit]) {
        let number = {
            let mut born = self.born.borrow_mut();
            *born += 1;
            *born
        };
        let wire = Arc::new(Wire {
            database: self.database.clone(),
            is_cut: AtomicBool::new(false),
            hangs: AtomicBool::new(false),
            loses: AtomicBool::new(false),
            slow: AtomicU64::new(0),
        });
        let now = Instant::now();
        self.database.beats.lock().unwrap().insert(number, 0);
        let there = self.database.beats.lock().unwrap().clone();
        let heart = Arc::new(Heart {
            number,
            wire: wire.clone(),
            standing: Mutex::new(Standing::ALONE),
            asked: Mutex::new(now),
            last: Mutex::default(),
            others: Mutex::default(),
            is_gone: AtomicBool::new(false),
        });
        heart.look(&there, now);
        let standings = {
            let heart = heart.clone();
            Arc::new(move || *heart.standing.lock().unwrap())
        };
        let together = Together::new(wire.clone(), standings, LEASE, SharedMetrics::none());
        let seat =
            Seat { together: together.clone(), key: LaneKey { insurer: "vsk".into(), lane: "create" } };
        let limiter = Limiter::new(limits, Mode::On, Setup { seat: Some(seat), ..Setup::default() });
        let beating = tokio::spawn(heart.clone().run(together.clone()));
        let replica = Replica { limiter, wire, limits: limits.to_vec(), heart, together, beating };
        let mut replicas = self.replicas.borrow_mut();
        while replicas.len() <= place {
            replicas.push(None);
        }
        if let Some(before) = replicas[place].replace(replica) {
            before.end();
        }
    }

    /// A replica is gone at once.
    pub(super) fn crash(&self, place: usize) {
        if let Some(Some(replica)) = self.replicas.borrow_mut().get_mut(place).map(Option::take) {
            replica.end();
        }
    }

    pub(super) fn with<T>(&self, place: usize, use_it: impl FnOnce(&mut Replica) -> T) -> Option<T> {
        self.replicas.borrow_mut().get_mut(place)?.as_mut().map(use_it)
    }

    /// Whether every replica can reach the database.
    pub(super) fn is_whole(&self) -> bool {
        self.replicas.borrow().iter().flatten().all(|replica| !replica.wire.is_cut.load(Relaxed))
    }

    /// One call of the replica in that place. Every `unsent`th is not sent after all.
    pub(super) async fn call(self: Rc<Self>, place: usize, patience: u64, unsent: u64) -> bool {
        let Some((limiter, heart)) = self.with(place, |it| (it.limiter.clone(), it.heart.clone())) else {
            return false;
        };
        let class = Class::ALL[usize::try_from(patience).unwrap() % Class::ALL.len()];
        let budget = Budget::of(Duration::from_secs(patience)).for_class(class);
        let Ok(token) = limiter.take(&budget, Duration::ZERO).await else { return false };
        if heart.is_gone.load(Relaxed) || heart.standing.lock().unwrap().is_lapsed() {
            // The rest of the house stops it.
            return false;
        }
        let held: Vec<Vec<RateLimit>> =
            self.replicas.borrow().iter().flatten().map(|replica| replica.limits.clone()).collect();
        let call = self.insurer.borrow_mut().call(heart.number, &held);
        if unsent > 0 && call.is_multiple_of(unsent) {
            tokio::time::sleep(Duration::from_millis(call % 300)).await;
            self.insurer.borrow_mut().came.remove(&call);
            token.give_back();
        }
        true
    }
}

// === impl Replica ===

impl Replica {
    fn end(self) {
        self.heart.is_gone.store(true, Relaxed);
        self.beating.abort();
    }

    pub(super) fn link(&self) -> Link {
        self.together.link(Instant::now())
    }

    /// Whether it has visited the row.
    pub(super) fn knows_the_clock(&self) -> bool {
        self.limiter.lock().shared.as_ref().is_some_and(|lane| lane.clock().is_some())
    }
}
