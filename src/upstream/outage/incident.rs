//! One outage of the registry, as operators see it.

use jiff::Timestamp;
use serde::Serialize;
use veer_contract::OperationKind;

/// One outage of the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Incident {
    /// Counted from the start of the gateway.
    pub number: u64,
    /// The first word of it.
    pub since: Timestamp,
    /// Its end.
    pub until: Option<Timestamp>,
    /// How it ended.
    pub ended: Option<HowItEnded>,
    /// Who says so, in the order in which they began to.
    pub insurers: Vec<Affected>,
}

/// One insurer in one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Affected {
    /// Its name in the configuration.
    pub insurer: String,
    /// What it could not do.
    pub operation: OperationKind,
    /// When it first said so,
    pub since: Timestamp,
    /// and last.
    pub last: Timestamp,
    /// How often.
    pub failures: u64,
    /// When it did the same again.
    pub recovered: Option<Timestamp>,
}

/// How an incident ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HowItEnded {
    /// All of them succeeded again.
    Recovered,
    /// Nobody said so any more.
    Quiet,
}

// === impl Incident ===

impl Incident {
    /// The insurers' names, each once.
    pub fn names(&self) -> String {
        let mut names: Vec<&str> = self.insurers.iter().map(|one| one.insurer.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names.join(", ")
    }
}

// === impl HowItEnded ===

impl HowItEnded {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            HowItEnded::Recovered => "recovered",
            HowItEnded::Quiet => "quiet",
        }
    }
}
