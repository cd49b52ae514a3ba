//! How a simulated Yandex behaves. Untouched, it counts and answers at once.
//!
//! Three knobs count calls down: each of the next calls that are sound (the token right, every field right)
//! meets one of them, `refuse` before `time_out` before `lose_answer`, until nothing is left and Yandex is
//! healthy again. A call in bulk is one call.

use std::time::Duration;

use serde::Deserialize;

use crate::{SimulatorError, duration};

/// What goes wrong at a simulated Yandex.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct YandexKnobs {
    /// That many calls are refused, and not counted.
    pub refuse: u32,
    /// The status of those refusals, from 400 to 599.
    pub refuse_status: u16,
    /// That many calls are taken and never answered; each ends when the caller leaves or after ten minutes.
    pub time_out: u32,
    /// Whether such a call is counted, before the silence.
    pub time_out_counted: bool,
    /// That many calls are counted, and the connection is cut before the answer.
    pub lose_answer: u32,
    /// How long every answer to a sound call takes, ten minutes at most. Counting does not wait.
    #[serde(deserialize_with = "duration::deserialize")]
    pub delay: Duration,
}

/// What happens to one sound call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Counted and answered.
    Heard,
    /// Refused with this status.
    Refused(u16),
    /// Never answered.
    Ignored { counted: bool },
    /// Counted, and the connection is cut.
    Cut,
}

// === impl YandexKnobs ===

impl Default for YandexKnobs {
    fn default() -> Self {
        Self {
            refuse: 0,
            refuse_status: 500,
            time_out: 0,
            time_out_counted: false,
            lose_answer: 0,
            delay: Duration::ZERO,
        }
    }
}

impl YandexKnobs {
    /// Everything that is wrong with them, each named by its knob.
    pub fn problems(&self) -> Vec<String> {
        if (400..600).contains(&self.refuse_status) {
            return Vec::new();
        }
        vec![format!("refuse_status = {} is no refusal; take one from 400 to 599", self.refuse_status)]
    }

    pub(super) fn check(&self) -> Result<(), SimulatorError> {
        let problems = self.problems();
        if problems.is_empty() { Ok(()) } else { Err(SimulatorError::Plan(problems)) }
    }

    /// Decides about the next sound call.
    pub(super) fn next(&mut self) -> Fate {
        if spend(&mut self.refuse) {
            Fate::Refused(self.refuse_status)
        } else if spend(&mut self.time_out) {
            Fate::Ignored { counted: self.time_out_counted }
        } else if spend(&mut self.lose_answer) {
            Fate::Cut
        } else {
            Fate::Heard
        }
    }
}

fn spend(left: &mut u32) -> bool {
    let any = *left > 0;
    *left = left.saturating_sub(1);
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knobs_are_spent_in_their_order_and_then_it_is_healthy() {
        let mut knobs = YandexKnobs {
            refuse: 2,
            refuse_status: 400,
            time_out: 1,
            time_out_counted: true,
            lose_answer: 1,
            ..YandexKnobs::default()
        };
        let fates = std::array::from_fn(|_| knobs.next());
        let (refused, ignored) = (Fate::Refused(400), Fate::Ignored { counted: true });
        assert_eq!(fates, [refused, refused, ignored, Fate::Cut, Fate::Heard, Fate::Heard]);
    }
}
