//! How long a price takes.
//!
//! Drawn latencies lie on a grid of half a second. A grid makes a demonstration show the same figures twice:
//! what the machine adds is far below its step.

use std::time::Duration;

use serde::Deserialize;

use crate::{draws::Draws, duration, knobs::LONGEST};

/// A distribution of latencies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Latency {
    /// At once.
    #[default]
    None,
    /// Always the same.
    Fixed {
        /// How long.
        #[serde(deserialize_with = "duration::deserialize")]
        time: Duration,
    },
    /// Any between two.
    Uniform {
        /// The least.
        #[serde(deserialize_with = "duration::deserialize")]
        min: Duration,
        /// The most.
        #[serde(deserialize_with = "duration::deserialize")]
        max: Duration,
    },
    /// A long tail through three measured points, as insurers have it: a fast one 3, 8 and 25 s, a
    /// SOAP core 8, 20 and 60 s, a queue 20, 60 and 180 s.
    Percentiles {
        /// The median.
        #[serde(deserialize_with = "duration::deserialize")]
        p50: Duration,
        /// One call of ten takes longer.
        #[serde(deserialize_with = "duration::deserialize")]
        p90: Duration,
        /// One call of a hundred takes longer.
        #[serde(deserialize_with = "duration::deserialize")]
        p99: Duration,
    },
}

const GRID: Duration = Duration::from_millis(500);

// === impl Latency ===

impl Latency {
    /// The latency of the call that draws from `point`.
    pub(crate) fn draw(&self, point: &Draws) -> Duration {
        let part = point.fraction("latency");
        let drawn = match *self {
            Latency::None => Duration::ZERO,
            Latency::Fixed { time } => return time.min(LONGEST),
            Latency::Uniform { min, max } => min + max.saturating_sub(min).mul_f64(part),
            Latency::Percentiles { p50, p90, p99 } => tail(part, p50, p90, p99),
        };
        // Times below one step are meant as they are.
        let steps = (drawn.as_secs_f64() / GRID.as_secs_f64()).round();
        if steps >= 1.0 { GRID.mul_f64(steps).min(LONGEST) } else { drawn }
    }

    pub(crate) fn problem(&self) -> Option<String> {
        let ordered = match *self {
            Latency::None | Latency::Fixed { .. } => true,
            Latency::Uniform { min, max } => min <= max,
            Latency::Percentiles { p50, p90, p99 } => !p50.is_zero() && p50 <= p90 && p90 <= p99,
        };
        (!ordered).then(|| format!("latency: {self:?} must grow from left to right"))
    }
}

/// The logarithm of the time grows with the log-odds of the share of calls that are faster, in two
/// straight pieces through the three points; below the median the first piece goes on.
fn tail(part: f64, p50: Duration, p90: Duration, p99: Duration) -> Duration {
    let part = part.clamp(0.01, 0.999);
    let odds = |share: f64| (share / (1.0 - share)).ln();
    let [low, middle, high] = [p50, p90, p99].map(|time| time.as_secs_f64().ln());
    let logarithm = if part < 0.9 {
        low + (middle - low) * odds(part) / odds(0.9)
    } else {
        middle + (high - middle) * (odds(part) - odds(0.9)) / (odds(0.99) - odds(0.9))
    };
    Duration::try_from_secs_f64(logarithm.exp()).unwrap_or(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOAP: Latency = Latency::Percentiles {
        p50: Duration::from_secs(8),
        p90: Duration::from_secs(20),
        p99: Duration::from_secs(60),
    };

    fn sample(latency: Latency) -> Vec<Duration> {
        let mut drawn: Vec<_> = (0..5000).map(|n| latency.draw(&Draws::new(1).with_number(n))).collect();
        drawn.sort();
        drawn
    }

    #[test]
    fn uniform_latencies_fill_their_range_on_the_grid() {
        let (min, max) = (Duration::from_secs(1), Duration::from_secs(10));
        let drawn = sample(Latency::Uniform { min, max });
        assert!(drawn.iter().all(|time| (min..=max).contains(time) && time.as_millis() % 500 == 0));
        assert_eq!((drawn[0], drawn[4999]), (min, max));
    }

    #[test]
    fn percentiles_are_met() {
        let drawn = sample(SOAP);
        let near = |index: usize, seconds: f64| (drawn[index].as_secs_f64() / seconds - 1.0).abs() < 0.15;
        assert!(near(2500, 8.0), "{:?}", drawn[2500]);
        assert!(near(4500, 20.0), "{:?}", drawn[4500]);
        assert!(near(4950, 60.0), "{:?}", drawn[4950]);
        assert!(drawn[4999] <= LONGEST);
    }

    #[test]
    fn short_times_are_kept_as_they_are() {
        let time = Duration::from_millis(7);
        assert_eq!(Latency::Fixed { time }.draw(&Draws::new(1)), time);
        let short = Latency::Uniform { min: Duration::from_millis(1), max: Duration::from_millis(9) };
        assert!(sample(short).iter().all(|drawn| *drawn < Duration::from_millis(10)));
    }

    #[test]
    fn a_range_that_runs_backwards_is_a_problem() {
        let backwards = Latency::Uniform { min: Duration::from_secs(2), max: Duration::from_secs(1) };
        assert!(backwards.problem().is_some());
        assert!(SOAP.problem().is_none());
    }
}
