//! How an insurer behaves. Untouched, it is healthy and answers at once.
//!
//! Shares are between 0 and 1. Which calls are hit is decided by the risk and, for faults, by the how
//! many-eth call of that kind for that risk it is; so a share of 0.5 hits the same risks every time, and
//! a repeated call may succeed. `simulation.toml` beside this crate shows every knob with its default.

use std::time::Duration;

use serde::Deserialize;

use crate::{draws::Draws, duration, latency::Latency};

/// No simulated call takes longer, whatever the knobs say; a hang ends here too.
pub(crate) const LONGEST: Duration = Duration::from_secs(600);

/// One insurer's knobs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Knobs {
    /// How long a price takes. Logins, dictionaries and polls answer at once.
    pub latency: Latency,
    /// Share of risks that are declined.
    pub decline: f64,
    /// Whether taxis are insured.
    pub taxi: bool,
    /// How prices change when the same risk is asked again.
    pub drift: Drift,
    /// What goes wrong, and how often.
    pub faults: Faults,
    /// The `Retry-After` of a 429, rounded up to seconds.
    #[serde(deserialize_with = "duration::deserialize")]
    pub retry_after: Duration,
    /// How a slow drip drips.
    pub drip: Drip,
    /// ingosstrakh: how long a session lives.
    #[serde(deserialize_with = "duration::deserialize")]
    pub session_life: Duration,
    /// ingosstrakh: a session ends after this many calls; 0: no such end.
    pub session_calls: u32,
    /// alfastrah: how long a nonce is good.
    #[serde(deserialize_with = "duration::deserialize")]
    pub nonce_life: Duration,
    /// alfastrah: a nonce goes stale after this many calls; 0: no such end.
    pub nonce_calls: u32,
    /// renessans: how many polls a calculation needs, between these two.
    pub polls: Polls,
}

/// Price drift: when a risk is asked again, its base rate may have moved.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Drift {
    /// Share of repeated calculations whose price differs from the first.
    pub share: f64,
    /// The most by which the base rate moves, up or down; 0.1 is a tenth.
    pub size: f64,
}

/// Shares of calls that go wrong; together at most 1, for a call goes wrong in one way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// 500, 502, 503 or 504: with the insurer's own error body or a proxy's HTML page.
    pub error: f64,
    /// 429 with `Retry-After`, at once.
    pub too_many: f64,
    /// The call is taken and never answered; it ends when the caller leaves or after ten minutes.
    pub hang: f64,
    /// The answer is right but trickles.
    pub drip: f64,
    /// The connection is cut in the middle of the answer.
    pub truncated: f64,
    /// The answer is complete as HTTP but its JSON or XML is broken off.
    pub malformed: f64,
    /// The answer is well-formed but every value in it is empty.
    pub nulls: f64,
    /// The insurer says that the register of РСА does not answer.
    pub registry_down: f64,
}

/// The pace of a slow drip.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Drip {
    /// Bytes at a time.
    pub bytes: usize,
    /// The pause after each.
    #[serde(deserialize_with = "duration::deserialize")]
    pub pause: Duration,
}

/// A range of polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Polls {
    /// The fewest.
    pub min: u32,
    /// The most.
    pub max: u32,
}

/// A way in which a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is told at the knob of the same name")]
pub enum Fault {
    Error,
    TooMany,
    Hang,
    Drip,
    Truncated,
    Malformed,
    Nulls,
    RegistryDown,
}

// === impl Knobs ===

impl Default for Knobs {
    fn default() -> Self {
        Self {
            latency: Latency::None,
            decline: 0.0,
            taxi: true,
            drift: Drift::default(),
            faults: Faults::default(),
            retry_after: Duration::from_secs(1),
            drip: Drip::default(),
            session_life: Duration::from_secs(20 * 60),
            session_calls: 0,
            nonce_life: Duration::from_secs(5 * 60),
            nonce_calls: 0,
            polls: Polls { min: 1, max: 3 },
        }
    }
}

impl Knobs {
    /// Everything that is wrong with them, each named by its knob.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let faults = self.faults.each().map(|(fault, share)| (fault.name(), share));
        let shares = faults.into_iter().chain([("decline", self.decline), ("drift.share", self.drift.share)]);
        for (name, share) in shares {
            if !(0.0..=1.0).contains(&share) {
                problems.push(format!("{name} = {share} is not between 0 and 1"));
            }
        }
        let together: f64 = self.faults.each().iter().map(|(_, share)| share).sum();
        // A hair above 1 is what adding decimal fractions in binary gives.
        if together > 1.0 + 1e-9 {
            problems.push(format!("the faults together are {together}, more than all calls"));
        }
        if !(0.0..1.0).contains(&self.drift.size) {
            problems.push(format!("drift.size = {} is not between 0 and 1", self.drift.size));
        }
        if self.drip.bytes == 0 {
            problems.push("drip.bytes = 0 would never end".into());
        }
        if self.polls.min > self.polls.max || self.polls.min == 0 {
            problems.push("polls: min must be at least 1 and at most max".into());
        }
        problems.extend(self.latency.problem());
        problems
    }
}

// === impl Drift, Drip ===

impl Default for Drift {
    fn default() -> Self {
        Self { share: 0.0, size: 0.1 }
    }
}

impl Default for Drip {
    fn default() -> Self {
        Self { bytes: 16, pause: Duration::from_millis(500) }
    }
}

// === impl Faults ===

impl Faults {
    /// The share of one fault.
    #[must_use]
    pub fn with(mut self, fault: Fault, share: f64) -> Self {
        *self.share_mut(fault) = share;
        self
    }

    /// The fault of the call that draws from `point`, if it has one.
    pub(crate) fn draw(&self, point: &Draws) -> Option<Fault> {
        let mut left = point.fraction("fault");
        for (fault, share) in self.each() {
            if left < share {
                return Some(fault);
            }
            left -= share;
        }
        None
    }

    fn each(&self) -> [(Fault, f64); 8] {
        let mut copy = *self;
        Fault::ALL.map(|fault| (fault, *copy.share_mut(fault)))
    }

    fn share_mut(&mut self, fault: Fault) -> &mut f64 {
        match fault {
            Fault::Error => &mut self.error,
            Fault::TooMany => &mut self.too_many,
            Fault::Hang => &mut self.hang,
            Fault::Drip => &mut self.drip,
            Fault::Truncated => &mut self.truncated,
            Fault::Malformed => &mut self.malformed,
            Fault::Nulls => &mut self.nulls,
            Fault::RegistryDown => &mut self.registry_down,
        }
    }
}

// === impl Fault ===

impl Fault {
    /// Every fault.
    pub const ALL: [Fault; 8] = [
        Fault::Error,
        Fault::TooMany,
        Fault::Hang,
        Fault::Drip,
        Fault::Truncated,
        Fault::Malformed,
        Fault::Nulls,
        Fault::RegistryDown,
    ];

    /// The name of its knob.
    pub const fn name(self) -> &'static str {
        match self {
            Fault::Error => "error",
            Fault::TooMany => "too_many",
            Fault::Hang => "hang",
            Fault::Drip => "drip",
            Fault::Truncated => "truncated",
            Fault::Malformed => "malformed",
            Fault::Nulls => "nulls",
            Fault::RegistryDown => "registry_down",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untouched_knobs_are_sound() {
        assert_eq!(Knobs::default().problems(), Vec::<String>::new());
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let mut knobs = Knobs { decline: 1.5, ..Knobs::default() };
        knobs.faults = Faults { error: 0.7, hang: 0.7, ..Faults::default() };
        knobs.drip.bytes = 0;
        knobs.polls = Polls { min: 3, max: 2 };
        let problems = knobs.problems().join("\n");
        for named in ["decline", "faults together", "drip.bytes", "polls"] {
            assert!(problems.contains(named), "{named} is missing in\n{problems}");
        }
    }

    #[test]
    fn a_share_of_one_hits_every_call_and_faults_share_the_calls_out() {
        let point = |n| Draws::new(1).with_number(n);
        let always = Faults::default().with(Fault::Hang, 1.0);
        assert!((0..100).all(|n| always.draw(&point(n)) == Some(Fault::Hang)));
        let half = Faults { error: 0.25, nulls: 0.25, ..Faults::default() };
        let count = |wanted| (0..1000).filter(|n| half.draw(&point(*n)) == wanted).count();
        assert!((190..310).contains(&count(Some(Fault::Error))));
        assert!((190..310).contains(&count(Some(Fault::Nulls))));
        assert!((430..570).contains(&count(None)));
    }

    #[test]
    fn unknown_knobs_are_refused() {
        let read = |text| toml::from_str::<Knobs>(text).map_err(|error| error.to_string());
        assert!(read("declined = 0.1").unwrap_err().contains("declined"));
        assert!(read("[faults]\nhangs = 0.1").unwrap_err().contains("hangs"));
        assert_eq!(read("").unwrap(), Knobs::default());
    }
}
