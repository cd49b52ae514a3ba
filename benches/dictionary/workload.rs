//! The data file: what is measured, and how much of it.

use std::path::Path;

use serde::Deserialize;

/// `benches/dictionary.toml`; each key is told there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Workload {
    pub(crate) limit_seconds: u64,
    pub(crate) log: String,
    pub(crate) import: Import,
    pub(crate) memory: Memory,
    pub(crate) pages: Pages,
}

/// `[import]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Import {
    pub(crate) rounds: usize,
    pub(crate) rows: usize,
    pub(crate) seed: u64,
    pub(crate) others: u32,
    pub(crate) unknown: u32,
}

/// `[memory]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Memory {
    pub(crate) rounds: usize,
}

/// `[pages]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pages {
    pub(crate) rounds: usize,
    pub(crate) workers: usize,
    pub(crate) connections: usize,
    pub(crate) seconds: u64,
    pub(crate) model: u32,
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
        let Self { import, memory, pages, .. } = self;
        let positive = [
            ("import.rounds", import.rounds),
            ("import.rows", import.rows),
            ("memory.rounds", memory.rounds),
            ("pages.rounds", pages.rounds),
            ("pages.workers", pages.workers),
            ("pages.connections", pages.connections),
        ];
        if let Some((key, _)) = positive.iter().find(|(_, value)| *value == 0) {
            return Err(format!("{key} must be at least 1"));
        }
        if import.others.saturating_add(import.unknown) > 100 {
            return Err("import.others and import.unknown are shares of a hundred".into());
        }
        Ok(())
    }
}
