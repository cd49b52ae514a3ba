//! Calls to insurers: what holds for all of them. Limits and timeouts are each insurer's own.

use std::{path::PathBuf, time::Duration};

use veer_contract::domain::Kopecks;

use super::{BreakerConfig, OutageConfig, section::Section};

/// `[upstream]`.
#[derive(Debug, Clone, PartialEq)]
pub struct UpstreamConfig {
    /// How often a call that may be repeated is repeated after a failure.
    pub repeats: u32,
    /// The pause before the first repetition; each next one is longer.
    pub pause: Duration,
    /// An idle connection is closed after this. Keep it below what insurers' servers allow, or calls meet
    /// connections that are just being closed.
    pub idle_connection: Duration,
    /// The prices that are believed.
    pub offer_range: OfferRange,
    /// When a lane's breaker blocks, where the lane does not say.
    pub breaker: BreakerConfig,
    /// When several insurers are one incident.
    pub registry_outage: OutageConfig,
    /// A folder with insurers that are described by specs, one folder each.
    pub specs: Option<PathBuf>,
}

/// `[upstream.offer_range]`: an offer outside it is a mistake of somebody's and is not shown (verdict 501).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferRange {
    /// The lowest price that is believed.
    pub min_price: Kopecks,
    /// The highest price that is believed.
    pub max_price: Kopecks,
}

// === impl UpstreamConfig ===

impl UpstreamConfig {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let config = Self {
            repeats: section.or("repeats", 2),
            pause: section.or("pause", Duration::from_millis(200)),
            idle_connection: section.or("idle_connection", Duration::from_secs(20)),
            offer_range: section.child("offer_range", OfferRange::read),
            breaker: section
                .child("breaker", |section| BreakerConfig::read(section, &BreakerConfig::house())),
            registry_outage: section.child("registry_outage", OutageConfig::read),
            specs: section.directory("specs"),
        };
        section.rule(
            config.repeats <= 10,
            "repeats",
            "must be at most 10; more only hurts an insurer that is down",
        );
        section.rule(
            config.repeats == 0 || !config.pause.is_zero(),
            "pause",
            "must be longer than nothing; to repeat nothing, set `repeats = 0`",
        );
        config
    }
}

// === impl OfferRange ===

impl OfferRange {
    fn read(section: &Section<'_>) -> Self {
        let range = Self {
            min_price: section.or("min_price", Kopecks::from_roubles(100)),
            max_price: section.or("max_price", Kopecks::from_roubles(1_000_000)),
        };
        section.rule(range.min_price >= Kopecks::ZERO, "min_price", "must not be negative");
        section.rule(range.min_price < range.max_price, "max_price", "must be more than `min_price`");
        range
    }
}
