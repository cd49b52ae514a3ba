//! What the insurers received.
//!
//! A call is written down when all of it has arrived and its credentials were found good, before any
//! latency: whoever is killed while waiting for the answer finds here what the insurer already has.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{Fault, risk::RiskId};

/// One call that an insurer took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The insurer's code.
    pub insurer: String,
    /// What was asked, by a name of the wire's own: `calculation`, `GetTariff`, `create/application`. All
    /// names are those of [`Wire::operations`](crate::Wire::operations), logins besides.
    pub operation: &'static str,
    /// Whether it makes something at the insurer, so that sending it twice makes two.
    pub creates: bool,
    /// Names the risk without telling anything of it; the same at every insurer of the simulation.
    /// Empty where the call is about none.
    pub risk: String,
    /// When, since the start of the simulation.
    pub at: Duration,
    /// What the insurer made of it.
    pub outcome: Outcome,
}

/// What an insurer makes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Answered with a price.
    Priced,
    /// Answered with a no.
    Declined,
    /// Answered that it takes longer.
    Pending,
    /// Answered with something else: a session, a dictionary, a payment link, a file.
    Answered,
    /// The data was found wrong, or the call came at the wrong time.
    Rejected,
    /// Went wrong as the knobs want it.
    Faulted(Fault),
}

/// The journal of all insurers. It keeps the newest entries when there are very many.
pub(crate) struct Journal {
    started: Instant,
    entries: Mutex<VecDeque<Entry>>,
}

/// An entry as it is kept: benches write many thousands.
struct Entry {
    insurer: Arc<str>,
    operation: &'static str,
    creates: bool,
    risk: Option<RiskId>,
    at: Duration,
    outcome: Outcome,
}

const KEPT: usize = 1_000_000;

// === impl Journal ===

impl Journal {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), entries: Mutex::default() }
    }

    pub(crate) fn write(
        &self,
        insurer: &Arc<str>,
        operation: &'static str,
        creates: bool,
        risk: Option<RiskId>,
        outcome: Outcome,
    ) {
        let at = self.started.elapsed();
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(Entry { insurer: insurer.clone(), operation, creates, risk, at, outcome });
    }

    pub(crate) fn read(&self) -> Vec<Received> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let received = |entry: &Entry| Received {
            insurer: entry.insurer.to_string(),
            operation: entry.operation,
            creates: entry.creates,
            risk: entry.risk.map(|risk| risk.to_string()).unwrap_or_default(),
            at: entry.at,
            outcome: entry.outcome,
        };
        entries.iter().map(received).collect()
    }

    pub(crate) fn clear(&self) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
