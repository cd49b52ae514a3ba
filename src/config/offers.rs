//! Offers after the quote: how long they are good, how long a caller waits, how payments are watched.

use std::time::Duration;

use super::{form::Size, section::Section};

/// `[offers]`.
#[derive(Debug, Clone, PartialEq)]
pub struct OffersConfig {
    /// From the calculation's acceptance until an offer that nobody paid is CLOSED_TIMEOUT.
    pub valid: Duration,
    /// How long a GET of an offer waits for the final price.
    pub patience: Duration,
    /// How long a confirmation waits for the payment link.
    pub confirm_patience: Duration,
    /// How long asking an insurer for the final price may take.
    pub finalise_budget: Duration,
    /// The pause before the insurer is first asked whether an offer is paid.
    pub payment_poll: Duration,
    /// Pauses grow up to this.
    pub payment_poll_longest: Duration,
    /// Bytes of a file that is taken from an insurer.
    pub max_file: usize,
    /// How long the signed address of a file is good.
    pub file_links: Duration,
}

// === impl OffersConfig ===

impl OffersConfig {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let config = Self {
            valid: section.or("valid", Duration::from_secs(86_400)),
            patience: section.or("patience", Duration::from_secs(4)),
            confirm_patience: section.or("confirm_patience", Duration::from_secs(25)),
            finalise_budget: section.or("finalise_budget", Duration::from_secs(300)),
            payment_poll: section.or("payment_poll", Duration::from_secs(10)),
            payment_poll_longest: section.or("payment_poll_longest", Duration::from_secs(600)),
            max_file: section.or("max_file", Size(10 << 20)).0,
            file_links: section.or("file_links", Duration::from_secs(7 * 86_400)),
        };
        for (key, value) in [
            ("valid", config.valid),
            ("finalise_budget", config.finalise_budget),
            ("payment_poll", config.payment_poll),
            ("file_links", config.file_links),
        ] {
            section.rule(!value.is_zero(), key, "must be longer than nothing");
        }
        section.rule(
            config.payment_poll <= config.payment_poll_longest,
            "payment_poll_longest",
            "must be at least `payment_poll`: pauses grow from the one to the other",
        );
        section.rule(
            config.max_file >= 64 << 10,
            "max_file",
            "must be at least 64KiB: a policy has several pages",
        );
        config
    }
}
