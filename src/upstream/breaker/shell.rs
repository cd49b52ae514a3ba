//! The machine with its lock and its lines in the log.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::{sync::watch, time::Instant};
use veer_contract::Lane;

use super::{
    blocked::Blocked,
    machine::{Bar, Hand, Machine, Place, Ticket},
    meter::Meter,
    pass::Pass,
    standing::{BreakerStanding, HandStanding, State},
    word::Word,
};
use crate::{
    chance,
    config::{BreakerConfig, Mode},
    telemetry::{self, Metrics},
};

/// The breaker of one insurer's lane.
#[derive(Debug)]
pub struct Breaker {
    insurer: String,
    lane: Lane,
    machine: Mutex<Machine>,
    /// Told at every change, for those who wait for something else.
    turned: watch::Sender<()>,
    meter: Meter,
}

// === impl Breaker ===

impl Breaker {
    /// At rest: calls pass, nothing is counted.
    pub fn new(insurer: &str, lane: Lane, config: BreakerConfig, metrics: &Metrics) -> Arc<Self> {
        Arc::new(Self {
            insurer: insurer.to_owned(),
            lane,
            machine: Mutex::new(Machine::new(config, chance::fraction)),
            turned: watch::Sender::default(),
            meter: Meter::new(insurer, lane, metrics),
        })
    }

    /// Whether a call need not even begin to wait. It takes nothing: [`enter`](Self::enter) does. In a dry run the call
    /// goes, and comes back with what would have stood against it.
    pub fn look(&self) -> Result<Option<Blocked>, Blocked> {
        let (bar, held_back) = self.with(|machine, now| (machine.bar(now), machine.holds_back()));
        let Some(bar) = bar else { return Ok(None) };
        self.meter.blocked(bar.why, held_back);
        let blocked = self.told(bar);
        if held_back { Err(blocked) } else { Ok(Some(blocked)) }
    }

    /// Leave for a call to be sent now. While the lane is probed one call holds it at a time, until it has told what
    /// came of it or has given it up.
    pub fn enter(self: &Arc<Self>) -> Result<Pass, Blocked> {
        let entered = self.with(Machine::enter);
        entered.map(|ticket| Pass::new(self.clone(), ticket)).map_err(|bar| self.refuse(bar))
    }

    /// What `waiting` brings, unless the lane is blocked before.
    pub async fn unless_blocked<T>(&self, waiting: impl Future<Output = T>) -> Result<T, Blocked> {
        self.unless(waiting, || self.with(|machine, now| machine.bar(now).filter(|_| machine.holds_back())))
            .await
    }

    /// Takes it in hand, whatever its mode and state, until then or until it is released.
    pub fn hold(&self, hand: Hand, until: Option<Instant>) {
        self.with(|machine, now| machine.hold(now, hand, until));
    }

    /// Takes the hand away; counting begins anew.
    pub fn release(&self) {
        self.with(|machine, _| machine.release());
    }

    /// From now on it works like this. Nothing that was counted is forgotten, unless the window is another one.
    pub fn set(&self, config: BreakerConfig) {
        self.with(|machine, _| machine.set(config));
    }

    /// Where it stands, for operators.
    pub fn standing(&self) -> BreakerStanding {
        let (trouble, counts, place, held, tries, mode) = self.with(|machine, now| {
            machine.settle(now);
            let (trouble, counts, place) = (machine.trouble(), machine.counts(now), machine.place().1);
            (trouble, counts, place, machine.held(), machine.good_tries(), machine.config().mode)
        });
        BreakerStanding {
            insurer: self.insurer.clone(),
            lane: self.lane,
            mode: mode.name(),
            state: place.into(),
            since: trouble.map(|bar| wall_clock(bar.since)),
            until: trouble.and_then(|bar| bar.until).map(wall_clock),
            why: trouble.map(|bar| bar.why),
            good_tries: tries,
            in_a_row: counts.0,
            calls: counts.1.of,
            failed: counts.1.failed,
            hand: held.map(|held| HandStanding {
                hand: match held.hand {
                    Hand::Block => "block",
                    Hand::Pass => "pass",
                },
                since: wall_clock(held.since),
                until: held.until.map(wall_clock),
            }),
        }
    }

    /// Lets time do what it does, so that metrics are of now.
    pub fn settle(&self) {
        self.with(|machine, now| machine.settle(now));
    }

    /// Whose lane it is of.
    pub const fn lane(&self) -> Lane {
        self.lane
    }

    pub(super) async fn unless_recalled<T>(
        &self,
        ticket: Option<Ticket>,
        waiting: impl Future<Output = T>,
    ) -> Result<T, Blocked> {
        self.unless(waiting, || self.with(|machine, now| machine.recall(now, ticket))).await
    }

    pub(super) fn recall(&self, ticket: Option<Ticket>) -> Result<(), Blocked> {
        let bar = self.with(|machine, now| machine.recall(now, ticket));
        bar.map_or(Ok(()), |bar| Err(self.refuse(bar)))
    }

    pub(super) fn report(&self, ticket: Ticket, word: Word) {
        self.with(|machine, now| machine.report(now, ticket, word));
    }

    async fn unless<T>(
        &self,
        waiting: impl Future<Output = T>,
        look: impl Fn() -> Option<Bar>,
    ) -> Result<T, Blocked> {
        let blocked = async {
            // Before the first look: a change between the two is not missed.
            let mut turned = self.turned.subscribe();
            loop {
                if let Some(bar) = look() {
                    return bar;
                }
                if turned.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::select! {
            biased;
            // First: the failure that blocks the lane may free a token in the same moment, and nobody goes with it.
            bar = blocked => Err(self.refuse(bar)),
            brought = waiting => Ok(brought),
        }
    }

    fn refuse(&self, bar: Bar) -> Blocked {
        self.meter.blocked(bar.why, true);
        self.told(bar)
    }

    fn told(&self, Bar { since, until, why }: Bar) -> Blocked {
        Blocked { lane: self.lane, since: wall_clock(since), until: until.map(wall_clock), why }
    }

    /// Does something with the machine, and tells what changed by it.
    fn with<T>(&self, act: impl FnOnce(&mut Machine, Instant) -> T) -> T {
        let now = Instant::now();
        let mut machine = self.lock();
        let whole = |machine: &Machine| (machine.epoch(), machine.place(), machine.config().mode);
        let before = whole(&machine);
        let done = act(&mut machine, now);
        let after = whole(&machine);
        if after == before {
            return done;
        }
        self.meter.show(&machine);
        let bar = machine.bar(now);
        drop(machine);
        self.turned.send_replace(());
        if before.1 != after.1 {
            self.log(after.1, after.2, bar);
        }
        done
    }

    fn log(&self, (hand, place): (Option<Hand>, Place), mode: Mode, bar: Option<Bar>) {
        let (insurer, lane, word) = (self.insurer.as_str(), self.lane.name(), mode.name());
        let why = bar.map(|bar| bar.why.to_string());
        let until = bar.and_then(|bar| bar.until).map(|until| wall_clock(until).to_string());
        match (hand, place) {
            (Some(Hand::Block), _) => tracing::warn!(insurer, lane, until, "a person blocks the lane"),
            (Some(Hand::Pass), _) => {
                tracing::warn!(insurer, lane, "a person lets every call of the lane pass");
            }
            (None, Place::Blocked) if mode == Mode::DryRun => {
                tracing::warn!(insurer, lane, why, until, "the lane's breaker would block: a dry run");
            }
            (None, Place::Blocked) => {
                tracing::warn!(insurer, lane, why, until, "the lane's breaker blocks");
            }
            (None, Place::Probing) => {
                tracing::info!(insurer, lane, mode = word, "the lane's breaker lets one call at a time try");
            }
            (None, Place::Passing) => {
                tracing::info!(insurer, lane, mode = word, "the lane's breaker lets calls pass");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Place> for State {
    fn from(place: Place) -> Self {
        match place {
            Place::Passing => State::Passing,
            Place::Probing => State::Probing,
            Place::Blocked => State::Blocked,
        }
    }
}

/// The time of day of a moment near now.
fn wall_clock(at: Instant) -> Timestamp {
    let (now, here) = (telemetry::now(), Instant::now());
    let ahead = at.saturating_duration_since(here);
    let behind = here.saturating_duration_since(at);
    now.checked_add(ahead).and_then(|then| then.checked_sub(behind)).unwrap_or(now)
}
