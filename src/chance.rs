//! Chance: jitter, and ids that nobody has had before.
//!
//! All that decides how a gateway behaves takes its chance here and nowhere else, so that the simulation can play the
//! same dice again.

use std::ops::Range;

use uuid::Uuid;

/// A number from 0 to 1.
pub fn fraction() -> f64 {
    #[cfg(test)]
    if let Some(fraction) = crate::simulation::stage::with(|stage| stage.dice().fraction()) {
        return fraction;
    }
    rand::random()
}

/// A number of `range`.
pub fn between(range: Range<f64>) -> f64 {
    range.start + (range.end - range.start) * fraction()
}

/// Any number.
pub fn number() -> u64 {
    #[cfg(test)]
    if let Some(number) = crate::simulation::stage::with(|stage| stage.dice().number()) {
        return number;
    }
    rand::random()
}

/// An id that nobody has had before.
pub fn id() -> Uuid {
    uuid::Builder::from_random_bytes(((u128::from(number()) << 64) | u128::from(number())).to_be_bytes())
        .into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_of_their_range_and_ids_differ() {
        assert!((0..1_000).all(|_| (0.8..1.2).contains(&between(0.8..1.2))));
        assert_eq!((id().get_version_num(), id() == id()), (4, false));
    }
}
