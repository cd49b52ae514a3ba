//! Where a simulated Yandex listens, and whom it trusts.

use std::net::{Ipv4Addr, SocketAddr};

use serde::Deserialize;

use super::YandexKnobs;
use crate::SimulatorError;

/// A simulated Yandex.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YandexPlan {
    /// Where it listens; port 0 takes a free one.
    #[serde(default = "any_port")]
    pub listen: SocketAddr,
    /// The token that it issued. Invented, and demanded.
    pub token: String,
    /// The partner whose sales it counts.
    pub partner_id: String,
    /// How it behaves.
    #[serde(default)]
    pub knobs: YandexKnobs,
}

fn any_port() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

// === impl YandexPlan ===

impl YandexPlan {
    /// A healthy one on any free port of this machine.
    pub fn new(token: impl Into<String>, partner_id: impl Into<String>) -> Self {
        Self {
            listen: any_port(),
            token: token.into(),
            partner_id: partner_id.into(),
            knobs: YandexKnobs::default(),
        }
    }

    pub(super) fn check(&self) -> Result<(), SimulatorError> {
        let mut problems = self.knobs.problems();
        for (name, value) in [("token", &self.token), ("partner_id", &self.partner_id)] {
            if value.trim() != value || value.is_empty() {
                problems.push(format!("{name} is empty or has blanks around it"));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(SimulatorError::Plan(problems)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_can_be_read_and_says_where_only_if_it_matters() {
        let text = "token = 't'\npartner_id = 'p'\nknobs = { lose_answer = 2, delay = '300ms' }";
        let plan: YandexPlan = toml::from_str(text).unwrap();
        let knobs = YandexKnobs {
            lose_answer: 2,
            delay: std::time::Duration::from_millis(300),
            ..YandexKnobs::default()
        };
        assert_eq!(plan, YandexPlan { knobs, ..YandexPlan::new("t", "p") });
        assert!(toml::from_str::<YandexPlan>(&format!("{text}\nport = 1")).is_err());
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let mut plan = YandexPlan::new("", "p ");
        plan.knobs = YandexKnobs { refuse: 1, refuse_status: 200, ..YandexKnobs::default() };
        let problems = plan.check().unwrap_err().to_string();
        for named in ["token", "partner_id", "refuse_status"] {
            assert!(problems.contains(named), "{named} is missing in {problems}");
        }
    }
}
