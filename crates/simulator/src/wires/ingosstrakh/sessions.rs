//! Session tokens.
//!
//! A token ends by age or by the number of calls made with it, as the knobs say. The call that finds it
//! ended is not carried out and gets one of the five codes that mean "log in again"; all five occur, in
//! turn. A token that was never given, or has been told to be over, gets the first.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use crate::{Knobs, draws::Draws};

/// The sessions of one insurer.
pub(super) struct Sessions {
    draws: Draws,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    opened: u64,
    ended: usize,
    open: HashMap<String, Session>,
}

struct Session {
    since: Instant,
    calls: u32,
}

/// The codes that mean "log in again".
pub(super) const LOG_IN_AGAIN: [i32; 5] = [-20852, -20841, -20812, -20808, -20807];

/// Sessions that are remembered; a caller that logs in more often loses the older ones.
const REMEMBERED: usize = 10_000;

// === impl Sessions ===

impl Sessions {
    pub(super) fn new(draws: Draws) -> Self {
        Self { draws, state: Mutex::default() }
    }

    /// A new token.
    pub(super) fn open(&self) -> String {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.open.len() >= REMEMBERED {
            state.open.clear();
        }
        let token = self.draws.with_number(state.opened).uuid("token").to_uppercase();
        state.opened += 1;
        state.open.insert(token.clone(), Session { since: Instant::now(), calls: 0 });
        token
    }

    /// Lets a call through and counts it, or tells the code of the refusal.
    pub(super) fn spend(&self, token: &str, knobs: &Knobs) -> Result<(), i32> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let session = state.open.get_mut(token).ok_or(LOG_IN_AGAIN[0])?;
        let spent = knobs.session_calls > 0 && session.calls >= knobs.session_calls;
        if !spent && session.since.elapsed() <= knobs.session_life {
            session.calls += 1;
            return Ok(());
        }
        state.open.remove(token);
        state.ended += 1;
        Err(LOG_IN_AGAIN[(state.ended - 1) % LOG_IN_AGAIN.len()])
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_session_ends_after_its_calls_and_all_five_codes_occur() {
        let sessions = Sessions::new(Draws::new(1));
        let knobs = Knobs { session_calls: 1, ..Knobs::default() };
        let mut codes = Vec::new();
        for _ in 0..5 {
            let token = sessions.open();
            assert_eq!(sessions.spend(&token, &knobs), Ok(()));
            codes.extend(sessions.spend(&token, &knobs).err());
            assert_eq!(sessions.spend(&token, &knobs), Err(-20852), "it is unknown from then on");
        }
        assert_eq!(codes, LOG_IN_AGAIN);
    }

    #[test]
    fn a_session_ends_by_age() {
        let sessions = Sessions::new(Draws::new(1));
        let token = sessions.open();
        let knobs = Knobs { session_life: Duration::ZERO, ..Knobs::default() };
        assert!(sessions.spend(&token, &knobs).is_err());
    }
}
