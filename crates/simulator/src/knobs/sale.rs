//! How an insurer behaves after the quote, where a single value does not tell it.

use std::time::Duration;

use serde::Deserialize;

use crate::duration;

/// Applications that are accepted and then stay in a queue: alfastrah says PROCESSING for longer, ingosstrakh
/// gives the text of its queue and then no policy number, renessans is not yet `Согласован`, vsk keeps its operation under
/// way, soglasie is at its own check (`SK_CHECK`).
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hold {
    /// Share of risks.
    pub share: f64,
    /// For how many polls.
    pub polls: u32,
}

/// Insurers' own calls: a notice of each payment, to `{gateway}/insurers/{code}/callback`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Callbacks {
    /// Share of payments that are told of; 0: the gateway has to ask.
    pub share: f64,
    /// From the moment that the insurer says paid until it calls.
    #[serde(deserialize_with = "duration::deserialize")]
    pub delay: Duration,
    /// How many times it tells the same.
    pub copies: u32,
    /// The gateway's base address, without a slash at its end; empty: nobody is told.
    /// [`Simulation::notify`](crate::Simulation::notify) wins over it.
    pub gateway: String,
}

/// vsk_bus: its replies, which are calls of its own to the address that each message names. The notice of a payment
/// is one of them, so `callbacks` has no part in it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Replies {
    /// From the acknowledgement until the reply, besides `latency` or `application_latency`.
    #[serde(deserialize_with = "duration::deserialize")]
    pub delay: Duration,
    /// Share of replies that never come.
    pub lost: f64,
    /// How many times each comes.
    pub copies: u32,
    /// Share of replies that come before their messages are acknowledged.
    pub early: f64,
    /// Whether they repeat the message's own id (`messageId`); without, only `X-VSK-CorrelationId` tells them apart.
    pub message_ids: bool,
}

// === impl Hold, Callbacks, Replies ===

impl Default for Hold {
    fn default() -> Self {
        Self { share: 0.0, polls: 3 }
    }
}

impl Default for Callbacks {
    fn default() -> Self {
        Self { share: 0.0, delay: Duration::ZERO, copies: 1, gateway: String::new() }
    }
}

impl Default for Replies {
    fn default() -> Self {
        Self { delay: Duration::ZERO, lost: 0.0, copies: 1, early: 0.0, message_ids: true }
    }
}

impl Callbacks {
    pub(super) fn problem(&self) -> Option<String> {
        let base = url::Url::parse(&self.gateway);
        let sound =
            self.gateway.is_empty() || base.is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
        (!sound).then(|| format!("callbacks.gateway = {} is no address of a gateway", self.gateway))
    }
}
