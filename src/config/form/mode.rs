//! How far an engine works: `off`, `dry-run`, `on`.

use std::{fmt, str::FromStr};

use super::{Choice, Written, choose};

/// How far a lane's limits, or its breaker, work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Not at all: limits still count calls, a breaker counts nothing.
    Off,
    /// What would be refused, held up or blocked is counted and told; every call goes.
    DryRun,
    /// They hold.
    #[default]
    On,
}

// === impl Mode ===

impl Mode {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::DryRun => "dry-run",
            Self::On => "on",
        }
    }
}

impl Choice for Mode {
    const WORDS: &'static [(&'static str, Self)] =
        &[(Self::Off.name(), Self::Off), (Self::DryRun.name(), Self::DryRun), (Self::On.name(), Self::On)];
}

impl Written for Mode {
    fn parse(text: &str) -> Result<Self, String> {
        choose(text)
    }
}

/// As in the configuration. The error names the nearest word.
impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        choose(text)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
