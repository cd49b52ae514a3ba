//! What a reading of an insurer's dictionary changed, for people.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::RowName;

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Whose dictionary.
    pub dictionary: String,
    /// When it was read.
    pub at: Timestamp,
    /// From where: `insurer`, `file` or `configuration`.
    pub source: String,
    /// On whose behalf.
    pub author: String,
    /// How many rows it has.
    pub rows: usize,
    /// Rows that stood there twice or had no name.
    pub dropped: usize,
    /// Names that are new.
    pub added: Listed,
    /// Names that are gone.
    pub gone: Listed,
    /// Names that have other codes or years than before.
    pub recoded: Listed,
    /// Names for which something else is found than before, or as sure as before no more.
    pub remapped: Listed,
    /// How far its names are mapped.
    pub mapped: MappingCounts,
}

/// Some of many.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub first: Vec<String>,
}

/// How far the names of a dictionary are mapped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingCounts {
    /// By the matcher, in use.
    pub automatic: usize,
    /// By a person, in use.
    pub confirmed: usize,
    /// By the matcher, waiting for a person.
    pub proposed: usize,
    /// Not at all.
    pub unmapped: usize,
    /// By a person, to nothing of the catalogue.
    #[serde(default)]
    pub nothing: usize,
}

/// More examples help nobody.
const EXAMPLES: usize = 20;

// === impl Listed ===

impl Listed {
    /// Counts `names` and keeps the first of them.
    pub fn of<'a>(names: impl Iterator<Item = &'a RowName>) -> Self {
        let mut listed = Self::default();
        for name in names {
            if listed.count < EXAMPLES {
                let category = if name.category.is_empty() { "" } else { &format!(" ({})", name.category) };
                listed.first.push(format!("{} {}{category}", name.brand, name.model));
            }
            listed.count += 1;
        }
        listed
    }
}
