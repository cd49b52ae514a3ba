//! The series of sales.

use metrics::{Counter, Gauge, Label};

use crate::{store::ConfirmationState, telemetry::Metrics};

/// What became of one attempt, for one sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The partner took it.
    Confirmed,
    /// It was refused for good, and is dead.
    Refused,
    /// It is tried again.
    Failed,
    /// It failed, and its time is over: it is dead.
    GivenUp,
}

/// The series of one account.
pub(super) struct AccountFigures([Counter; Outcome::ALL.len()]);

/// The series of all.
pub(super) struct Figures {
    states: [Gauge; ConfirmationState::ALL.len()],
    alarms: Gauge,
}

// === impl Outcome ===

impl Outcome {
    const ALL: [Outcome; 4] = [Outcome::Confirmed, Outcome::Refused, Outcome::Failed, Outcome::GivenUp];

    const fn label(self) -> &'static str {
        match self {
            Outcome::Confirmed => "confirmed",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
            Outcome::GivenUp => "given_up",
        }
    }
}

// === impl AccountFigures ===

impl AccountFigures {
    pub(super) fn new(metrics: &Metrics, account: &str) -> Self {
        Self(Outcome::ALL.map(|outcome| {
            let labels =
                vec![Label::new("account", account.to_owned()), Label::new("outcome", outcome.label())];
            metrics.counter(
                "veer_sale_confirmations_total",
                "Attempts to confirm sales to the partner",
                labels,
            )
        }))
    }

    pub(super) fn attempt(&self, outcome: Outcome) {
        if let Some(counter) = self.0.get(outcome as usize) {
            counter.increment(1);
        }
    }
}

// === impl Figures ===

impl Figures {
    pub(super) fn new(metrics: &Metrics) -> Self {
        let state = |state: ConfirmationState| {
            let labels = vec![Label::new("state", state.name())];
            metrics.gauge("veer_sales", "Sales in the store, by how far their confirmation is", labels)
        };
        let alarms = "Sales that need a person: not confirmed for sales.alarm_after, or given up";
        Self {
            states: ConfirmationState::ALL.map(state),
            alarms: metrics.gauge("veer_sales_alarms", alarms, Vec::new()),
        }
    }

    /// That many sales in each state, in the order of [`ConfirmationState::ALL`], and so many alarms.
    pub(super) fn set(&self, states: [u64; ConfirmationState::ALL.len()], alarms: u64) {
        for (gauge, count) in self.states.iter().zip(states) {
            gauge.set(count as f64);
        }
        self.alarms.set(alarms as f64);
    }
}
