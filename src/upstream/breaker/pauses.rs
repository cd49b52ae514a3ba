//! How long a lane is blocked.
//!
//! Each pause after a try that failed is twice as long as the one before, up to the longest. A lane that is blocked again
//! soon after it was let pass goes on doubling: passing did it no good.

use std::time::Duration;

use tokio::time::Instant;

use crate::config::BreakerConfig;

/// The pauses of one lane.
#[derive(Debug)]
pub(super) struct Pauses {
    /// A number from 0 to 1 for each pause.
    jitter: fn() -> f64,
    doublings: u32,
    /// When calls were let pass again.
    healed: Option<Instant>,
}

// === impl Pauses ===

impl Pauses {
    pub(super) fn new(jitter: fn() -> f64) -> Self {
        Self { jitter, doublings: 0, healed: None }
    }

    /// The first one of a new trouble, unless it is the last trouble again.
    pub(super) fn first(&mut self, now: Instant, config: &BreakerConfig) -> Duration {
        let is_again = self.healed.is_some_and(|healed| now.duration_since(healed) < config.window);
        self.doublings = if is_again { self.doublings.saturating_add(1) } else { 0 };
        self.length(config)
    }

    /// The one after a try that failed.
    pub(super) fn next(&mut self, config: &BreakerConfig) -> Duration {
        self.doublings = self.doublings.saturating_add(1);
        self.length(config)
    }

    /// Calls pass again.
    pub(super) fn healed(&mut self, now: Instant) {
        self.healed = Some(now);
    }

    /// What was before is forgotten.
    pub(super) fn begin_anew(&mut self) {
        (self.doublings, self.healed) = (0, None);
    }

    /// Up to a quarter shorter, so that gateways do not try together.
    fn length(&self, config: &BreakerConfig) -> Duration {
        let factor = 2_u32.checked_pow(self.doublings).unwrap_or(u32::MAX);
        let pause = config.pause.saturating_mul(factor).min(config.longest_pause);
        pause.mul_f64(1.0 - 0.25 * (self.jitter)().clamp(0.0, 1.0))
    }
}
