//! Leave for one try of a call, and what is told of it.
//!
//! A try that failed is told at once. An accepted reply is told when the adapter's step has judged it, so its pass goes
//! with it to the driver. A pass that is dropped says nothing, and gives its place to the next.

use std::{collections::BTreeSet, fmt, sync::Arc};

use veer_contract::{Next, Reply};

use super::{blocked::Blocked, machine::Ticket, shell::Breaker, word::Word};

/// Leave for one try of a call.
#[must_use = "what came of the try is to be told"]
pub struct Pass {
    breaker: Arc<Breaker>,
    ticket: Option<Ticket>,
}

/// A reply, and the pass of the call that brought it: its adapter's step judges both.
#[derive(Debug)]
pub struct Answered {
    /// The reply.
    pub reply: Reply,
    /// What is to be told when it is judged.
    pub pass: Pass,
}

// === impl Pass ===

impl Pass {
    pub(super) fn new(breaker: Arc<Breaker>, ticket: Option<Ticket>) -> Self {
        Self { breaker, ticket }
    }

    /// What `waiting` brings, unless the lane is blocked before; the call has not left.
    pub async fn unless_blocked<T>(&self, waiting: impl Future<Output = T>) -> Result<T, Blocked> {
        self.breaker.unless_recalled(self.ticket, waiting).await
    }

    /// Whether the call may still leave.
    pub fn still(&self) -> Result<(), Blocked> {
        self.breaker.recall(self.ticket)
    }

    /// What came of the try.
    pub fn report(mut self, word: Word) {
        if let Some(ticket) = self.ticket.take() {
            self.breaker.report(ticket, word);
        }
    }

    fn is_probe(&self) -> bool {
        self.ticket.is_some_and(|ticket| ticket.is_probe)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.breaker.report(ticket, Word::Nothing);
        }
    }
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pass({}, {:?})", self.breaker.lane(), self.ticket)
    }
}

/// Tells what an adapter's step makes of the replies that it was given together. One fault of several replies is one
/// failure of each lane.
pub fn judge<S>(mut passes: Vec<Pass>, next: &Next<S>) {
    let word = Word::of_step(next);
    // The one that tries is waited for.
    passes.sort_by_key(|pass| !pass.is_probe());
    let mut blamed = BTreeSet::new();
    for pass in passes {
        if !matches!(word, Word::Bad(_)) || blamed.insert(pass.breaker.lane()) {
            pass.report(word);
        }
    }
}
