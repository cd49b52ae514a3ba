//! What metrics tell of a breaker.

use metrics::{Counter, Gauge, Label};
use veer_contract::Lane;

use super::{
    blocked::Why,
    machine::{Hand, Machine},
    standing::State,
};
use crate::{config::Mode, telemetry::Metrics};

/// The series of one lane's breaker.
#[derive(Debug)]
pub(super) struct Meter {
    state: Gauge,
    /// Calls that were held back, that a dry run would have held back, that a person's hand held back.
    blocked: [Counter; 3],
}

/// The values of the label `mode`, in the order of the counters.
const MODES: [&str; 3] = [Mode::On.name(), Mode::DryRun.name(), "hand"];

// === impl Meter ===

impl Meter {
    pub(super) fn new(insurer: &str, lane: Lane, metrics: &Metrics) -> Self {
        let labels = || vec![Label::new("insurer", insurer.to_owned()), Label::new("lane", lane.name())];
        let text = "What the lane's breaker does: 0 passing, 1 probing, 2 blocked; 0 in a dry run";
        let state = metrics.gauge("veer_breaker_state", text, labels());
        state.set(0);
        let counter = |mode| {
            let mut labels = labels();
            labels.push(Label::new("mode", mode));
            let text = "Calls that the lane's breaker refused; of mode dry-run, that it would have refused";
            metrics.counter("veer_breaker_blocked_total", text, labels)
        };
        Self { state, blocked: MODES.map(counter) }
    }

    /// What the lane does now: in a dry run all calls go.
    pub(super) fn show(&self, machine: &Machine) {
        self.state.set(match machine.place() {
            (Some(Hand::Block), _) => 2,
            (Some(Hand::Pass), _) | (None, State::Passing) => 0,
            _ if machine.config().mode != Mode::On => 0,
            (None, State::Probing) => 1,
            (None, State::Blocked) => 2,
        });
    }

    /// Something stood against a call, and held it back or, in a dry run, did not.
    pub(super) fn blocked(&self, why: Why, held_back: bool) {
        let [on, dry_run, hand] = &self.blocked;
        let counter = match (why, held_back) {
            (Why::Hand, _) => hand,
            (_, true) => on,
            (_, false) => dry_run,
        };
        counter.increment(1);
    }
}
