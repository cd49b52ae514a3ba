//! When an insurer is asked, and whether what it says is shown. All of it can be changed while the gateway runs.

use super::{
    form::{Hours, Maintenance, Share},
    section::Section,
};

/// A part of `[insurers.<code>]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingConfig {
    /// Whether it is asked at all; if not, calculations say so (verdict 100).
    pub enabled: bool,
    /// The share of calculations in which it is asked; the others say so (verdict 105).
    pub asked: Share,
    /// It is asked and what it says is recorded, and nobody is shown it.
    pub shadow: bool,
    /// When it is asked; outside of them calculations say so (verdict 104).
    pub hours: Hours,
    /// When it is not asked (verdict 104).
    pub maintenance: Maintenance,
}

// === impl StandingConfig ===

impl StandingConfig {
    /// A source without `quotes` is no part of calculations, so shares and shadows are not its.
    pub(super) fn read(section: &Section<'_>, quotes: bool) -> Self {
        let default = Self::default();
        let (asked, shadow) = match quotes {
            true => (section.or("asked", default.asked), section.or("shadow", default.shadow)),
            false => (default.asked, default.shadow),
        };
        Self {
            enabled: section.or("enabled", default.enabled),
            asked,
            shadow,
            hours: section.or("hours", default.hours),
            maintenance: section.or("maintenance", default.maintenance),
        }
    }
}

/// Asked always, and shown.
impl Default for StandingConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            asked: Share::ALL,
            shadow: false,
            hours: Hours::default(),
            maintenance: Maintenance::default(),
        }
    }
}
