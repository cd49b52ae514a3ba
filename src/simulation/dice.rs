//! Dice that fall the same way again.

use std::{
    ops::Range,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

/// Dice of one seed.
pub(crate) struct Dice(Mutex<StdRng>);

// === impl Dice ===

impl Dice {
    /// Those of `seed`, for the purpose of that number: purposes do not disturb each other.
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&purpose.to_le_bytes());
        Self(Mutex::new(StdRng::from_seed(bytes)))
    }

    /// From 0 to 1.
    pub(crate) fn fraction(&self) -> f64 {
        self.with(|rng| rng.random())
    }

    /// Any number.
    pub(crate) fn number(&self) -> u64 {
        self.with(|rng| rng.random())
    }

    /// A number of `range`.
    pub(super) fn of(&self, range: Range<u64>) -> u64 {
        self.with(|rng| rng.random_range(range))
    }

    /// A time of so many milliseconds.
    pub(super) fn millis(&self, range: Range<u64>) -> Duration {
        Duration::from_millis(self.of(range))
    }

    /// Whether something happens that happens so often in a thousand times.
    pub(super) fn happens(&self, in_a_thousand: u64) -> bool {
        self.of(0..1_000) < in_a_thousand
    }

    /// One of `these`, of which there is at least one.
    pub(super) fn one<'t, T>(&self, these: &'t [T]) -> &'t T {
        &these[usize::try_from(self.of(0..these.len() as u64)).unwrap()]
    }

    fn with<T>(&self, roll: impl FnOnce(&mut StdRng) -> T) -> T {
        roll(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
