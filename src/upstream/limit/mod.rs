//! Limits of one lane: how many calls in a while, how many at once, and who goes first.
//!
//! A lane has several windows at once (`5/s`, `200/min burst 20`, `10000/day`); a call goes only when all of them
//! have room. The moment of readiness is known, so a call is refused at once or waits exactly, and is served by
//! class and then by least slack. Tokens are taken of all windows together or of none, at the moment of sending;
//! one whose call did not leave after all is given back to all of them.
//!
//! | module | what it does |
//! |---|---|
//! | `windows`, `admissions` | seconds, minutes and hours, judged by a log of what went |
//! | [`shared`] | the same for several replicas, which keep them together |
//! | [`days`], [`day_book`], [`calendar`] | Moscow's days, whose counts outlive the process |
//! | `line`, [`turn`] | who waits, and in which order |
//! | [`permits`] | how many at once |
//! | `demand`, `rehearsal`, [`forecast`] | what other limits would have done |
//! | [`standing`], [`metrics`], [`too_late`] | what is told about it |
//!
//! **When limits change** nothing is forgotten: the new ones are judged by the same log, so that no stretch holds
//! more than its count, calls before the change included; whoever waits and would now go too late is refused at
//! once.
//!
//! **In `off` and `dry-run`** calls are counted all the same. What an insurer says by a 429 holds in every mode.
//!
//! **On a cold start** days are as they were; the shorter windows are empty, unless replicas share them.

mod admissions;
pub mod calendar;
pub mod day_book;
pub mod days;
mod demand;
pub mod forecast;
mod line;
pub mod metrics;
mod moment;
pub mod permits;
mod rehearsal;
pub mod shared;
pub mod standing;
#[cfg(test)]
mod tests;
pub mod too_late;
pub mod turn;
mod windows;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::civil::Date;
use tokio::time::Instant;

pub use self::{
    calendar::Calendar,
    day_book::DayBook,
    forecast::Forecast,
    metrics::LimitMetrics,
    permits::Permits,
    shared::Together,
    standing::{LimitStanding, WindowStanding},
    too_late::{Holder, TooLate},
    turn::{Token, Turn},
};
use self::{
    day_book::{DayPage, InMemory},
    days::{Days, Room},
    demand::Demand,
    line::Line,
    rehearsal::Rehearsal,
    shared::{Next, Seat, SharedLane, Slot},
    windows::Windows,
};
use super::budget::{Budget, Rank};
use crate::config::{Mode, RateLimit};

/// Between two tries to have the store reserve calls of a day.
const RETRY: Duration = Duration::from_secs(1);

/// The limits of one lane and those who wait for them. Cheap to clone.
#[derive(Clone)]
pub struct Limiter(Arc<Inner>);

/// What a limiter is made of beside its limits.
pub struct Setup {
    /// The lane's name in logs.
    pub name: String,
    /// Where the day's count is written down.
    pub page: Arc<dyn DayPage>,
    /// Which day it is.
    pub calendar: Calendar,
    /// Where it is told.
    pub metrics: LimitMetrics,
    /// With whom the limits are shared; none where this gateway keeps them alone.
    pub seat: Option<Seat>,
}

struct Inner {
    setup: Setup,
    state: Mutex<State>,
    line: Line,
}

struct State {
    /// Nothing is known of before.
    begun: Instant,
    mode: Mode,
    limits: Vec<RateLimit>,
    /// By what went from here.
    windows: Windows,
    /// By what went from any replica.
    shared: Option<SharedLane>,
    days: Days,
    closed_until: Option<Instant>,
    demand: Demand,
    rehearsal: Option<Rehearsal>,
    refused: u64,
    store_fails: bool,
}

/// When a call could go, as far as is known.
struct Readiness {
    at: Instant,
    holder: Holder,
    /// Only when the store has answered.
    asks: bool,
}

// === impl Limiter ===

impl Limiter {
    /// These limits, all of which hold; without any, every call may go.
    pub fn new(limits: &[RateLimit], mode: Mode, setup: Setup) -> Self {
        let now = Instant::now();
        let state = State {
            begun: now,
            mode,
            limits: Vec::new(),
            windows: Windows::new(&[], now),
            shared: setup.seat.as_ref().map(|_| SharedLane::default()),
            days: Days::new(setup.calendar, now),
            closed_until: None,
            demand: Demand::default(),
            rehearsal: None,
            refused: 0,
            store_fails: false,
        };
        let new = Self(Arc::new(Inner { setup, state: Mutex::new(state), line: Line::default() }));
        if let Some(seat) = &new.0.setup.seat {
            seat.together.join(&new.0);
        }
        new.put(limits, mode);
        new
    }

    /// These limits hold from now on. What went stays counted; whoever waits is judged anew.
    pub fn set(&self, limits: &[RateLimit], mode: Mode) {
        let is_so = {
            let state = self.lock();
            state.mode == mode && state.limits == limits
        };
        // A dry run goes on where nothing changes for it.
        if !is_so {
            self.put(limits, mode);
        }
    }

    fn put(&self, limits: &[RateLimit], mode: Mode) {
        let mut state = self.lock();
        let now = Instant::now();
        state.days.turn(now);
        state.mode = mode;
        state.limits = limits.to_vec();
        state.windows.set(limits, now);
        if let Some(lane) = &mut state.shared {
            // Those that hold nobody up take nothing either.
            lane.set(if mode == Mode::On { limits } else { &[] }, now);
        }
        // A daily limit that does not hold does not wait for the store either.
        state.days.set(limits.iter().filter(|_| mode == Mode::On));
        state.rehearsal = (mode == Mode::DryRun).then(|| {
            let used = state.days.used();
            Rehearsal::new(limits, state.windows.clone(), used, self.0.setup.calendar, now)
        });
        self.judge(&state, now);
        drop(state);
        self.ring();
    }

    /// Lets nothing through until then, whatever the mode: the insurer said so with a 429.
    pub fn close_for(&self, pause: Duration) {
        let mut state = self.lock();
        let now = Instant::now();
        let until = now + pause;
        state.closed_until = Some(state.closed_until.map_or(until, |earlier| earlier.max(until)));
        self.judge(&state, now);
    }

    /// Joins those that wait. Refuses at once where the moment of readiness is later than leaves `useful` of the
    /// budget.
    pub fn join(&self, budget: &Budget, useful: Duration) -> Result<Turn<'_>, TooLate> {
        let mut state = self.lock();
        let (now, latest, rank) = (Instant::now(), budget.latest(useful), budget.rank());
        self.wishes(&mut state, now, rank, latest);
        let ready = self.foreseen(&state, now, self.0.line.ahead_of(rank));
        if ready.at > latest {
            drop(state);
            self.refused();
            return Err(ready.too_late(now));
        }
        let place = self.0.line.join(rank, latest);
        drop(state);
        self.ring();
        Ok(Turn::new(self, place, now))
    }

    /// Refuses a call that waits for something else first, behind `before` others of its lane, where it could join only
    /// to be refused.
    pub fn look(&self, budget: &Budget, useful: Duration, before: usize) -> Result<(), TooLate> {
        let mut state = self.lock();
        let (now, latest, rank) = (Instant::now(), budget.latest(useful), budget.rank());
        state.days.turn(now);
        let ready = self.foreseen(&state, now, self.0.line.ahead_of(rank) + before);
        if ready.at <= latest {
            return Ok(());
        }
        self.wishes(&mut state, now, rank, latest);
        drop(state);
        self.refused();
        Err(ready.too_late(now))
    }

    fn wishes(&self, state: &mut State, now: Instant, rank: Rank, latest: Instant) {
        state.days.turn(now);
        state.demand.wish(now, latest, rank.class);
        if let Some(rehearsal) = &mut state.rehearsal {
            self.rehearse(rehearsal, |rehearsal| rehearsal.ask(now, rank.class, latest));
        }
    }

    /// Waits and takes a token of every window: the call must leave now.
    pub async fn take(&self, budget: &Budget, useful: Duration) -> Result<Token<'_>, TooLate> {
        self.join(budget, useful)?.take().await
    }

    /// What other limits would have done to the calls of the last hour. It takes up to some hundred milliseconds of
    /// a processor for a lane with thousands of calls.
    pub fn forecast(&self, limits: &[RateLimit]) -> Forecast {
        let (demand, used_before, now, age) = {
            let state = self.lock();
            let now = Instant::now();
            let first = state.demand.of_the_hour(now).next().map_or(now, |first| first.at);
            let since = first.checked_sub(Duration::from_nanos(1)).unwrap_or(first);
            (
                state.demand.clone(),
                state.days.used().saturating_sub(state.windows.after(since)),
                now,
                now - state.begun,
            )
        };
        let forecast = demand.forecast(limits, used_before, self.0.setup.calendar, now);
        Forecast { covers: forecast.covers.min(age), ..forecast }
    }

    /// How it stands.
    pub fn standing(&self) -> LimitStanding {
        let mut state = self.lock();
        let now = Instant::now();
        state.days.turn(now);
        let counted = state.counted(now);
        let of = |limit: &RateLimit| WindowStanding {
            limit: *limit,
            used: counted.get(limit.window()).copied().unwrap_or(0),
        };
        let waiting = self.0.line.len();
        LimitStanding {
            mode: state.mode,
            windows: state.limits.iter().map(of).collect(),
            counted,
            waiting,
            closed_for: state
                .closed_until
                .map_or(Duration::ZERO, |until| until.saturating_duration_since(now)),
            ready_in: self.foreseen(&state, now, waiting).at.saturating_duration_since(now),
            shared: self.shared(),
            refused: state.refused,
            would_have_refused: state.rehearsal.as_ref().map_or(0, |rehearsal| rehearsal.tally.refused),
            store_fails: state.store_fails,
        }
    }

    /// How it is shared with other replicas, in a word: `shared`, `waiting`, `fair_share` or `over`; none where this
    /// gateway keeps it alone.
    pub fn shared(&self) -> Option<&'static str> {
        self.seat().map(|seat| seat.together.link(Instant::now()).word())
    }

    /// Tells the metrics how it stands.
    pub fn observe(&self) {
        let mut state = self.lock();
        let now = Instant::now();
        state.days.turn(now);
        let mut allowed = [0; 4];
        for limit in &state.limits {
            if let Some(least) = allowed.get_mut(limit.window()) {
                *least = if *least == 0 { limit.count } else { limit.count.min(*least) };
            }
        }
        self.0.setup.metrics.show(state.counted(now), allowed);
    }

    /// Gives back what is reserved of the day and was not used: the gateway stops, and nothing more leaves.
    pub async fn rest(&self) {
        let Some((date, unused)) = self.lock().days.rest() else { return };
        if let Err(error) = self.0.setup.page.give_back(date, unused).await {
            tracing::warn!(lane = self.0.setup.name, %error, unused, "calls of the day's quota are lost");
        }
    }

    fn rehearse(&self, rehearsal: &mut Rehearsal, happens: impl FnOnce(&mut Rehearsal)) {
        let before = rehearsal.tally;
        happens(rehearsal);
        let after = rehearsal.tally;
        (before.refused..after.refused).for_each(|_| self.0.setup.metrics.refused(Mode::DryRun));
        (before.waited..after.waited).for_each(|_| self.0.setup.metrics.held_up(Mode::DryRun));
    }

    /// Everybody who waits looks again; those go who would be too late.
    fn judge(&self, state: &State, now: Instant) {
        self.0.line.judge(|ahead, latest| {
            let ready = self.readiness(state, now, ahead);
            (ready.at > latest).then(|| ready.too_late(now))
        });
    }

    /// When a call could go that lets `ahead` others go first: never too late.
    fn readiness(&self, state: &State, now: Instant, ahead: usize) -> Readiness {
        state.readiness(now, ahead, 1, self.seat())
    }

    /// The same for one that comes now: where replicas share, each may have as many before it.
    fn foreseen(&self, state: &State, now: Instant, ahead: usize) -> Readiness {
        let crowd = self.seat().map_or(1, |seat| seat.together.replicas());
        state.readiness(now, ahead, crowd, self.seat())
    }

    fn seat(&self) -> Option<&Seat> {
        self.0.setup.seat.as_ref()
    }

    /// Something is wanted of what replicas share, it may be.
    fn ring(&self) {
        if let Some(seat) = self.seat() {
            seat.together.ring();
        }
    }

    fn refused(&self) {
        self.lock().refused += 1;
        // Off or not, it is really refused: by an insurer's 429.
        self.0.setup.metrics.refused(Mode::On);
    }

    fn held_up(&self) {
        self.0.setup.metrics.held_up(Mode::On);
    }

    fn went(&self, waited: Duration) {
        self.0.setup.metrics.went(waited);
    }

    fn take_back(&self, at: Instant, date: Date, slot: Option<Slot>) {
        let mut state = self.lock();
        let now = Instant::now();
        state.days.turn(now);
        state.windows.give_back(at, now);
        if let (Some(lane), Some(slot)) = (&mut state.shared, slot) {
            lane.give_back(slot);
        }
        state.days.give_back(date);
        if let Some(rehearsal) = &mut state.rehearsal {
            rehearsal.give_back(at);
        }
        drop(state);
        self.0.line.wake_first();
        self.ring();
    }

    /// Has calls of the day reserved, where it is time to.
    fn ask_store(&self, state: &mut State) {
        if let Some(ask) = state.days.ask() {
            tokio::spawn(self.clone().reserve(ask));
        }
    }

    async fn reserve(self, mut ask: days::Ask) {
        loop {
            let answer = self.0.setup.page.reserve(ask).await;
            let lane = &self.0.setup.name;
            let failed = answer.as_ref().err().cloned();
            if let Some(error) = &failed {
                if !std::mem::replace(&mut self.lock().store_fails, true) {
                    tracing::error!(lane, %error, "the store does not take the day's count; where a daily limit holds, calls wait");
                }
                tokio::time::sleep(RETRY).await;
            }
            let mut state = self.lock();
            state.days.answered(ask, answer.ok());
            if failed.is_none() && std::mem::take(&mut state.store_fails) {
                tracing::info!(lane, "the store takes the day's count again");
            }
            state.days.turn(Instant::now());
            let next = state.days.ask();
            drop(state);
            self.0.line.wake_first();
            match next {
                Some(next) => ask = next,
                None => return,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Limiter({})", self.0.setup.name)
    }
}

// === impl State ===

impl State {
    /// When a call could go that lets `ahead` others go first, each of whom lets a `crowd` go where replicas share.
    fn readiness(&self, now: Instant, ahead: usize, crowd: u32, seat: Option<&Seat>) -> Readiness {
        let mut ready = Readiness { at: now, holder: Holder::Others, asks: false };
        if let Some(until) = self.closed_until.filter(|until| *until > now) {
            ready = Readiness { at: until, holder: Holder::Insurer, ..ready };
        }
        if self.mode != Mode::On {
            return ready;
        }
        let next = match (&self.shared, seat) {
            (Some(lane), Some(seat)) => lane.next(now, ahead, crowd, seat.together.link(now)),
            _ => match self.windows.ready(now, ahead) {
                (at, limit) if at > now => Next::At(at, limit),
                _ => Next::Now,
            },
        };
        match next {
            Next::Now => {}
            // Soon, where the rows that replicas share can be visited.
            Next::Asking if ready.at == now => ready.holder = Holder::Away,
            Next::At(at, limit) if at > ready.at => {
                ready = Readiness { at, holder: limit.map_or(Holder::Others, Holder::Limit), ..ready };
            }
            Next::Away(at) if at >= ready.at => {
                ready = Readiness { at, holder: Holder::Away, ..ready };
            }
            Next::At(..) | Next::Away(_) | Next::Asking => {}
        }
        match self.days.room(ahead) {
            Room::Now => {}
            Room::Asking => ready.asks = true,
            Room::Tomorrow(at, limit) if at > ready.at => {
                ready = Readiness { at, holder: Holder::Limit(limit), asks: false };
            }
            Room::Tomorrow(..) => {}
        }
        ready
    }

    /// Calls of the last second, minute and hour, and of this day.
    fn counted(&self, now: Instant) -> [u64; 4] {
        let own = || [1, 60, 3_600].map(|seconds| self.windows.within(Duration::from_secs(seconds), now));
        let [second, minute, hour] = self.shared.as_ref().map_or_else(own, |lane| lane.counted(now));
        [second, minute, hour, self.days.used()]
    }
}

// === impl Readiness ===

impl Readiness {
    fn too_late(&self, now: Instant) -> TooLate {
        TooLate::at(self.at, now, self.holder)
    }
}

// === impl Setup ===

/// Counts that end with the process, days of the wall clock, figures that nobody reads.
impl Default for Setup {
    fn default() -> Self {
        Self {
            name: String::new(),
            page: Arc::new(InMemory::default()),
            calendar: Calendar::default(),
            metrics: LimitMetrics::none(),
            seat: None,
        }
    }
}
