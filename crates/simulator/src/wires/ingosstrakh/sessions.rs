//! Session tokens.
//!
//! The call that finds its token ended gets one of the five codes that mean "log in again"; all five occur, in
//! turn. A token that was never given, or has been told to be over, gets the first.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{
    Knobs,
    draws::Draws,
    wires::tokens::{Stale, Tokens},
};

/// The sessions of one insurer.
pub(super) struct Sessions {
    tokens: Tokens,
    ended: AtomicUsize,
}

/// The codes that mean "log in again".
pub(super) const LOG_IN_AGAIN: [i32; 5] = [-20852, -20841, -20812, -20808, -20807];

// === impl Sessions ===

impl Sessions {
    pub(super) fn new(draws: Draws) -> Self {
        let tokens = Tokens::new(draws, |draws| draws.uuid("token").to_uppercase());
        Self { tokens, ended: AtomicUsize::default() }
    }

    /// A new token.
    pub(super) fn open(&self) -> String {
        self.tokens.give()
    }

    /// Lets a call through and counts it, or tells the code of the refusal.
    pub(super) fn spend(&self, token: &str, knobs: &Knobs) -> Result<(), i32> {
        self.tokens.spend(token, knobs).map_err(|stale| match stale {
            Stale::Unknown => LOG_IN_AGAIN[0],
            Stale::Ended => LOG_IN_AGAIN[self.ended.fetch_add(1, Ordering::Relaxed) % LOG_IN_AGAIN.len()],
        })
    }
}

#[cfg(test)]
mod tests {
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
}
