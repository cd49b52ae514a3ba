//! The vehicle dictionary.

use std::path::PathBuf;

use super::section::Section;

/// `[dictionary]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DictionaryConfig {
    /// The file that maps vehicles to insurers' codes, already found from the configuration's folder.
    /// Without it, insurers that know vehicles by codes only are skipped (verdict 102).
    pub vehicles: Option<PathBuf>,
}

// === impl DictionaryConfig ===

impl DictionaryConfig {
    pub(super) fn read(section: &Section<'_>) -> Self {
        Self { vehicles: section.file("vehicles") }
    }
}
