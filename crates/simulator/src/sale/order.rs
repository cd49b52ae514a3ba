//! A bill for an application, and how its payment stands.
//!
//! A bill is open until it is paid or cancelled, and stays what it then is. A new bill for the same
//! application ends an open one, so that nobody pays twice.

use std::time::{Duration, Instant};

use veer_contract::domain::{Kopecks, ReturnUrls};

use crate::{Knobs, risk::RiskId, sale::Application};

/// One bill.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// The key of the application.
    pub(crate) application: String,
    pub(crate) risk: RiskId,
    /// The premium with the selected cross-sales.
    pub(crate) amount: Kopecks,
    pub(crate) state: State,
    /// Where the page sends a browser back to.
    pub(crate) return_urls: Option<ReturnUrls>,
}

/// What became of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    Paid { at: Instant },
    Cancelled,
}

/// What the insurer says of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payment {
    /// Nobody paid.
    Nothing,
    /// Paid on the page, and not yet known to the insurer's books.
    Held,
    /// Paid.
    Paid,
    /// Given up.
    Cancelled,
}

// === impl Order ===

impl Order {
    /// A bill for the application under that key, with what its cross-sales cost.
    pub(crate) fn new(
        key: &str,
        application: &Application,
        extra: Kopecks,
        return_urls: Option<ReturnUrls>,
    ) -> Self {
        Self {
            application: key.to_owned(),
            risk: application.risk,
            amount: application.price.premium + extra,
            state: State::Open,
            return_urls,
        }
    }

    /// How the payment stands in the insurer's words.
    pub(crate) fn payment(&self, knobs: &Knobs) -> Payment {
        match self.state {
            State::Open => Payment::Nothing,
            State::Cancelled => Payment::Cancelled,
            State::Paid { at } if at.elapsed() < knobs.payment_delay => Payment::Held,
            State::Paid { .. } => Payment::Paid,
        }
    }

    /// Whether it may still be paid.
    pub(crate) fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Whether the policy is issued.
    pub(crate) fn is_issued(&self, knobs: &Knobs) -> bool {
        self.paid_for() >= Some(knobs.payment_delay + knobs.policy_delay)
    }

    /// Whether it was paid on the page longer ago than that.
    pub(crate) fn is_paid_longer_than(&self, time: Duration) -> bool {
        self.paid_for().is_some_and(|paid_for| paid_for > time)
    }

    fn paid_for(&self) -> Option<Duration> {
        match self.state {
            State::Paid { at } => Some(at.elapsed()),
            State::Open | State::Cancelled => None,
        }
    }
}
