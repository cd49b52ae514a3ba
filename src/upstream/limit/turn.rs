//! A call's way through the limits: its turn, and the token that it leaves with.

use std::time::Duration;

use jiff::civil::Date;
use tokio::time::Instant;

use super::{Limiter, TooLate, line::Place, too_late::Holder};
use crate::config::Mode;

/// A call that waits is judged anew at least so often: the wall clock, by which days change, may be set.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// A call's place among those that wait.
#[derive(Debug)]
pub struct Turn<'a> {
    limiter: &'a Limiter,
    place: Place<'a>,
    since: Instant,
    was_held_up: bool,
}

/// Leave for one call to go now. Spent when dropped.
#[derive(Debug)]
#[must_use = "a token is spent; give it back where nothing was sent"]
pub struct Token<'a> {
    limiter: &'a Limiter,
    at: Instant,
    date: Date,
}

/// What a waiting call does next.
enum Step<T> {
    Go(T),
    Refuse(TooLate),
    /// Looks again then, or when it is told to.
    Wait(Instant),
}

// === impl Turn ===

impl<'a> Turn<'a> {
    pub(super) fn new(limiter: &'a Limiter, place: Place<'a>, since: Instant) -> Self {
        Self { limiter, place, since, was_held_up: false }
    }

    /// Waits until the call's moment is no further than `lead`. From then until [`Turn::take`] those behind it may go
    /// before: something slow may be done meanwhile.
    pub async fn near(&mut self, lead: Duration) -> Result<(), TooLate> {
        self.follow(|turn| turn.look(lead)).await
    }

    /// Waits for the moment and takes a token of every window: the call must leave now.
    pub async fn take(mut self) -> Result<Token<'a>, TooLate> {
        self.place.set_busy(false);
        self.follow(Self::step).await
    }

    async fn follow<T>(&mut self, step: impl Fn(&Self) -> Step<T>) -> Result<T, TooLate> {
        loop {
            let until = match step(self) {
                Step::Go(gone) => return Ok(gone),
                Step::Refuse(too_late) => {
                    self.limiter.refused();
                    return Err(too_late);
                }
                Step::Wait(until) => until,
            };
            if !std::mem::replace(&mut self.was_held_up, true) {
                self.limiter.held_up();
            }
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(until) => {}
                () = self.place.changed() => {}
            }
        }
    }

    fn look(&self, lead: Duration) -> Step<()> {
        if let Some(too_late) = self.place.refused() {
            return Step::Refuse(too_late);
        }
        let mut state = self.limiter.lock();
        let now = Instant::now();
        state.days.turn(now);
        let ahead = if state.mode == Mode::On { self.place.ahead() } else { 0 };
        let ready = state.readiness(now, ahead);
        if ready.at > self.place.latest() {
            return Step::Refuse(ready.too_late(now));
        }
        if ready.at > now + lead {
            return Step::Wait(ready.at.checked_sub(lead).unwrap_or(now).min(now + LOOK_AGAIN));
        }
        self.limiter.ask_store(&mut state);
        drop(state);
        self.place.set_busy(true);
        Step::Go(())
    }

    fn step(&self) -> Step<Token<'a>> {
        if let Some(too_late) = self.place.refused() {
            return Step::Refuse(too_late);
        }
        let mut state = self.limiter.lock();
        let (now, latest) = (Instant::now(), self.place.latest());
        state.days.turn(now);
        if state.mode == Mode::On && !self.place.is_first() {
            let ready = state.readiness(now, self.place.ahead());
            return if now < latest { Step::Wait(latest) } else { Step::Refuse(ready.too_late(now)) };
        }
        let ready = state.readiness(now, 0);
        if ready.at > latest {
            return Step::Refuse(ready.too_late(now));
        }
        if ready.at > now {
            return Step::Wait(ready.at.min(now + LOOK_AGAIN));
        }
        if ready.asks {
            self.limiter.ask_store(&mut state);
            let too_late = TooLate::at(now, now, Holder::Store);
            return if now < latest { Step::Wait(latest) } else { Step::Refuse(too_late) };
        }
        state.windows.take(now);
        let date = state.days.take();
        self.limiter.ask_store(&mut state);
        drop(state);
        self.limiter.went(now.saturating_duration_since(self.since));
        Step::Go(Token { limiter: self.limiter, at: now, date })
    }
}

// === impl Token ===

impl Token<'_> {
    /// Nothing was sent: every window is as if the call had never gone, and whoever waits is told.
    pub fn give_back(self) {
        self.limiter.take_back(self.at, self.date);
    }
}
