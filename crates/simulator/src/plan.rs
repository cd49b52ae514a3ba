//! Which insurers a simulation has.

use std::net::{Ipv4Addr, SocketAddr};
use std::{collections::BTreeSet, time::Duration};

use serde::Deserialize;

use crate::{Drift, Faults, Knobs, Latency, SimulatorError};

/// A whole simulation: everything it will ever answer follows from this.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The seed of all decisions.
    #[serde(default = "first_seed")]
    pub seed: u64,
    /// The insurers.
    #[serde(rename = "insurer")]
    pub insurers: Vec<InsurerPlan>,
}

/// One insurer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InsurerPlan {
    /// Its name, unlike any other's: `alfastrah`, `alfastrah-2`. Decides its prices, with the seed.
    pub code: String,
    /// What it speaks.
    pub wire: Wire,
    /// Where it listens; port 0 takes a free one.
    #[serde(default = "any_port")]
    pub listen: SocketAddr,
    /// How it behaves.
    #[serde(default)]
    pub knobs: Knobs,
}

/// The wire formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wire {
    /// JSON with HTTP Digest.
    Alfastrah,
    /// SOAP 1.1 with sessions.
    Ingosstrakh,
    /// Bracketed form fields, create then poll.
    Renessans,
}

fn first_seed() -> u64 {
    1
}

fn any_port() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

// === impl Plan ===

impl Plan {
    /// `count` insurers that answer within 1 to 10 seconds. The first three are one of each wire, and the
    /// first two of them never decline; the others are aliases (`alfastrah-2`), some of which decline,
    /// fail or change their minds.
    pub fn demo(seed: u64, count: usize) -> Self {
        let latency = Latency::Uniform { min: Duration::from_secs(1), max: Duration::from_secs(10) };
        let knobs = |index: usize| match index {
            0 | 1 => Knobs { latency, ..Knobs::default() },
            2 => Knobs { latency, decline: 0.15, ..Knobs::default() },
            _ => Knobs {
                latency,
                decline: 0.2,
                drift: Drift { share: 0.2, size: 0.1 },
                faults: Faults { error: 0.03, registry_down: 0.02, ..Faults::default() },
                ..Knobs::default()
            },
        };
        Self::with(seed, count, knobs)
    }

    /// One insurer of each wire, healthy and answering at once: for tests and benches.
    pub fn fast(seed: u64) -> Self {
        Self::with(seed, Wire::ALL.len(), |_| Knobs::default())
    }

    /// Reads a plan as `simulation.toml` shows it; unknown keys are refused.
    ///
    /// # Errors
    /// The text is no TOML or not such a plan, or a value makes no sense; all senseless values are named.
    pub fn from_toml(text: &str) -> Result<Self, SimulatorError> {
        let plan: Self =
            toml::from_str(text).map_err(|error| SimulatorError::Plan(vec![error.to_string()]))?;
        plan.check()?;
        Ok(plan)
    }

    pub(crate) fn check(&self) -> Result<(), SimulatorError> {
        let mut problems = Vec::new();
        let mut codes = BTreeSet::new();
        for insurer in &self.insurers {
            if insurer.code.is_empty() {
                problems.push("an insurer has no code".to_owned());
            }
            if !codes.insert(&insurer.code) {
                problems.push(format!("two insurers are called {}", insurer.code));
            }
            problems.extend(insurer.knobs.problems().into_iter().map(|p| format!("{}: {p}", insurer.code)));
        }
        if problems.is_empty() { Ok(()) } else { Err(SimulatorError::Plan(problems)) }
    }

    fn with(seed: u64, count: usize, knobs: impl Fn(usize) -> Knobs) -> Self {
        let insurer = |index: usize| {
            let wire = Wire::ALL[index % Wire::ALL.len()];
            let code = match index / Wire::ALL.len() {
                0 => wire.name().to_owned(),
                again => format!("{}-{}", wire.name(), again + 1),
            };
            InsurerPlan { code, wire, listen: any_port(), knobs: knobs(index) }
        };
        Self { seed, insurers: (0..count).map(insurer).collect() }
    }
}

// === impl Wire ===

impl Wire {
    /// Every wire.
    pub const ALL: [Wire; 3] = [Wire::Alfastrah, Wire::Ingosstrakh, Wire::Renessans];

    /// Its name, which is the code of the insurer that speaks it.
    pub const fn name(self) -> &'static str {
        match self {
            Wire::Alfastrah => "alfastrah",
            Wire::Ingosstrakh => "ingosstrakh",
            Wire::Renessans => "renessans",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_are_numbered() {
        let codes: Vec<String> = Plan::demo(1, 7).insurers.into_iter().map(|insurer| insurer.code).collect();
        let expected = [
            "alfastrah",
            "ingosstrakh",
            "renessans",
            "alfastrah-2",
            "ingosstrakh-2",
            "renessans-2",
            "alfastrah-3",
        ];
        assert_eq!(codes, expected);
    }

    #[test]
    fn the_example_file_shows_every_default() {
        let plan = Plan::from_toml(include_str!("../simulation.toml")).unwrap();
        let wires: Vec<Wire> = plan.insurers.iter().map(|insurer| insurer.wire).collect();
        assert_eq!(wires, Wire::ALL);
        assert!(plan.insurers.iter().all(|insurer| insurer.knobs == Knobs::default()));
    }

    #[test]
    fn all_senseless_values_are_named() {
        let text = "[[insurer]]\ncode = 'a'\nwire = 'alfastrah'\nknobs.decline = 2.0\n\
                    [[insurer]]\ncode = 'a'\nwire = 'renessans'\n";
        let error = Plan::from_toml(text).unwrap_err().to_string();
        assert!(error.contains("a: decline"), "{error}");
        assert!(error.contains("two insurers are called a"), "{error}");
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(Plan::from_toml("sed = 1\n").unwrap_err().to_string().contains("sed"));
    }
}
