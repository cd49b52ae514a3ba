//! What a breaker does, without a socket.

mod counting;
mod never;
mod shell;
mod transitions;

use std::time::Duration;

use tokio::time::Instant;

use super::{
    machine::{Bar, Machine, Ticket},
    standing::State,
    word::Word,
};
use crate::{
    config::{BreakerConfig, Mode},
    upstream::verdict::Verdict,
};

const SECOND: Duration = Duration::from_secs(1);
const BAD: Word = Word::Bad(Verdict::ServerError);

/// Three in a row, or half of at least six within 10 s; 4 s, 8 s, at most 12 s; two tries.
const CONFIG: BreakerConfig = BreakerConfig {
    mode: Mode::On,
    in_a_row: 3,
    percent: 50,
    window: Duration::from_secs(10),
    sample: 6,
    pause: Duration::from_secs(4),
    longest_pause: Duration::from_secs(12),
    tries: 2,
};

/// A machine with a clock that is turned by hand, and pauses of full length.
struct Rig {
    machine: Machine,
    now: Instant,
}

// === impl Rig ===

impl Rig {
    fn new() -> Self {
        Self::with(CONFIG, || 0.0)
    }

    fn with(config: BreakerConfig, jitter: fn() -> f64) -> Self {
        Self { machine: Machine::new(config, jitter), now: Instant::now() }
    }

    /// One that has just been blocked for its first pause.
    fn blocked() -> Self {
        let mut rig = Self::new();
        rig.calls(&[BAD; 3]);
        assert_eq!(rig.place(), State::Blocked);
        rig
    }

    fn later(&mut self, by: Duration) -> &mut Self {
        self.now += by;
        self
    }

    fn place(&mut self) -> State {
        self.machine.settle(self.now);
        self.machine.place().1
    }

    /// A call's leave.
    fn enter(&mut self) -> Result<Option<Ticket>, Bar> {
        self.machine.enter(self.now)
    }

    fn ticket(&mut self) -> Ticket {
        self.enter().expect("leave").expect("a ticket")
    }

    fn report(&mut self, ticket: Ticket, word: Word) -> State {
        self.machine.report(self.now, ticket, word);
        self.place()
    }

    /// One call after the other.
    fn calls(&mut self, words: &[Word]) -> State {
        for word in words {
            let ticket = self.ticket();
            self.report(ticket, *word);
        }
        self.place()
    }

    /// For how long it refuses calls.
    fn pause(&mut self) -> Duration {
        let bar = self.enter().expect_err("a refusal");
        bar.until.expect("an end").duration_since(self.now)
    }
}
