//! The data file: what is measured, and how much of it.

use std::path::Path;

use serde::Deserialize;

/// `benches/gateway.toml`; each key is told there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Workload {
    pub(crate) rounds: usize,
    pub(crate) limit_seconds: u64,
    pub(crate) log: String,
    pub(crate) calls: Vec<Calls>,
    pub(crate) polls: Polls,
    pub(crate) memory: Memory,
    pub(crate) visible: Visible,
}

/// `[[calls]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calls {
    pub(crate) insurers: usize,
    pub(crate) calculations: usize,
    pub(crate) per_second: usize,
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
    pub(crate) few: usize,
    pub(crate) many: usize,
}

/// `[visible]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Visible {
    pub(crate) insurers: usize,
    pub(crate) last_after_ms: u64,
    pub(crate) samples: usize,
    pub(crate) at_once: usize,
    pub(crate) per_second: usize,
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
        let Self { polls, memory, visible, .. } = self;
        let mut positive = vec![
            ("rounds", self.rounds),
            ("polls.workers", polls.workers),
            ("polls.connections", polls.connections),
            ("memory.insurers", memory.insurers),
            ("memory.few", memory.few),
            ("visible.samples", visible.samples),
            ("visible.at_once", visible.at_once),
            ("visible.per_second", visible.per_second),
        ];
        for calls in &self.calls {
            positive.push(("calls.insurers", calls.insurers));
            positive.push(("calls.calculations", calls.calculations));
            positive.push(("calls.per_second", calls.per_second));
        }
        if let Some((key, _)) = positive.iter().find(|(_, value)| *value == 0) {
            return Err(format!("{key} must be at least 1"));
        }
        if polls.insurers < 2 || visible.insurers < 2 {
            return Err("polls.insurers and visible.insurers must be at least 2".into());
        }
        if memory.many <= memory.few {
            return Err("memory.many must be above memory.few".into());
        }
        Ok(())
    }
}
