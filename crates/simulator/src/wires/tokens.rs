//! Tokens that callers are given and call with. One ends by age or by the number of calls made with it, as the knobs say;
//! the call that finds it ended is not carried out, and from then on it is unknown.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use crate::{Knobs, draws::Draws};

/// The tokens of one insurer.
pub(super) struct Tokens {
    draws: Draws,
    write: fn(&Draws) -> String,
    state: Mutex<State>,
}

/// Why a token is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stale {
    /// It was never given, or was told to be over.
    Unknown,
    /// It is over, which is told once.
    Ended,
}

#[derive(Default)]
struct State {
    given: u64,
    good: HashMap<String, Token>,
}

struct Token {
    since: Instant,
    calls: u32,
}

/// Tokens that are remembered; a caller that asks for more loses the older ones.
const REMEMBERED: usize = 10_000;

// === impl Tokens ===

impl Tokens {
    /// No token yet; `write` makes one of its draws.
    pub(super) fn new(draws: Draws, write: fn(&Draws) -> String) -> Self {
        Self { draws, write, state: Mutex::default() }
    }

    /// A new token.
    pub(super) fn give(&self) -> String {
        let mut state = self.lock();
        if state.good.len() >= REMEMBERED {
            state.good.clear();
        }
        let token = (self.write)(&self.draws.with_number(state.given));
        state.given += 1;
        state.good.insert(token.clone(), Token { since: Instant::now(), calls: 0 });
        token
    }

    /// Lets a call with a good token through and counts it.
    pub(super) fn spend(&self, token: &str, knobs: &Knobs) -> Result<(), Stale> {
        let mut state = self.lock();
        let found = state.good.get_mut(token).ok_or(Stale::Unknown)?;
        let spent = knobs.session_calls > 0 && found.calls >= knobs.session_calls;
        if spent || found.since.elapsed() > knobs.session_life {
            state.good.remove(token);
            return Err(Stale::Ended);
        }
        found.calls += 1;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_token_ends_after_its_calls_or_by_age_and_is_unknown_from_then_on() {
        let tokens = Tokens::new(Draws::new(1), |draws| draws.hex("token", 40));
        let two = Knobs { session_calls: 2, ..Knobs::default() };
        let token = tokens.give();
        let seen = [(); 4].map(|()| tokens.spend(&token, &two));
        assert_eq!(seen, [Ok(()), Ok(()), Err(Stale::Ended), Err(Stale::Unknown)]);
        let old = Knobs { session_life: Duration::ZERO, ..Knobs::default() };
        assert_eq!(tokens.spend(&tokens.give(), &old), Err(Stale::Ended));
        assert_eq!(tokens.spend("", &Knobs::default()), Err(Stale::Unknown));
    }
}
