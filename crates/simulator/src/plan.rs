//! Which insurers a simulation has.

use std::net::{Ipv4Addr, SocketAddr};
use std::{collections::BTreeSet, time::Duration};

use serde::Deserialize;

use crate::{Callbacks, Drift, Faults, Knobs, Latency, Polls, SimulatorError, Wire};

/// A whole simulation: everything it will ever answer follows from this.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "Written")]
pub struct Plan {
    /// The seed of all decisions.
    pub seed: u64,
    /// The insurers.
    pub insurers: Vec<InsurerPlan>,
}

/// A plan as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default = "first_seed")]
    seed: u64,
    /// The gateway, for every insurer that names none of its own.
    #[serde(default)]
    notify: String,
    #[serde(rename = "insurer")]
    insurers: Vec<InsurerPlan>,
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

fn first_seed() -> u64 {
    1
}

fn any_port() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

// === impl Plan ===

impl From<Written> for Plan {
    fn from(written: Written) -> Self {
        let mut plan = Self { seed: written.seed, insurers: written.insurers };
        for insurer in &mut plan.insurers {
            let gateway = &mut insurer.knobs.callbacks.gateway;
            if gateway.is_empty() {
                gateway.clone_from(&written.notify);
            }
        }
        plan
    }
}

impl Plan {
    /// `count` insurers that answer within 1 to 10 seconds; applications take one or two, and half of the payments are told
    /// of by the insurer itself, if it is told [where](crate::Simulation::notify). First comes one of each wire, in good
    /// health, the third declining now and then; the others are aliases (`alfastrah-2`), some of which decline, fail or
    /// change their minds.
    pub fn demo(seed: u64, count: usize) -> Self {
        let latency = Latency::Uniform { min: Duration::from_secs(1), max: Duration::from_secs(10) };
        let alive = Knobs {
            latency,
            application_latency: Latency::Uniform {
                min: Duration::from_secs(1),
                max: Duration::from_secs(2),
            },
            application_polls: Polls { min: 1, max: 2 },
            callbacks: Callbacks { share: 0.5, ..Callbacks::default() },
            ..Knobs::default()
        };
        let knobs = |index: usize| match index {
            2 => Knobs { decline: 0.15, ..alive.clone() },
            first if first < Wire::INSURERS.len() => alive.clone(),
            _ => Knobs {
                decline: 0.2,
                drift: Drift { share: 0.2, size: 0.1 },
                faults: Faults { error: 0.03, registry_down: 0.02, ..Faults::default() },
                ..alive.clone()
            },
        };
        Self::with(seed, count, knobs)
    }

    /// Adds a source of vehicle data, which answers within one or two seconds.
    #[must_use]
    pub fn and_sources(mut self) -> Self {
        let latency = Latency::Uniform { min: Duration::from_secs(1), max: Duration::from_secs(2) };
        let knobs = Knobs { latency, polls: Polls { min: 1, max: 2 }, ..Knobs::default() };
        self.insurers.extend(Wire::SOURCES.iter().map(|&wire| InsurerPlan {
            code: wire.name().to_owned(),
            wire,
            listen: any_port(),
            knobs: knobs.clone(),
        }));
        self
    }

    /// One insurer of each wire, healthy and answering at once: for tests and benches.
    pub fn fast(seed: u64) -> Self {
        Self::with(seed, Wire::INSURERS.len(), |_| Knobs::default())
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
            let wire = Wire::INSURERS[index % Wire::INSURERS.len()];
            let code = match index / Wire::INSURERS.len() {
                0 => wire.name().to_owned(),
                again => format!("{}-{}", wire.name(), again + 1),
            };
            InsurerPlan { code, wire, listen: any_port(), knobs: knobs(index) }
        };
        Self { seed, insurers: (0..count).map(insurer).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_are_numbered() {
        let names: Vec<&str> = Wire::INSURERS.iter().map(|wire| wire.name()).collect();
        let plan = Plan::demo(1, 2 * names.len() + 1);
        let codes: Vec<String> = plan.insurers.into_iter().map(|insurer| insurer.code).collect();
        let mut expected: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        expected.extend(names.iter().map(|name| format!("{name}-2")));
        expected.push(format!("{}-3", names[0]));
        assert_eq!(codes, expected);
    }

    #[test]
    fn a_source_comes_behind_the_insurers() {
        let plan = Plan::demo(1, 2).and_sources();
        let codes: Vec<&str> = plan.insurers.iter().map(|insurer| insurer.code.as_str()).collect();
        assert_eq!(codes, [Wire::INSURERS[0].name(), Wire::INSURERS[1].name(), "avtocod"]);
        assert_eq!(plan.check().map_err(|error| error.to_string()), Ok(()));
    }

    #[test]
    fn a_demonstration_shows_the_whole_sale() {
        for insurer in Plan::demo(1, 6).insurers {
            let knobs = insurer.knobs;
            assert!(knobs.cross_sales && knobs.callbacks.share == 0.5, "{}", insurer.code);
            assert_ne!(knobs.application_latency, Latency::None);
            assert_eq!(knobs.problems(), Vec::<String>::new());
        }
    }

    #[test]
    fn the_example_file_shows_every_default() {
        let plan = Plan::from_toml(include_str!("../simulation.toml")).unwrap();
        let wires: Vec<Wire> = plan.insurers.iter().map(|insurer| insurer.wire).collect();
        assert_eq!(wires, Wire::all().collect::<Vec<_>>());
        assert!(plan.insurers.iter().all(|insurer| insurer.knobs == Knobs::default()));
    }

    #[test]
    fn the_example_file_names_every_operation_that_faults_can_hit() {
        let manual = include_str!("../simulation.toml");
        for operation in Wire::all().flat_map(Wire::operations) {
            let named =
                |line: &str| line.split([':', ',']).any(|word| word.trim_matches(['#', ' ']) == operation);
            assert!(manual.lines().any(named), "{operation} is missing");
        }
    }

    #[test]
    fn the_gateway_of_the_file_is_every_insurers_that_names_none() {
        let text = "notify = 'http://gateway:8080'\n[[insurer]]\ncode = 'a'\nwire = 'alfastrah'\n\
                    [[insurer]]\ncode = 'b'\nwire = 'renessans'\n\
                    knobs.callbacks = { gateway = 'http://other' }\n";
        let plan = Plan::from_toml(text).unwrap();
        let gateways: Vec<&str> =
            plan.insurers.iter().map(|insurer| insurer.knobs.callbacks.gateway.as_str()).collect();
        assert_eq!(gateways, ["http://gateway:8080", "http://other"]);
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
