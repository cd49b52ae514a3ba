//! How the engines are told what holds.
//!
//! A knob is a word of an operator's; an engine takes some of them together: a limiter its windows and its mode, a
//! standing all its five parts. So what is told is what one engine is to do from now on, whole.

use jiff::Timestamp;
use serde_json::Value as Json;
use veer_contract::Lane;

use super::value::Hand;
use crate::{
    config::{Mode, RateLimit, StandingConfig},
    upstream::limit::Forecast,
};

/// What one engine is to do from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// A lane's limiter and permits.
    Limit {
        /// Rate limits, all of which hold.
        rates: Vec<RateLimit>,
        /// Calls under way at once.
        at_once: u32,
        /// Whether the rates hold.
        mode: Mode,
    },
    /// A lane's breaker.
    Breaker {
        /// Whether it works.
        mode: Mode,
    },
    /// A person's word over a lane's breaker.
    Hold {
        /// The word.
        hand: Hand,
        /// When it is taken back; that is told by a turn of its own.
        until: Option<Timestamp>,
    },
    /// Whether and when an insurer is asked.
    Standing(StandingConfig),
}

/// An insurer whose engines can be told. Nothing here waits or fails.
pub trait Tunable: Send + Sync {
    /// From now on it is like that: the engine of `lane`, or of the insurer as a whole.
    fn tune(&self, lane: Option<Lane>, turn: &Turn);

    /// How the lane's engines stand at this moment, for operators.
    fn standing(&self, _lane: Lane) -> Option<Json> {
        None
    }

    /// What the past hour's demand would have come to; none where no demand is recorded.
    fn forecast(&self, _lane: Lane, _rates: &[RateLimit]) -> Option<Forecast> {
        None
    }
}
