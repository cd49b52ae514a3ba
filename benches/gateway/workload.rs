//! The data file: what is measured, and how much of it.

use std::path::Path;

use serde::Deserialize;
use veer::config::RateLimit;

/// `benches/gateway.toml`; each key is told there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Workload {
    pub(crate) rounds: usize,
    pub(crate) limit_seconds: u64,
    pub(crate) seed: u64,
    pub(crate) log: String,
    pub(crate) calls: Vec<Calls>,
    pub(crate) polls: Polls,
    pub(crate) memory: Memory,
    pub(crate) visible: Visible,
    pub(crate) limits: Vec<Limits>,
    pub(crate) offers: Offers,
    pub(crate) nginx: Nginx,
}

/// `[[calls]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calls {
    pub(crate) insurers: usize,
    pub(crate) calculations: usize,
    pub(crate) per_second: f64,
    pub(crate) polled: bool,
}

/// `[polls]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Polls {
    pub(crate) insurers: usize,
    pub(crate) workers: usize,
    pub(crate) connections: usize,
    pub(crate) seconds: u64,
}

/// `[memory]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Memory {
    pub(crate) insurers: usize,
    pub(crate) base: usize,
    pub(crate) waiting: Vec<usize>,
    pub(crate) sent: Vec<usize>,
}

/// `[visible]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Visible {
    pub(crate) insurers: usize,
    pub(crate) last_after_ms: u64,
    pub(crate) probe: usize,
    pub(crate) share: f64,
    pub(crate) samples: usize,
    pub(crate) samples_per_second: f64,
}

/// `[[limits]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    pub(crate) rate: Vec<String>,
    pub(crate) per_second: f64,
    pub(crate) seconds: u64,
}

/// `[offers]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Offers {
    pub(crate) rate: Vec<String>,
    pub(crate) per_second: f64,
    pub(crate) seconds: u64,
    pub(crate) budget_ms: u64,
    pub(crate) latency_ms: [u64; 2],
    pub(crate) useful_ms: u64,
}

/// `[nginx]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nginx {
    pub(crate) insurers: usize,
    pub(crate) calculations: usize,
    pub(crate) per_second: f64,
}

// === impl Workload ===

impl Workload {
    /// Reads the file; a value that makes no sense is named.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let name = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
        let workload: Self = toml::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
        workload.check().map_err(|problem| format!("{name}: {problem}"))?;
        Ok(workload)
    }

    fn check(&self) -> Result<(), String> {
        let Self { polls, memory, visible, offers, nginx, .. } = self;
        let mut counts = vec![
            ("rounds", self.rounds),
            ("polls.workers", polls.workers),
            ("polls.connections", polls.connections),
            ("memory.insurers", memory.insurers),
            ("memory.base", memory.base),
            ("visible.probe", visible.probe),
            ("visible.samples", visible.samples),
            ("nginx.insurers", nginx.insurers),
            ("nginx.calculations", nginx.calculations),
        ];
        let mut rates = vec![
            ("visible.samples_per_second", visible.samples_per_second),
            ("visible.share", visible.share),
            ("offers.per_second", offers.per_second),
            ("nginx.per_second", nginx.per_second),
        ];
        for calls in &self.calls {
            counts.extend([("calls.insurers", calls.insurers), ("calls.calculations", calls.calculations)]);
            rates.push(("calls.per_second", calls.per_second));
        }
        for limits in &self.limits {
            limits.rates().map_err(|problem| format!("limits.rate: {problem}"))?;
            rates.extend([
                ("limits.per_second", limits.per_second),
                ("limits.seconds", limits.seconds as f64),
            ]);
        }
        offers.rates().map_err(|problem| format!("offers.rate: {problem}"))?;
        if let Some((key, _)) = counts.iter().find(|(_, value)| *value == 0) {
            return Err(format!("{key} must be at least 1"));
        }
        if let Some((key, _)) = rates.iter().find(|(_, value)| !value.is_finite() || *value <= 0.0) {
            return Err(format!("{key} must be above 0"));
        }
        if polls.insurers < 2 || visible.insurers < 2 {
            return Err("polls.insurers and visible.insurers must be at least 2".into());
        }
        for (key, counts) in [("memory.waiting", &memory.waiting), ("memory.sent", &memory.sent)] {
            if !counts.is_sorted_by(|one, next| one < next)
                || counts.first().is_some_and(|it| *it <= memory.base)
            {
                return Err(format!("{key} must grow, and begin above memory.base"));
            }
        }
        Ok(())
    }
}

// === impl Limits ===

impl Limits {
    /// The limits as the gateway reads them.
    pub(crate) fn rates(&self) -> Result<Vec<RateLimit>, String> {
        rates(&self.rate)
    }
}

// === impl Offers ===

impl Offers {
    /// The limits as the gateway reads them.
    pub(crate) fn rates(&self) -> Result<Vec<RateLimit>, String> {
        rates(&self.rate)
    }
}

fn rates(texts: &[String]) -> Result<Vec<RateLimit>, String> {
    if texts.is_empty() {
        return Err("must name a limit, as in \"10/s\"".into());
    }
    let limits: Vec<RateLimit> = texts.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
    match limits.iter().find(|limit| limit.is_daily()) {
        Some(daily) => Err(format!("{daily} is longer than a bench runs")),
        None => Ok(limits),
    }
}
