//! When a lane's breaker blocks, for how long, and what ends it.
//!
//! `[upstream.breaker]` holds for every lane of every insurer; a lane's own section changes single keys of it.

use std::time::Duration;

use super::{form::Mode, section::Section};

/// `[upstream.breaker]` and, over it, `[insurers.<code>.lanes.<lane>.breaker]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerConfig {
    /// Whether it works.
    pub mode: Mode,
    /// It blocks after so many failures in a row.
    pub in_a_row: u32,
    /// It blocks where so many calls in a hundred failed within `window`.
    pub percent: u32,
    /// The time that `percent` looks at.
    pub window: Duration,
    /// With fewer calls in `window` than this, `percent` says nothing.
    pub sample: u32,
    /// How long it blocks before one call may try; doubles with every try that fails.
    pub pause: Duration,
    /// It never blocks for longer than this without a try.
    pub longest_pause: Duration,
    /// So many tries, one at a time, must succeed before all calls pass again.
    pub tries: u32,
}

// === impl BreakerConfig ===

impl BreakerConfig {
    /// The house's careful defaults: what blocks is plainly broken, and is asked again within seconds.
    pub const fn house() -> Self {
        Self {
            mode: Mode::On,
            in_a_row: 10,
            percent: 60,
            window: Duration::from_secs(60),
            sample: 30,
            pause: Duration::from_secs(5),
            longest_pause: Duration::from_secs(120),
            tries: 2,
        }
    }

    pub(super) fn read(section: &Section<'_>, defaults: &Self) -> Self {
        let config = Self {
            mode: section.or("mode", defaults.mode),
            in_a_row: section.or("in_a_row", defaults.in_a_row),
            percent: section.or("percent", defaults.percent),
            window: section.or("window", defaults.window),
            sample: section.or("sample", defaults.sample),
            pause: section.or("pause", defaults.pause),
            longest_pause: section.or("longest_pause", defaults.longest_pause),
            tries: section.or("tries", defaults.tries),
        };
        config.check(section);
        config
    }

    fn check(&self, section: &Section<'_>) {
        section.rule(
            self.in_a_row >= 2,
            "in_a_row",
            "must be at least 2; one failure says nothing about the next call",
        );
        section.rule(
            (1..=100).contains(&self.percent),
            "percent",
            "must be from 1 to 100; to block nothing, set `mode = \"off\"`",
        );
        section.rule(
            (Duration::from_secs(1)..=Duration::from_secs(3600)).contains(&self.window),
            "window",
            "must be from 1s to 1h",
        );
        section.rule(
            self.sample >= 2,
            "sample",
            "must be at least 2; of one call every share is all or nothing",
        );
        section.rule(
            !self.pause.is_zero(),
            "pause",
            "must be longer than nothing; to block nothing, set `mode = \"off\"`",
        );
        section.rule(
            self.longest_pause >= self.pause,
            "longest_pause",
            format!("must be at least `pause`, which is {:?}", self.pause),
        );
        section.rule(
            self.longest_pause <= Duration::from_secs(86_400),
            "longest_pause",
            "must be at most 1d: nobody would notice that the insurer is well again",
        );
        section.rule(self.tries >= 1, "tries", "must be at least 1; the first call after a pause is a try");
    }
}
