//! Metrics, for Prometheus.
//!
//! | name | labels | what it counts |
//! |---|---|---|
//! | `veer_upstream_calls_total` | `insurer, lane, outcome` | calls really sent |
//! | `veer_upstream_call_seconds` | `insurer, lane` | how long they took |
//! | `veer_limit_used` | `insurer, lane, window` | calls of the last `s`, `min`, `h` and of this `day` in Moscow |
//! | `veer_limit_allowed` | `insurer, lane, window` | calls that the window's limit allows; 0 without one |
//! | `veer_limit_refused_total` | `insurer, lane, mode` | calls that the limits refused (`on`) or would have (`dry-run`) |
//! | `veer_limit_held_up_total` | `insurer, lane, mode` | calls that had to wait (`on`) or would have had to (`dry-run`) |
//! | `veer_limit_wait_seconds` | `insurer, lane` | how long calls waited for the limits, also not at all |
//! | `veer_verdicts_total` | `insurer, operation, verdict` | how conversations ended |
//! | `veer_conversation_seconds` | `insurer` | how long an insurer took from the fan-out to its verdict |
//! | `veer_calculations_total` | `status` | how calculations ended; accepted ones as `ACCEPTED` |
//! | `veer_early_finishes_total` | `rule` | calculations that were called finished while insurers were still being asked |
//! | `veer_late_offers_total` | | insurers whose first offer came after that |
//! | `veer_calculations_running` | | calculations under way |
//! | `veer_adapter_steps_stuck` | `insurer` | adapter steps that hang now |
//! | `veer_vehicles_total` | `by` | vehicles of new calculations, by what decided which they are |
//! | `veer_vehicles_as_other_total` | `insurer` | vehicles that were sent as another model of their brand |
//! | `veer_vehicle_look_ups_total` | `outcome` | vehicles looked up by VIN or plate |
//! | `veer_spec_revisions_total` | `adapter` | revisions of specs that were put to use while the gateway ran |
//! | `veer_specs_refused` | `adapter` | 1 where the text in the folder is broken and an earlier revision keeps running |
//! | `veer_replicas` | | replicas that are not gone, as this one sees them, itself included; 1 without PostgreSQL |
//! | `veer_takeovers_total` | | other replicas whose work this one has taken over |
//! | `veer_late_payments_total` | | offers that were paid after they had ended: somebody may have paid twice |
//! | `veer_sale_confirmations_total` | `account, outcome` | attempts to confirm sales to the partner |
//! | `veer_sales` | `state` | sales in the store, by how far their confirmation is |
//! | `veer_sales_alarms` | | sales that need a person: not confirmed for `sales.alarm_after`, or given up |
//!
//! Labels come from closed sets and every series is made at start, so zero is visible and no request can
//! add one.

use std::{collections::HashMap, sync::Arc, time::Duration};

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use veer_contract::{Lane, OperationKind};

/// Insurers answer in 1 to 60 s; polls and refusals in milliseconds.
const CALL_BUCKETS: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0, 180.0];

const METADATA: Metadata<'static> = Metadata::new("veer", Level::INFO, None);

/// Every series of the gateway.
pub struct Metrics {
    handle: PrometheusHandle,
    recorder: PrometheusRecorder,
    insurers: HashMap<String, InsurerMetrics>,
    calculations: HashMap<&'static str, Counter>,
    running: Gauge,
    late_payments: Counter,
}

struct InsurerMetrics {
    verdicts: HashMap<(OperationKind, &'static str), Counter>,
    seconds: Histogram,
}

/// The series of one insurer's lane.
#[derive(Clone)]
pub struct LaneMetrics {
    calls: Arc<[Counter]>,
    seconds: Histogram,
}

/// The buckets were refused.
#[derive(Debug, thiserror::Error)]
#[error("the metrics could not be set up: {0}")]
pub struct MetricsError(#[from] metrics_exporter_prometheus::BuildError);

// === impl Metrics ===

impl Metrics {
    /// Makes every series of `insurers` (code and operations) with every one of `verdicts`, and of the
    /// calculation `statuses`.
    pub fn new<'a>(
        insurers: impl Iterator<Item = (&'a str, &'a [OperationKind])>,
        verdicts: &[&'static str],
        statuses: &[&'static str],
    ) -> Result<Self, MetricsError> {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &CALL_BUCKETS)?
            .build_recorder();
        let describe = |name: &'static str, text: &'static str| {
            recorder.describe_counter(name.into(), None, text.into());
        };
        describe("veer_upstream_calls_total", "Calls really sent to insurers");
        describe("veer_verdicts_total", "How conversations with insurers ended");
        describe("veer_calculations_total", "Calculations, by the status that they ended with");
        describe("veer_late_payments_total", "Offers that were paid after they had ended");
        let gauge = |name: &'static str, text: &'static str| {
            recorder.describe_gauge(name.into(), None, text.into());
        };
        gauge("veer_calculations_running", "Calculations under way");
        gauge("veer_adapter_steps_stuck", "Adapter steps that hang now");
        let histogram = |name: &'static str, text: &'static str| {
            recorder.describe_histogram(name.into(), None, text.into());
        };
        histogram("veer_upstream_call_seconds", "How long calls to insurers took");
        histogram("veer_conversation_seconds", "From the fan-out to an insurer's verdict");
        let insurers = insurers
            .map(|(code, operations)| {
                (code.to_owned(), InsurerMetrics::new(&recorder, code, operations, verdicts))
            })
            .collect();
        let calculations = statuses
            .iter()
            .map(|status| {
                let key = Key::from_parts("veer_calculations_total", vec![Label::new("status", *status)]);
                (*status, recorder.register_counter(&key, &METADATA))
            })
            .collect();
        let running = recorder.register_gauge(&Key::from_name("veer_calculations_running"), &METADATA);
        let late_payments = recorder.register_counter(&Key::from_name("veer_late_payments_total"), &METADATA);
        Ok(Self { handle: recorder.handle(), recorder, insurers, calculations, running, late_payments })
    }

    /// An offer was paid after it had ended.
    pub fn late_payment(&self) {
        self.late_payments.increment(1);
    }

    /// The series of one insurer's lane, one for each of `outcomes`.
    pub fn lane(
        &self,
        insurer: &str,
        lane: Lane,
        outcomes: impl Iterator<Item = &'static str>,
    ) -> LaneMetrics {
        let labels = vec![Label::new("insurer", insurer.to_owned()), Label::new("lane", lane.name())];
        let calls = outcomes.map(|outcome| {
            let mut labels = labels.clone();
            labels.push(Label::new("outcome", outcome));
            let key = Key::from_parts("veer_upstream_calls_total", labels);
            self.recorder.register_counter(&key, &METADATA)
        });
        let calls = calls.collect();
        let key = Key::from_parts("veer_upstream_call_seconds", labels.clone());
        LaneMetrics { calls, seconds: self.recorder.register_histogram(&key, &METADATA) }
    }

    /// A counter of another room; made now, so that zero is visible. Its labels come from a closed set.
    pub fn counter(&self, name: &'static str, text: &'static str, labels: Vec<Label>) -> Counter {
        self.recorder.describe_counter(name.into(), None, text.into());
        self.recorder.register_counter(&Key::from_parts(name, labels), &METADATA)
    }

    /// The same for a gauge.
    pub fn gauge(&self, name: &'static str, text: &'static str, labels: Vec<Label>) -> Gauge {
        self.recorder.describe_gauge(name.into(), None, text.into());
        self.recorder.register_gauge(&Key::from_parts(name, labels), &METADATA)
    }

    /// The same for a histogram; a name that ends with `_seconds` has the buckets of calls.
    pub fn histogram(&self, name: &'static str, text: &'static str, labels: Vec<Label>) -> Histogram {
        self.recorder.describe_histogram(name.into(), None, text.into());
        self.recorder.register_histogram(&Key::from_parts(name, labels), &METADATA)
    }

    /// A conversation ended.
    pub fn verdict(&self, insurer: &str, operation: OperationKind, verdict: &'static str, took: Duration) {
        let Some(insurer) = self.insurers.get(insurer) else { return };
        if let Some(counter) = insurer.verdicts.get(&(operation, verdict)) {
            counter.increment(1);
        }
        insurer.seconds.record(took);
    }

    /// A calculation was accepted or ended with `status`.
    pub fn calculation(&self, status: &'static str) {
        if let Some(counter) = self.calculations.get(status) {
            counter.increment(1);
        }
    }

    /// So many calculations are under way.
    pub fn running(&self, count: usize) {
        self.running.set(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// Adapter steps of `insurer` that hang now.
    pub fn stuck(&self, insurer: &str, count: usize) {
        let labels = vec![Label::new("insurer", insurer.to_owned())];
        let key = Key::from_parts("veer_adapter_steps_stuck", labels);
        self.recorder.register_gauge(&key, &METADATA).set(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// The text that Prometheus reads.
    pub fn render(&self) -> String {
        self.handle.run_upkeep();
        self.handle.render()
    }

    /// Folds recorded histograms together; without it they grow. Call it every few seconds.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

// === impl InsurerMetrics ===

impl InsurerMetrics {
    fn new(
        recorder: &PrometheusRecorder,
        code: &str,
        operations: &[OperationKind],
        verdicts: &[&'static str],
    ) -> Self {
        let insurer = || Label::new("insurer", code.to_owned());
        let counter = |operation: OperationKind, verdict: &'static str| {
            let labels =
                vec![insurer(), Label::new("operation", operation.name()), Label::new("verdict", verdict)];
            recorder.register_counter(&Key::from_parts("veer_verdicts_total", labels), &METADATA)
        };
        let verdicts = operations
            .iter()
            .flat_map(|operation| verdicts.iter().map(move |verdict| (*operation, *verdict)))
            .map(|(operation, verdict)| ((operation, verdict), counter(operation, verdict)))
            .collect();
        let key = Key::from_parts("veer_conversation_seconds", vec![insurer()]);
        Self { verdicts, seconds: recorder.register_histogram(&key, &METADATA) }
    }
}

// === impl LaneMetrics ===

impl LaneMetrics {
    /// A call was sent; its outcome is the `index`-th of those that the series were made for.
    pub fn call(&self, index: usize, took: Duration) {
        if let Some(counter) = self.calls.get(index) {
            counter.increment(1);
        }
        self.seconds.record(took);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_series_is_there_before_anything_happened() {
        let operations = [OperationKind::Quote];
        let insurers = [("alfastrah", &operations[..])];
        let metrics = Metrics::new(insurers.into_iter(), &["panicked"], &["CALCULATION_READY"]).unwrap();
        let lane = metrics.lane("alfastrah", Lane::Create, ["ok", "truncated"].into_iter());
        let text = metrics.render();
        for series in [
            "veer_upstream_calls_total{insurer=\"alfastrah\",lane=\"create\",outcome=\"ok\"} 0",
            "veer_verdicts_total{insurer=\"alfastrah\",operation=\"quote\",verdict=\"panicked\"} 0",
            "veer_calculations_total{status=\"CALCULATION_READY\"} 0",
        ] {
            assert!(text.contains(series), "{series} is not in\n{text}");
        }
        lane.call(1, Duration::from_secs(1));
        assert!(metrics.render().contains("outcome=\"truncated\"} 1"));
    }
}
