//! Which of an insurer's engines hears what.

use veer_contract::Lane;

use super::turn::{Tunable, Turn};
use crate::upstream::Insurer;

impl Tunable for Insurer {
    fn tune(&self, lane: Option<Lane>, turn: &Turn) {
        match (lane, turn) {
            (None, Turn::Standing { enabled, .. }) => self.set_enabled(*enabled),
            // The lanes' engines are made at the start and stay as they are.
            (Some(_), Turn::Limit { .. } | Turn::Breaker { .. } | Turn::Hold { .. }) => {}
            (None, _) | (Some(_), Turn::Standing { .. }) => {}
        }
    }
}
