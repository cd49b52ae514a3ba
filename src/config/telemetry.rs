//! Logs.

use super::{
    form::{Choice, LogFilter, Written, choose},
    section::Section,
};

/// `[telemetry]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelemetryConfig {
    /// Which lines are logged: a level, or levels by module (`info,veer::store=debug`).
    pub log: String,
    /// How lines look.
    pub format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Choice for LogFormat {
    const WORDS: &'static [(&'static str, Self)] = &[("text", Self::Text), ("json", Self::Json)];
}

impl Written for LogFormat {
    fn parse(text: &str) -> Result<Self, String> {
        choose(text)
    }
}

// === impl TelemetryConfig ===

impl TelemetryConfig {
    pub(super) fn read(section: &Section<'_>) -> Self {
        Self {
            log: section.or("log", LogFilter("info".into())).0,
            format: section.or("format", LogFormat::Json),
        }
    }
}
