//! When two risks are the same to an insurer.

use jiff::civil::Date;
use serde::Serialize;
use sha2::{Digest, Sha256};
use veer_contract::{VehicleCodes, domain::QuoteRequest};

/// Everything that an insurer's answer can follow from, besides the insurer itself.
#[derive(Serialize)]
pub(in crate::calculation) struct Question<'a> {
    /// The account's name in the configuration.
    pub insurer: &'a str,
    /// What is asked; it has no ids of the partner's.
    pub request: &'a QuoteRequest,
    /// The vehicle as the insurer calls it.
    pub vehicle: &'a VehicleCodes,
    /// Which revision of a spec asks; none of what is built in.
    pub revision: Option<u32>,
    /// How often the insurer was switched off: what it said before is not handed out when it is back.
    pub switched_off: u64,
    /// Today in Moscow: tariffs and ages change with it.
    pub today: Date,
}

/// Where a risk's talk lies. It is a salted hash: people do not follow from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

// === impl Question ===

impl Question<'_> {
    /// Where its talk lies; none where the request cannot be written, and so cannot be compared.
    pub(super) fn key(&self, salt: &[u8; 32]) -> Option<Key> {
        let whole = serde_json::to_vec(self).ok()?;
        Some(Key(Sha256::new().chain_update(salt).chain_update(whole).finalize().into()))
    }
}
