//! Where a conversation can be taken up again.

use serde::{Deserialize, Serialize};
use veer_contract::{Call, Effect, SavedState};

/// Where a conversation can be taken up again. May hold personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The flow's state.
    pub state: SavedState,
    /// What was to happen.
    pub pending: Pending,
}

/// What was to happen at a [`Point`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pending {
    /// These calls were to be sent.
    Calls(Vec<Call>),
    /// The flow was to be woken.
    Wake,
    /// A callback with this correlation was to come.
    Callback(String),
}

/// Where a conversation begins.
#[derive(Debug)]
pub enum Beginning {
    /// At its first step.
    Start,
    /// Where it was kept.
    At(Point),
    /// Between an application that may have left and its reply.
    Lost(Option<Point>),
}

// === impl Point ===

impl Point {
    /// A call that creates was to be sent.
    pub fn creates(&self) -> bool {
        let Pending::Calls(calls) = &self.pending else { return false };
        calls.iter().any(|call| call.effect == Effect::Creates)
    }

    /// A call with a key of its own was to be sent.
    pub(super) fn is_keyed(&self) -> bool {
        let Pending::Calls(calls) = &self.pending else { return false };
        calls.iter().any(|call| matches!(call.effect, Effect::Keyed(_)))
    }
}
