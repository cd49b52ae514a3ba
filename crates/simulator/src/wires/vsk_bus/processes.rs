//! Sessions, and what a policy goes through in each.
//!
//! A session ends by age or by the number of messages sent in it, as the knobs say. Only sessions and processes that
//! belong together are good.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use crate::{Knobs, draws::Draws};

/// The processes of one insurer, by their `bpId`.
pub(super) struct Processes {
    draws: Draws,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    begun: u64,
    open: HashMap<String, Process>,
}

/// One process.
#[derive(Clone)]
pub(super) struct Process {
    session: String,
    since: Instant,
    messages: u32,
    /// What the client enters to sign.
    pub(super) code: String,
    /// How often a wrong code may still be entered.
    pub(super) tries: u32,
    /// The application that was saved in it.
    pub(super) application: Option<String>,
    /// Whether that is signed.
    pub(super) signed: bool,
}

/// The session is over, or was never there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Over;

/// How often a code may be entered wrongly.
const TRIES: u32 = 3;
/// Processes that are remembered; a caller that logs in more often loses the older ones.
const REMEMBERED: usize = 100_000;

// === impl Processes ===

impl Processes {
    pub(super) fn new(draws: Draws) -> Self {
        Self { draws, state: Mutex::default() }
    }

    /// A new session and process for the client of that phone.
    pub(super) fn begin(&self, phone: &str) -> (String, String) {
        let mut state = self.state();
        if state.open.len() >= REMEMBERED {
            state.open.clear();
        }
        let draws = self.draws.with_number(state.begun);
        state.begun += 1;
        let (session, bp) = (draws.uuid("session"), draws.uuid("bp"));
        let process = Process {
            session: session.clone(),
            since: Instant::now(),
            messages: 0,
            code: phone.chars().skip(phone.chars().count().saturating_sub(4)).collect(),
            tries: TRIES,
            application: None,
            signed: false,
        };
        state.open.insert(bp.clone(), process);
        (session, bp)
    }

    /// Lets a message through and counts it.
    pub(super) fn spend(&self, session: &str, bp: &str, knobs: &Knobs) -> Result<Process, Over> {
        let mut state = self.state();
        let process = state.open.get_mut(bp).filter(|process| process.session == session).ok_or(Over)?;
        let is_spent = knobs.session_calls > 0 && process.messages >= knobs.session_calls;
        if is_spent || process.since.elapsed() > knobs.session_life {
            state.open.remove(bp);
            return Err(Over);
        }
        process.messages += 1;
        Ok(process.clone())
    }

    /// Changes a process.
    pub(super) fn change(&self, bp: &str, change: impl FnOnce(&mut Process)) {
        if let Some(process) = self.state().open.get_mut(bp) {
            change(process);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_session_ends_by_age_and_by_its_messages_and_belongs_to_its_process() {
        let processes = Processes::new(Draws::new(1));
        let knobs = Knobs { session_calls: 1, ..Knobs::default() };
        let ((session, bp), (other, _)) = (processes.begin("79000000011"), processes.begin("79000000012"));
        assert_eq!(processes.spend(&other, &bp, &knobs).err(), Some(Over));
        assert_eq!(processes.spend(&session, &bp, &knobs).map(|process| process.code), Ok("0011".to_owned()));
        assert_eq!(processes.spend(&session, &bp, &knobs).err(), Some(Over));
        let (session, bp) = processes.begin("79000000011");
        let old = Knobs { session_life: Duration::ZERO, ..Knobs::default() };
        assert_eq!(processes.spend(&session, &bp, &old).err(), Some(Over));
    }
}
