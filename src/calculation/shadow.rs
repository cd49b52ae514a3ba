//! An insurer in the shadow of a calculation: asked and checked like every other, and shown to nobody.
//!
//! Its offers never come to the board, so nothing that works there (answers, statuses, final prices, payments) can
//! meet them. What is kept of it is its verdict, its timeline and its cheapest price. A conversation that is cut off
//! goes on in the shadow, whatever the insurer's settings say by then: its rows are those of an operation of their own.

use std::sync::{Mutex, PoisonError};

use veer_contract::domain::Kopecks;

/// The name of its conversations in the store.
pub const OPERATION: &str = "shadow";

/// What it has offered so far.
#[derive(Debug, Default)]
pub struct Shadow(Mutex<Option<Kopecks>>);

// === impl Shadow ===

impl Shadow {
    /// It made an offer.
    pub fn offered(&self, price: Kopecks) {
        let mut cheapest = self.lock();
        *cheapest = Some(cheapest.map_or(price, |known| known.min(price)));
    }

    /// Its cheapest offer.
    pub fn cheapest(&self) -> Option<Kopecks> {
        *self.lock()
    }

    /// What is kept with each state of the conversation; none before the first offer.
    pub(super) fn note(&self) -> Option<String> {
        self.cheapest().map(|price| price.get().to_string())
    }

    /// Puts back what was kept.
    pub(super) fn restore(&self, note: &[u8]) {
        let kopecks = std::str::from_utf8(note).ok().and_then(|note| note.parse().ok());
        if let Some(kopecks) = kopecks {
            self.offered(Kopecks::new(kopecks));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Kopecks>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_offer_is_remembered_and_put_back() {
        let shadow = Shadow::default();
        assert_eq!(shadow.note(), None);
        for roubles in [6000, 5000, 7000] {
            shadow.offered(Kopecks::from_roubles(roubles));
        }
        let restored = Shadow::default();
        restored.restore(shadow.note().unwrap().as_bytes());
        assert_eq!(restored.cheapest(), Some(Kopecks::from_roubles(5000)));
        restored.restore(b"nonsense");
        assert_eq!(restored.cheapest(), Some(Kopecks::from_roubles(5000)));
    }
}
