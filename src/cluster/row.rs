//! A replica as its row in the store tells it.

use jiff::Timestamp;

use super::ReplicaId;

/// A replica as its row in the store tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaRow {
    /// Which.
    pub id: ReplicaId,
    /// Where its partner API is reached by other replicas, as `http://host:port`; empty while it does not listen yet.
    pub address: String,
    /// When it started, by its own clock.
    pub since: Timestamp,
    /// How often it has beaten.
    pub beat: i64,
    /// It does what one alone must do.
    pub does_chores: bool,
    /// Whether it is still there.
    pub presence: Presence,
}

/// Whether a replica is still there. It never comes back: who starts again is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is there, or is not known to be dead.
    Here,
    /// It has stopped and left its work.
    Left,
    /// Its work is another's.
    TakenOver,
}

// === impl Presence ===

impl Presence {
    /// As the store has it; what is not known is not here.
    pub(crate) fn of(code: i64) -> Self {
        match code {
            0 => Presence::Here,
            1 => Presence::Left,
            _ => Presence::TakenOver,
        }
    }

    /// The word that operators see.
    pub fn name(self) -> &'static str {
        match self {
            Presence::Here => "here",
            Presence::Left => "left",
            Presence::TakenOver => "taken over",
        }
    }

    /// Its work is there for the taking.
    pub(super) fn has_left(self) -> bool {
        self == Presence::Left
    }
}
