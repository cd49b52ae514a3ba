//! The catalogue as it is kept and edited: flat records, one a line.

use serde::{Deserialize, Serialize};

use super::{Categories, Engines, EntryId, Power, Years};

/// A brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrandRecord {
    /// Its id; `None` where a file leaves it to the gateway.
    pub id: Option<EntryId>,
    /// Its name, as the maker writes it.
    pub name: String,
    /// Its Russian name; empty where there is none.
    pub name_ru: String,
    /// Other names, former ones among them.
    pub also: Vec<String>,
    /// The brand that it has become part of.
    pub merged_into: Option<EntryId>,
}

/// A model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRecord {
    /// Its id; `None` where a file leaves it to the gateway.
    pub id: Option<EntryId>,
    /// Its brand.
    pub brand: EntryId,
    /// Its name, without the brand.
    pub name: String,
    /// Its Russian name; empty where there is none.
    pub name_ru: String,
    /// The categories in which it is registered.
    pub categories: Categories,
    /// Other names, former ones among them.
    pub also: Vec<String>,
    /// Its engine powers by year.
    pub engines: Engines,
    /// The model that it has become part of.
    pub merged_into: Option<EntryId>,
}

/// A modification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModificationRecord {
    /// Its id; `None` where a file leaves it to the gateway.
    pub id: Option<EntryId>,
    /// Its model.
    pub model: EntryId,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub years: Years,
    /// With this engine power.
    pub power: Power,
}

/// A whole catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Records {
    /// By id.
    pub brands: Vec<BrandRecord>,
    /// By id.
    pub models: Vec<ModelRecord>,
    /// By id.
    pub modifications: Vec<ModificationRecord>,
    /// Brands that models of a sheet mean by name, because they have no id yet. Such a model's `brand` is
    /// a number that stands for the place in this list, until a draft takes the sheet in.
    pub named: Vec<String>,
}

/// A catalogue as three CSV texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sheets {
    /// `brand_id,name,name_ru,also,merged_into`.
    pub brands: String,
    /// `model_id,brand_id,name,name_ru,categories,also,engines,merged_into`.
    pub models: String,
    /// `modification_id,model_id,name,years,power`.
    pub modifications: String,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{sheet}{}: {problem}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct SheetProblem {
    /// `brands`, `models` or `modifications`.
    pub sheet: String,
    /// The line of the sheet, from 1.
    pub line: Option<u64>,
    /// What is wrong and what to do.
    pub problem: String,
}
