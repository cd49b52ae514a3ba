//! A lane's limits and timeouts: the manifest's, with the operator's over them.

use std::time::Duration;

use veer_contract::manifest::LaneDefaults;

use super::{
    BreakerConfig,
    form::{Mode, RateLimit, Size, Written},
    problem::Place,
    section::Section,
};

/// `[insurers.<code>.lanes.<lane>]`.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneConfig {
    /// Rate limits, all of which hold. Empty: none.
    pub rate: Vec<RateLimit>,
    /// Whether they hold.
    pub limits: Mode,
    /// Calls under way at once.
    pub concurrent: u32,
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the reply's first byte, from the start of the call.
    pub first_byte: Duration,
    /// Until the reply's last byte, from the start of the call.
    pub total: Duration,
    /// Bytes of a decoded reply; a longer one is verdict 408.
    pub max_reply: usize,
    /// A call is not started with less of the budget left than this.
    pub useful: Duration,
    /// When its breaker blocks.
    pub breaker: BreakerConfig,
}

/// A manifest's texts on their way into values; a mistake there is a problem like any other.
struct FromManifest<'s, 'r> {
    section: &'s Section<'r>,
    adapter: &'s str,
    lane: &'s str,
}

// === impl LaneConfig ===

impl LaneConfig {
    pub(super) fn read(
        section: &Section<'_>,
        defaults: &LaneDefaults,
        breaker: &BreakerConfig,
        adapter: &str,
        lane: &str,
    ) -> Self {
        let manifest = FromManifest { section, adapter, lane };
        let rates = defaults.rate.iter();
        let config = Self {
            rate: section.or("rate", rates.filter_map(|text| manifest.value("rate", text)).collect()),
            limits: section.or("limits", Mode::On),
            concurrent: section.or("concurrent", defaults.concurrent),
            connect: section.or("connect", manifest.duration("connect", &defaults.connect)),
            first_byte: section.or("first_byte", manifest.duration("first_byte", &defaults.first_byte)),
            total: section.or("total", manifest.duration("total", &defaults.total)),
            max_reply: section
                .or("max_reply", manifest.value("max_reply", &defaults.max_reply).unwrap_or(Size(1 << 20)))
                .0,
            useful: section.or("useful", manifest.duration("useful", &defaults.useful)),
            breaker: section.child("breaker", |section| BreakerConfig::read(section, breaker)),
        };
        config.check(section);
        config
    }

    fn check(&self, section: &Section<'_>) {
        section.rule(
            self.concurrent > 0,
            "concurrent",
            "must be at least 1; to call an insurer no more, set its `enabled = false`",
        );
        section.rule(!self.connect.is_zero(), "connect", "must be longer than nothing");
        section.rule(!self.first_byte.is_zero(), "first_byte", "must be longer than nothing");
        section.rule(
            self.total >= self.first_byte,
            "total",
            format!(
                "must be at least `first_byte`, which is {:?}; the last byte cannot come before the first",
                self.first_byte
            ),
        );
        section.rule(
            self.total >= self.connect,
            "total",
            format!("must be at least `connect`, which is {:?}", self.connect),
        );
        section.rule(self.max_reply > 0, "max_reply", "must be at least 1B");
        section.rule(
            self.useful <= self.total,
            "useful",
            format!("must be at most `total`, which is {:?}; a call never takes longer", self.total),
        );
    }
}

// === impl FromManifest ===

impl FromManifest<'_, '_> {
    fn value<T: Written>(&self, key: &str, text: &str) -> Option<T> {
        let note = |rule: String| {
            let place = Place::Manifest(self.adapter.to_owned());
            self.section.reading().note(place, format!("lanes.{}.{key}", self.lane), rule);
        };
        T::parse(text).map_err(note).ok()
    }

    /// What stands for a mistake is never used: the configuration is refused.
    fn duration(&self, key: &str, text: &str) -> Duration {
        self.value(key, text).unwrap_or(Duration::from_secs(1))
    }
}
