//! The version that is served.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::{
    answers::Answers,
    catalogue::{Catalogue, Records},
    matching::Matcher,
};
use crate::store::VersionRow;

/// Which version, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Its number, from 1.
    pub number: u32,
    /// When it was published.
    pub published: Timestamp,
    /// By whom.
    pub author: String,
    /// What for.
    pub note: String,
    /// What is still made is made until this year, for now.
    pub last_year: i16,
}

/// A published version, ready to serve.
pub struct Published {
    /// Which.
    pub version: Version,
    /// Its entries.
    pub catalogue: Arc<Catalogue>,
    /// Its answers.
    pub answers: Answers,
    /// Finds entries by name.
    pub matcher: Matcher,
}

// === impl Published ===

impl Published {
    /// Makes a version ready. Its records were held against the rules before.
    pub fn new(version: Version, records: &Records) -> Self {
        let catalogue = Arc::new(Catalogue::of(records, version.last_year));
        let matcher = Matcher::new(&catalogue);
        Self { version, answers: Answers::new(catalogue.clone()), catalogue, matcher }
    }
}

// === impl Version ===

impl From<&VersionRow> for Version {
    fn from(row: &VersionRow) -> Self {
        Self {
            number: row.number,
            published: row.published,
            author: row.author.clone(),
            note: row.note.clone(),
            last_year: row.last_year,
        }
    }
}
