//! Which of an insurer's engines hears what: one arm an engine.

use veer_contract::Lane;

use super::turn::{Tunable, Turn};
use crate::upstream::Insurer;

impl Tunable for Insurer {
    fn tune(&self, lane: Option<Lane>, turn: &Turn) {
        match (turn, lane) {
            (Turn::Standing { enabled, .. }, None) => self.set_enabled(*enabled),
            // A lane's limiter, permits and breaker are made at the start and stay as they are.
            (Turn::Limit { .. }, Some(_)) => {}
            (Turn::Breaker { .. }, Some(_)) => {}
            (Turn::Hold { .. }, Some(_)) => {}
            // A book never says so: the insurer as a whole has a standing, a lane has all others.
            (Turn::Standing { .. }, Some(_)) | (_, None) => {}
        }
    }
}
