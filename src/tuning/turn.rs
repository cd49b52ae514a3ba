//! How the engines are told what holds.
//!
//! A knob is a word of an operator's; an engine takes some of them together: a limiter its windows and its mode, a
//! standing all its five parts. So what is told is what one engine is to do from now on, whole.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value as Json;
use veer_contract::Lane;

use super::{
    hours::Times,
    value::{Hand, Mode},
};
use crate::config::RateLimit;

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
    Standing {
        /// Whether at all.
        enabled: bool,
        /// In so many percent of calculations.
        asked: u8,
        /// Without being shown.
        shadow: bool,
        /// When it works; nothing is always.
        hours: Times,
        /// When it does not.
        maintenance: Times,
    },
}

/// What a lane's demand of the past hour would have come to under other limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// Calls that wanted to go.
    pub asked: u64,
    /// Those that would have gone.
    pub sent: u64,
    /// Those that would have been refused.
    pub refused: u64,
    /// What those that went would have waited together, in milliseconds.
    #[serde(rename = "waited_ms", serialize_with = "millis")]
    pub waited: Duration,
    /// What one of them would have waited at the longest, in milliseconds.
    #[serde(rename = "longest_wait_ms", serialize_with = "millis")]
    pub longest_wait: Duration,
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

fn millis<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
