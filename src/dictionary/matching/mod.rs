//! What an insurer's name for a vehicle stands for.

mod candidate;

use veer_contract::domain::InsurerVehicle;

use super::catalogue::{Catalogue, EntryId};

pub use candidate::{Candidate, How};

/// Knows the names of a catalogue.
#[derive(Debug, Clone, Default)]
pub struct Matcher {}

impl Matcher {
    /// Of this catalogue.
    pub fn new(_catalogue: &Catalogue) -> Self {
        Self {}
    }

    /// Best first, at most 5, each entry once. Empty: nothing like it.
    pub fn candidates(&self, _row: &InsurerVehicle) -> Vec<Candidate> {
        Vec::new()
    }

    /// The brand alone.
    pub fn brand(&self, _name: &str) -> Option<EntryId> {
        None
    }
}
