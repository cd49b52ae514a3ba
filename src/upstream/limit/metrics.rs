//! What is told about limits in figures. The labels are closed: windows and modes, not the limits themselves, which
//! change while the gateway runs.

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Label};
use veer_contract::Lane;

use crate::{
    config::{Mode, RateLimit},
    telemetry::Metrics,
};

/// Modes in which something can be refused.
const MODES: [Mode; 2] = [Mode::On, Mode::DryRun];

/// The series of one lane's limits.
#[derive(Clone)]
pub struct LimitMetrics {
    used: [Gauge; 4],
    allowed: [Gauge; 4],
    refused: [Counter; 2],
    held_up: [Counter; 2],
    waits: Histogram,
}

/// How replicas share their limits.
#[derive(Clone)]
pub struct SharedMetrics([Gauge; 4]);

/// States in which replicas can be: they agree, they cannot and wait, they go by their fair share, they stand still.
const SHARED: [&str; 4] = ["shared", "waiting", "fair_share", "over"];

// === impl LimitMetrics ===

impl LimitMetrics {
    /// Makes every series of the lane.
    pub fn new(metrics: &Metrics, insurer: &str, lane: Lane) -> Self {
        let labels = |more: Option<(&'static str, &'static str)>| {
            let mut labels = vec![Label::new("insurer", insurer.to_owned()), Label::new("lane", lane.name())];
            labels.extend(more.map(|(name, value)| Label::new(name, value)));
            labels
        };
        let gauges = |name, text| {
            RateLimit::WINDOWS.map(|window| metrics.gauge(name, text, labels(Some(("window", window)))))
        };
        let counters =
            |name, text| MODES.map(|mode| metrics.counter(name, text, labels(Some(("mode", mode.name())))));
        Self {
            used: gauges("veer_limit_used", "Calls of the last second, minute, hour and of this day"),
            allowed: gauges("veer_limit_allowed", "Calls that the window's limit allows; 0 without one"),
            refused: counters("veer_limit_refused_total", "Calls that were, or would have been, refused"),
            held_up: counters("veer_limit_held_up_total", "Calls that were, or would have been, held up"),
            waits: metrics.histogram(
                "veer_limit_wait_seconds",
                "How long calls waited for their lane's limits",
                labels(None),
            ),
        }
    }

    /// Series that nobody reads.
    pub fn none() -> Self {
        Self {
            used: std::array::from_fn(|_| Gauge::noop()),
            allowed: std::array::from_fn(|_| Gauge::noop()),
            refused: std::array::from_fn(|_| Counter::noop()),
            held_up: std::array::from_fn(|_| Counter::noop()),
            waits: Histogram::noop(),
        }
    }

    /// A call was refused, or would have been.
    pub(super) fn refused(&self, mode: Mode) {
        Self::count(&self.refused, mode);
    }

    /// A call had to wait, or would have had to.
    pub(super) fn held_up(&self, mode: Mode) {
        Self::count(&self.held_up, mode);
    }

    /// A call goes, after such a wait.
    pub(super) fn went(&self, waited: Duration) {
        self.waits.record(waited);
    }

    /// So much was used, and is allowed, in each window.
    pub(super) fn show(&self, used: [u64; 4], allowed: [u32; 4]) {
        for (gauge, used) in self.used.iter().zip(used) {
            gauge.set(u32::try_from(used).unwrap_or(u32::MAX));
        }
        for (gauge, allowed) in self.allowed.iter().zip(allowed) {
            gauge.set(allowed);
        }
    }

    fn count(counters: &[Counter; 2], mode: Mode) {
        let index = MODES.iter().position(|one| *one == mode);
        if let Some(counter) = index.and_then(|index| counters.get(index)) {
            counter.increment(1);
        }
    }
}

// === impl SharedMetrics ===

impl SharedMetrics {
    /// Makes every series.
    pub fn new(metrics: &Metrics) -> Self {
        let text = "Whether replicas share rate limits exactly; 1 for how it is now";
        Self(SHARED.map(|state| metrics.gauge("veer_limit_shared", text, vec![Label::new("state", state)])))
    }

    /// Series that nobody reads.
    pub fn none() -> Self {
        Self(std::array::from_fn(|_| Gauge::noop()))
    }

    /// It is so now.
    pub(super) fn show(&self, state: &str) {
        for (gauge, one) in self.0.iter().zip(SHARED) {
            gauge.set(u32::from(one == state));
        }
    }
}
