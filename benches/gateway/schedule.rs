//! When calculations begin: moments that are drawn before anything is measured.
//!
//! Partners do not wait for each other, so the gaps are those of independent arrivals (exponential), and nobody's
//! slowness moves the next moment: the load is open. The same seed gives the same moments on both sides of a
//! comparison.

use std::time::Duration;

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

/// `count` moments, `per_second` of them a second in the mean, counted from the beginning.
pub(crate) fn arrivals(seed: u64, per_second: f64, count: usize) -> Vec<Duration> {
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut at = 0.0;
    let gaps = (0..count).map(|_| -(1.0 - chance.random::<f64>()).ln() / per_second);
    let drawn: Vec<f64> = gaps
        .map(|gap| {
            at += gap;
            at
        })
        .collect();
    // Stretched so that all of them take what so many should: a batch's pace is the same for every seed.
    let stretch = drawn.last().map_or(1.0, |last| count as f64 / per_second / last);
    drawn.into_iter().map(|at| Duration::from_secs_f64(at * stretch)).collect()
}

/// Moments of a load that goes on for so long.
pub(crate) fn lasting(seed: u64, per_second: f64, seconds: u64) -> Vec<Duration> {
    arrivals(seed, per_second, (per_second * seconds as f64).round().max(1.0) as usize)
}
