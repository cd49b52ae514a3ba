//! Confirming sales to the partner: when, and for how long it is tried.

use std::time::Duration;

use url::Url;

use super::{
    Secret,
    form::{Address, Choice, Written, choose},
    section::Section,
};

/// `[sales]`.
#[derive(Debug, Clone, PartialEq)]
pub struct SalesConfig {
    /// The pause after the first failed attempt; each next one is longer.
    pub pause: Duration,
    /// Pauses grow up to this.
    pub longest_pause: Duration,
    /// A sale that is not confirmed for so long is an alarm.
    pub alarm_after: Duration,
    /// A sale that is not confirmed for so long is given up and kept for a person.
    pub give_up_after: Duration,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// The most sales in one POST.
    pub bulk: u32,
}

/// `[partner.accounts.<name>.confirm]`: where the sales of an account are confirmed.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfirmConfig {
    /// The address of the partner's `/confirm`.
    pub url: Url,
    /// The aggregator's id at the partner.
    pub partner_id: String,
    /// The access token.
    pub token: Secret,
    /// One by one or in bulk.
    pub method: ConfirmMethod,
}

/// How sales are confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmMethod {
    /// Each by a GET of its own.
    Get,
    /// Several by one POST.
    Post,
}

impl Choice for ConfirmMethod {
    const WORDS: &'static [(&'static str, Self)] = &[("get", Self::Get), ("post", Self::Post)];
}

impl Written for ConfirmMethod {
    fn parse(text: &str) -> Result<Self, String> {
        choose(text)
    }
}

// === impl SalesConfig ===

impl SalesConfig {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let day = 86_400;
        let config = Self {
            pause: section.or("pause", Duration::from_secs(5)),
            longest_pause: section.or("longest_pause", Duration::from_secs(3600)),
            alarm_after: section.or("alarm_after", Duration::from_secs(3 * day)),
            give_up_after: section.or("give_up_after", Duration::from_secs(11 * day)),
            timeout: section.or("timeout", Duration::from_secs(20)),
            bulk: section.or("bulk", 100),
        };
        section.rule(!config.pause.is_zero(), "pause", "must be longer than nothing");
        section.rule(config.pause <= config.longest_pause, "longest_pause", "must be at least `pause`");
        section.rule(
            config.alarm_after < config.give_up_after,
            "alarm_after",
            "must be less than `give_up_after`: an alarm must leave time to act",
        );
        section.rule(!config.timeout.is_zero(), "timeout", "must be longer than nothing");
        section.rule((1..=1000).contains(&config.bulk), "bulk", "must be from 1 to 1000");
        config
    }
}

// === impl ConfirmConfig ===

impl ConfirmConfig {
    /// None where no key of it is set: then sales wait until an operator sets them.
    pub(super) fn read(section: &Section<'_>) -> Option<Self> {
        let any = section.names().next().is_some();
        let url: Option<Address> = if any {
            section.required("url", "the address of the partner's /confirm")
        } else {
            section.maybe("url")
        };
        let partner_id: Option<String> = if any {
            section.required("partner_id", "the aggregator's id at the partner")
        } else {
            section.maybe("partner_id")
        };
        let token = if any {
            section.required_secret("token", "the access token that the partner issued")
        } else {
            section.secret("token")
        };
        let method = section.maybe("method").unwrap_or(ConfirmMethod::Get);
        let Address(url) = url?;
        Some(Self { url, partner_id: partner_id?, token: token?, method })
    }
}
