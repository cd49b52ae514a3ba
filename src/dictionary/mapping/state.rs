//! How far a mapping is.

use serde::{Deserialize, Serialize};

/// How far a mapping is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MappingState {
    /// The matcher is sure enough: it holds.
    Automatic,
    /// The matcher is not sure enough: it waits for a person.
    Proposed,
    /// A person said so: it holds.
    Confirmed,
    /// A person said no: it is never proposed again.
    Refused,
}

// === impl MappingState ===

impl MappingState {
    /// Every state.
    pub const ALL: [MappingState; 4] =
        [MappingState::Automatic, MappingState::Proposed, MappingState::Confirmed, MappingState::Refused];

    /// Their names, in the same order.
    pub const NAMES: &'static [&'static str] = &["automatic", "proposed", "confirmed", "refused"];

    /// Its name.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether calls are made with it.
    pub const fn holds(self) -> bool {
        matches!(self, MappingState::Automatic | MappingState::Confirmed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_name() {
        for state in MappingState::ALL {
            assert_eq!(MappingState::parse(state.name()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
    }
}
