//! When a calculation is complete enough, so that users do not wait for the slowest insurer.

use std::time::Duration;

use super::section::Section;

/// `[calculation.complete]`. Each rule is off where it is not set; the first that is met counts. None is met
/// without an offer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompleteConfig {
    /// All insurers that are not marked `slow` have ended.
    pub fast_answered: bool,
    /// There are so many offers with a price.
    pub offers: Option<u32>,
    /// So long after the request, there is an offer.
    pub after: Option<Duration>,
}

// === impl CompleteConfig ===

impl CompleteConfig {
    pub(super) fn read(section: &Section<'_>, budget: Duration) -> Self {
        let config = Self {
            fast_answered: section.or("fast_answered", false),
            offers: section.maybe("offers"),
            after: section.maybe("after"),
        };
        section.rule(
            config.offers != Some(0),
            "offers",
            "must be at least 1: without an offer no calculation is complete; leave the key out to wait for all",
        );
        section.rule(
            config.after.is_none_or(|after| !after.is_zero() && after < budget),
            "after",
            format!(
                "must be longer than nothing and shorter than `calculation.budget`, which is {budget:?}; leave the \
                 key out to wait for all"
            ),
        );
        config
    }
}
