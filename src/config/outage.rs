//! When insurers' words that the registry is down become one incident.

use std::time::Duration;

use super::section::Section;

/// `[upstream.registry_outage]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutageConfig {
    /// So many insurers must say it,
    pub insurers: u32,
    /// each within this time.
    pub window: Duration,
    /// It is over when nobody has said it for this long.
    pub quiet: Duration,
}

// === impl OutageConfig ===

impl OutageConfig {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let config = Self {
            insurers: section.or("insurers", 2),
            window: section.or("window", Duration::from_secs(60)),
            quiet: section.or("quiet", Duration::from_secs(300)),
        };
        section.rule(
            config.insurers >= 2,
            "insurers",
            "must be at least 2: what one insurer says alone may be its own trouble",
        );
        section.rule(!config.window.is_zero(), "window", "must be longer than nothing");
        section.rule(
            config.quiet >= config.window,
            "quiet",
            format!("must be at least `window`, which is {:?}", config.window),
        );
        config
    }
}
