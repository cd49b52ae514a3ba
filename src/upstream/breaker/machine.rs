//! The states of a breaker and the only transitions between them.
//!
//! Plain functions over what happens and when: no clock, no lock, no chance of its own.
//!
//! Every change of state begins a new epoch. A [`Ticket`] is good in the epoch that it was given out in: what comes back from
//! calls that left before the change says nothing any more.

use tokio::time::Instant;

use super::{
    blocked::Why,
    pauses::Pauses,
    recent::{Calls, Recent},
    standing::State,
    word::Word,
};
use crate::config::{BreakerConfig, Mode};

/// What a person wants, whatever the machine thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// No call goes.
    Block,
    /// Every call goes.
    Pass,
}

/// The machine.
#[derive(Debug)]
pub(super) struct Machine {
    config: BreakerConfig,
    state: Inner,
    epoch: u64,
    in_a_row: u32,
    recent: Recent,
    pauses: Pauses,
    hand: Option<Held>,
}

#[derive(Debug, Clone, Copy)]
enum Inner {
    Passing,
    Blocked { since: Instant, until: Instant, why: Why },
    Probing { since: Instant, why: Why, good: u32, under_way: bool },
}

/// A person's hand on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    pub hand: Hand,
    pub since: Instant,
    pub until: Option<Instant>,
}

/// Leave for one try of a call; what comes of it is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    epoch: u64,
    pub is_probe: bool,
}

#[cfg(test)]
impl Ticket {
    pub(super) const fn epoch(self) -> u64 {
        self.epoch
    }
}

/// What stands against a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bar {
    pub since: Instant,
    /// None where nobody knows.
    pub until: Option<Instant>,
    pub why: Why,
}

// === impl Machine ===

impl Machine {
    pub(super) fn new(config: BreakerConfig, jitter: fn() -> f64) -> Self {
        Self {
            config,
            state: Inner::Passing,
            epoch: 0,
            in_a_row: 0,
            recent: Recent::new(config.window),
            pauses: Pauses::new(jitter),
            hand: None,
        }
    }

    pub(super) fn config(&self) -> BreakerConfig {
        self.config
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The hand on it, and where it stands under that hand.
    pub(super) fn place(&self) -> (Option<Hand>, State) {
        let place = match self.state {
            Inner::Passing => State::Passing,
            Inner::Blocked { .. } => State::Blocked,
            Inner::Probing { .. } => State::Probing,
        };
        (self.hand.map(|held| held.hand), place)
    }

    pub(super) fn held(&self) -> Option<Held> {
        self.hand
    }

    /// Failures in a row, and the calls of the window.
    pub(super) fn counts(&mut self, now: Instant) -> (u32, Calls) {
        (self.in_a_row, self.recent.count(now))
    }

    /// Good tries so far; none where it does not probe.
    pub(super) fn good_tries(&self) -> Option<u32> {
        match self.state {
            Inner::Probing { good, .. } => Some(good),
            Inner::Passing | Inner::Blocked { .. } => None,
        }
    }

    /// Why calls do not pass by the machine's own judgement, if they do not.
    pub(super) fn trouble(&self) -> Option<Bar> {
        match self.state {
            Inner::Passing => None,
            Inner::Blocked { since, until, why } => Some(Bar { since, until: Some(until), why }),
            Inner::Probing { since, why, .. } => Some(Bar { since, until: None, why }),
        }
    }

    /// Does what time alone does.
    pub(super) fn settle(&mut self, now: Instant) {
        if self.hand.and_then(|held| held.until).is_some_and(|until| now >= until) {
            self.release();
        }
        if let Inner::Blocked { since, until, why } = self.state
            && now >= until
        {
            self.turn(Inner::Probing { since, why, good: 0, under_way: false });
        }
    }

    /// What stands against a call now, in any mode. It takes nothing.
    pub(super) fn bar(&mut self, now: Instant) -> Option<Bar> {
        self.settle(now);
        match self.hand {
            Some(Held { hand: Hand::Block, since, until }) => {
                return Some(Bar { since, until, why: Why::Hand });
            }
            Some(Held { hand: Hand::Pass, .. }) => return None,
            None => {}
        }
        match self.state {
            Inner::Probing { under_way: false, .. } => None,
            Inner::Passing | Inner::Blocked { .. } | Inner::Probing { .. } => self.trouble(),
        }
    }

    /// Whether what stands against a call holds it back.
    pub(super) fn holds_back(&self) -> bool {
        self.hand.is_some() || self.config.mode == Mode::On
    }

    /// Leave for a call to be sent. No ticket: it goes, and nothing is learnt of it.
    pub(super) fn enter(&mut self, now: Instant) -> Result<Option<Ticket>, Bar> {
        match self.bar(now) {
            Some(bar) if self.holds_back() => return Err(bar),
            Some(_) => return Ok(None),
            None => {}
        }
        if self.hand.is_some() || self.config.mode == Mode::Off {
            return Ok(None);
        }
        let is_probe = match &mut self.state {
            Inner::Probing { under_way, .. } => {
                *under_way = true;
                true
            }
            Inner::Passing | Inner::Blocked { .. } => false,
        };
        Ok(Some(Ticket { epoch: self.epoch, is_probe }))
    }

    /// What stands by now against a call that was given leave earlier and has not left.
    pub(super) fn recall(&mut self, now: Instant, ticket: Option<Ticket>) -> Option<Bar> {
        let bar = self.bar(now).filter(|_| self.holds_back())?;
        let is_the_probe =
            self.hand.is_none() && ticket.is_some_and(|ticket| ticket.is_probe && ticket.epoch == self.epoch);
        (!is_the_probe).then_some(bar)
    }

    /// What came of a call.
    pub(super) fn report(&mut self, now: Instant, ticket: Ticket, word: Word) {
        self.settle(now);
        if ticket.epoch != self.epoch {
            return;
        }
        match self.state {
            Inner::Passing => self.count(now, word),
            Inner::Probing { since, why, good, .. } => match word {
                Word::Bad(last) => {
                    let pause = self.pauses.next(&self.config);
                    self.turn(Inner::Blocked { since, until: now + pause, why: Why::Try { last } });
                }
                Word::Good | Word::Answered if good + 1 >= self.config.tries => {
                    self.turn(Inner::Passing);
                    self.pauses.healed(now);
                }
                Word::Good | Word::Answered => {
                    self.state = Inner::Probing { since, why, good: good + 1, under_way: false };
                }
                Word::Soft(_) | Word::Nothing => {
                    self.state = Inner::Probing { since, why, good, under_way: false };
                }
            },
            Inner::Blocked { .. } => {}
        }
    }

    /// From now on it works like this. What was counted stays, unless the window is another one; a lane that is blocked
    /// stays so until the moment that it knew.
    pub(super) fn set(&mut self, config: BreakerConfig) {
        let before = std::mem::replace(&mut self.config, config);
        if before.window != config.window {
            self.recent = Recent::new(config.window);
        }
        if config.mode == Mode::Off && before.mode != Mode::Off {
            self.begin_anew();
        }
    }

    /// A person takes it in hand, until then or until it is released.
    pub(super) fn hold(&mut self, now: Instant, hand: Hand, until: Option<Instant>) {
        match &mut self.hand {
            // It is only meant to last for longer, or less long.
            Some(held) if held.hand == hand => held.until = until,
            _ => {
                self.begin_anew();
                self.hand = Some(Held { hand, since: now, until });
            }
        }
    }

    /// The person's hand is taken away.
    pub(super) fn release(&mut self) {
        if self.hand.take().is_some() {
            self.begin_anew();
        }
    }

    fn count(&mut self, now: Instant, word: Word) {
        let last = match word {
            Word::Good => {
                self.in_a_row = 0;
                return self.recent.add(now, false);
            }
            Word::Answered | Word::Nothing => return,
            Word::Bad(last) => {
                self.in_a_row = self.in_a_row.saturating_add(1);
                last
            }
            Word::Soft(last) => last,
        };
        self.recent.add(now, true);
        let Calls { of, failed } = self.recent.count(now);
        let why = if !matches!(word, Word::Soft(_)) && self.in_a_row >= self.config.in_a_row {
            Why::InARow { failures: self.in_a_row, last }
        } else if of >= self.config.sample && (Calls { of, failed }).failed_by(self.config.percent) {
            Why::Share { failed, of, last }
        } else {
            return;
        };
        let pause = self.pauses.first(now, &self.config);
        self.turn(Inner::Blocked { since: now, until: now + pause, why });
    }

    fn turn(&mut self, state: Inner) {
        self.state = state;
        self.epoch += 1;
        self.in_a_row = 0;
        self.recent = Recent::new(self.config.window);
    }

    fn begin_anew(&mut self) {
        self.turn(Inner::Passing);
        self.pauses.begin_anew();
    }
}
