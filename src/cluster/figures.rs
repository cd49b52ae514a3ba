//! What Prometheus is told of replicas.

use super::Cluster;
use crate::telemetry::Metrics;

impl Cluster {
    /// Brings the series of replicas up to date; they are made the first time.
    pub fn observe(&self, metrics: &Metrics) {
        let standing = self.standing();
        let text = "Replicas that are not gone, as this one sees them, itself included";
        metrics.gauge("veer_replicas", text, Vec::new()).set(standing.replicas);
        let text = "Other replicas whose work this one has taken over";
        let taken = self.work().borrow().replicas;
        metrics.counter("veer_takeovers_total", text, Vec::new()).absolute(taken);
    }
}
