//! The store: where calculations survive a crash.

use std::path::PathBuf;

use super::{
    form::{Choice, Written, choose},
    section::Section,
};

/// `[store]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// The SQLite file, relative to the folder that the gateway runs in. Made where it is not there.
    pub path: PathBuf,
    /// What a write survives.
    pub synchronous: Synchronous,
}

/// What a write survives before it counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// A power failure: each group of writes waits for the disk.
    Full,
    /// A crash of the gateway, but the last moments may be lost with the machine's power.
    Normal,
}

impl Choice for Synchronous {
    const WORDS: &'static [(&'static str, Self)] = &[("full", Self::Full), ("normal", Self::Normal)];
}

impl Written for Synchronous {
    fn parse(text: &str) -> Result<Self, String> {
        choose(text)
    }
}

// === impl StoreConfig ===

impl StoreConfig {
    pub(super) fn read(section: &Section<'_>) -> Self {
        Self {
            path: section.or("path", PathBuf::from("veer.db")),
            synchronous: section.or("synchronous", Synchronous::Full),
        }
    }
}
