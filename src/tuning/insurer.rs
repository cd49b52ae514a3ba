//! Which of an insurer's engines hears what: one arm an engine.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tokio::time::Instant;
use veer_contract::Lane;

use super::{
    turn::{Tunable, Turn},
    value::Hand,
};
use crate::{
    config::{BreakerConfig, RateLimit},
    telemetry,
    upstream::{Insurer, breaker, limit::Forecast},
};

impl Tunable for Insurer {
    fn tune(&self, lane: Option<Lane>, turn: &Turn) {
        let Some(lane) = lane else {
            if let Turn::Standing(standing) = turn {
                self.set_standing(standing.clone());
            }
            return;
        };
        match turn {
            Turn::Limit { rates, at_once, mode } => {
                if let Some(limiter) = self.limiter(lane) {
                    limiter.set(rates, *mode);
                }
                if let Some(permits) = self.permits(lane) {
                    permits.set(*at_once);
                }
            }
            Turn::Breaker { mode } => {
                if let (Some(breaker), Some(config)) = (self.breaker(lane), self.config.lanes.get(&lane)) {
                    breaker.set(BreakerConfig { mode: *mode, ..config.breaker });
                }
            }
            Turn::Hold { hand, until } => {
                let Some(breaker) = self.breaker(lane) else { return };
                let until = until.map(moment);
                match hand {
                    Hand::Auto => breaker.release(),
                    Hand::Block => breaker.hold(breaker::Hand::Block, until),
                    Hand::Pass => breaker.hold(breaker::Hand::Pass, until),
                }
            }
            // A book never says so: a standing is the insurer's as a whole.
            Turn::Standing(_) => {}
        }
    }

    fn standing(&self, lane: Lane) -> Option<Json> {
        let (limiter, permits, breaker) = (self.limiter(lane)?, self.permits(lane)?, self.breaker(lane)?);
        Some(json!({
            "limit": limiter.standing(),
            "at_once": { "allowed": permits.allowed(), "own": permits.own(), "held": permits.held(), "waiting": permits.waiting() },
            "breaker": breaker.standing(),
        }))
    }

    fn forecast(&self, lane: Lane, rates: &[RateLimit]) -> Option<Forecast> {
        self.limiter(lane).map(|limiter| limiter.forecast(rates))
    }
}

/// On the clock that engines wait by.
fn moment(at: Timestamp) -> Instant {
    let left = at.duration_since(telemetry::now());
    Instant::now() + Duration::try_from(left).unwrap_or_default()
}
