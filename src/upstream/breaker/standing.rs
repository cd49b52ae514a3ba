//! Where a breaker stands, for operators.

use jiff::Timestamp;
use serde::Serialize;
use veer_contract::Lane;

use super::blocked::Why;

/// Where a breaker stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BreakerStanding {
    /// Whose.
    pub insurer: String,
    /// Of which lane.
    pub lane: Lane,
    /// `off`, `dry-run` or `on`.
    pub mode: &'static str,
    /// What it thinks of the lane. In a dry run calls go all the same; a person's hand goes before it.
    pub state: State,
    /// Since when calls do not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// When a call may try.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why calls do not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// While it probes: the good tries so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub good_tries: Option<u32>,
    /// Failures since the last good call.
    pub in_a_row: u32,
    /// Calls in the window,
    pub calls: u32,
    /// and those of them that failed.
    pub failed: u32,
    /// What a person decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hand: Option<HandStanding>,
}

/// What a breaker thinks of its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Calls pass.
    Passing,
    /// One call at a time tries.
    Probing,
    /// No call goes.
    Blocked,
}

/// What a person decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HandStanding {
    /// `block` or `pass`.
    pub hand: &'static str,
    /// Since when.
    pub since: Timestamp,
    /// Until when; none until it is released.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

// === impl BreakerStanding ===

impl BreakerStanding {
    /// Whether there is nothing to tell: calls pass, and nobody has a hand on it.
    pub fn is_quiet(&self) -> bool {
        self.state == State::Passing && self.hand.is_none()
    }
}
