//! The rows of the vehicle dictionary.

use jiff::Timestamp;
use veer_contract::domain::InsurerVehicle;

/// A published version of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// Its number, from 1.
    pub number: u32,
    /// When it was published.
    pub published: Timestamp,
    /// By whom.
    pub author: String,
    /// What for.
    pub note: String,
    /// The year in which what is still made ends, for now.
    pub last_year: i16,
    /// The catalogue, packed.
    pub content: Vec<u8>,
}

/// A row of an insurer's dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsurerVehicleRow {
    /// Whose dictionary.
    pub dictionary: String,
    /// What it says.
    pub vehicle: InsurerVehicle,
    /// Since when.
    pub first: Timestamp,
    /// Until when, where it does not say so any more.
    pub gone: Option<Timestamp>,
}

/// A vehicle as an insurer's dictionary names it: what a mapping starts from. Codes and years are no part of
/// it, because an insurer may give others to the same vehicle.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowName {
    /// The category's letter; empty where the dictionary has none.
    pub category: String,
    /// The brand.
    pub brand: String,
    /// The model.
    pub model: String,
}

/// A mapping from an insurer's vehicle to an entry of the catalogue, as it was at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingRow {
    /// Whose dictionary.
    pub dictionary: String,
    /// What it names so.
    pub name: RowName,
    /// The model; the brand, where the row is for all its other models.
    pub entry: u32,
    /// `automatic`, `proposed`, `confirmed` or `refused`.
    pub state: &'static str,
    /// How it was found.
    pub how: &'static str,
    /// How sure that is, in percent.
    pub confidence: u8,
    /// Who said so.
    pub author: String,
    /// Why, where somebody said.
    pub note: String,
    /// Since when it holds.
    pub from: Timestamp,
    /// Until when it held; `None` while it does.
    pub to: Option<Timestamp>,
}

/// One reading of an insurer's dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Whose.
    pub dictionary: String,
    /// When.
    pub at: Timestamp,
    /// From where: `insurer`, `file` or `configuration`.
    pub source: String,
    /// By whom.
    pub author: String,
    /// What changed, as JSON.
    pub report: String,
}

/// What is written together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DictionaryChange {
    /// A new version.
    pub version: Option<VersionRow>,
    /// Whole contents that replace what was kept under their names.
    pub contents: Vec<(&'static str, Vec<u8>)>,
    /// Rows that are new, are back, or are gone.
    pub rows: Vec<InsurerVehicleRow>,
    /// Mappings that begin; those whose `to` is set end.
    pub mappings: Vec<MappingRow>,
    /// A reading.
    pub import: Option<ImportRow>,
}

/// The stamps around a change of what is served: no two changes have the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DictionaryStamps {
    /// Of the change before; empty before the first.
    pub before: Vec<u8>,
    /// Of this one.
    pub after: Vec<u8>,
}

// === impl DictionaryChange ===

impl DictionaryChange {
    /// Whether anything of it is served: a draft is not.
    pub(super) fn is_seen(&self) -> bool {
        let Self { version, contents: _, rows, mappings, import } = self;
        version.is_some() || !rows.is_empty() || !mappings.is_empty() || import.is_some()
    }
}

// === impl RowName ===

impl RowName {
    /// What `vehicle` is named by.
    pub fn of(vehicle: &InsurerVehicle) -> Self {
        Self {
            category: vehicle.category.map(|category| category.letter().to_string()).unwrap_or_default(),
            brand: vehicle.brand.clone(),
            model: vehicle.model.clone(),
        }
    }
}
