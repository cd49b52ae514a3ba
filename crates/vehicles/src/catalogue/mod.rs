//! The catalogue: brands, models with years and engine powers, modifications, each with an id of its own.
//!
//! It is kept and edited as flat [records](Records), one a line of a [sheet](Sheets), and served as a tree.
//! Entries are never taken away and ids never given again. What two entries turn out to be the same is
//! merged: both ids live, one is listed.

mod categories;
mod check;
mod engines;
mod id;
mod power;
mod records;
mod sheets;
mod shipped;
mod tree;

pub use categories::{Categories, NoCategories};
pub(crate) use check::names;
pub use engines::{Engines, EnginesError, Period, Years};
pub use id::{EntryId, NoId};
pub use power::{NoPower, Power};
pub use records::{BrandRecord, ModelRecord, ModificationRecord, Records, SheetProblem, Sheets};
pub use shipped::{shipped, shipped_sheets};
pub use tree::{Brand, Catalogue, Entry, Model, Modification};
