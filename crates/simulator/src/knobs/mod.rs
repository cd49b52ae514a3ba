//! How an insurer behaves. Untouched, it is healthy and answers at once.
//!
//! Shares are between 0 and 1. Which calls are hit is decided by the risk and, for faults, by the how
//! many-eth call of that kind for that risk it is; so a share of 0.5 hits the same risks every time, and
//! a repeated call may succeed. `simulation.toml` beside this crate shows every knob with its default.

mod faults;
mod sale;

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;

use crate::{draws::Draws, duration, exchange::Operation, latency::Latency, wires};

pub use faults::{Fault, Faults};
pub use sale::{Callbacks, Hold, Replies};

/// No simulated call takes longer, whatever the knobs say; a hang ends here too.
pub(crate) const LONGEST: Duration = Duration::from_secs(600);

/// No dictionary has more revisions: its numbers would grow too long.
const LAST_REVISION: u32 = 1000;

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
    /// What goes wrong besides with calls after the quote, and only with them.
    pub sale_faults: Faults,
    /// What goes wrong with single operations, by their names in the journal; these shares hold for them
    /// in place of the two above. [`Wire::operations`](crate::Wire::operations) lists the names. Dictionaries go
    /// wrong by these shares alone.
    pub faults_of: BTreeMap<String, Faults>,
    /// The `Retry-After` of a 429, rounded up to seconds.
    #[serde(deserialize_with = "duration::deserialize")]
    pub retry_after: Duration,
    /// How a slow drip drips.
    pub drip: Drip,
    /// ingosstrakh, obrazets, vsk, vsk_bus: how long a session or a token lives.
    #[serde(deserialize_with = "duration::deserialize")]
    pub session_life: Duration,
    /// ingosstrakh, obrazets, vsk, vsk_bus: a session or a token ends after this many calls; 0: no such end.
    pub session_calls: u32,
    /// Which revision of its dictionary the insurer has. From one to the next every vehicle gets another
    /// number, and some are called otherwise.
    pub dictionary_revision: u32,
    /// alfastrah: how long a nonce is good.
    #[serde(deserialize_with = "duration::deserialize")]
    pub nonce_life: Duration,
    /// alfastrah: a nonce goes stale after this many calls; 0: no such end.
    pub nonce_calls: u32,
    /// elmarket, obrazets, renessans: how many polls a calculation needs, between these two. vsk: how many one
    /// that became an operation needs.
    pub polls: Polls,
    /// vsk: share of prices and applications that become an operation to ask for at once. Those that take
    /// longer than the caller wishes to wait become one in any case.
    pub operations: f64,
    /// vsk: how long the result of a payment's operation is kept after the payment.
    #[serde(deserialize_with = "duration::deserialize")]
    pub operation_life: Duration,
    /// vsk: after this time the proxy in front of the insurer gives up with 504. What was asked for is done.
    #[serde(deserialize_with = "duration::deserialize")]
    pub proxy_patience: Duration,
    /// Whether prices come with cross-sales.
    pub cross_sales: bool,
    /// Whether one of them, the driver's accident cover, must be taken with every policy. The pool's own
    /// stays the only one of a risk that is ceded.
    pub required_cross_sale: bool,
    /// Share of risks that the insurer cedes to the reinsurance pool: the base rate is at its ceiling and
    /// one cross-sale is required.
    pub pool: f64,
    /// How long an application takes.
    pub application_latency: Latency,
    /// How many polls an application needs, between these two. The price after it may have changed as
    /// `drift` says.
    pub application_polls: Polls,
    /// Share of risks that get a price and are declined at the application.
    pub application_decline: f64,
    /// Share of risks whose check at the registry fails at the application.
    pub registry_failed: f64,
    /// Applications that are accepted and then stay in a queue.
    pub hold: Hold,
    /// Share of askings for a payment link that fail.
    pub link_fails: f64,
    /// From the payment on the page until the insurer says that it is paid.
    #[serde(deserialize_with = "duration::deserialize")]
    pub payment_delay: Duration,
    /// From there until the policy is issued and its file is there.
    #[serde(deserialize_with = "duration::deserialize")]
    pub policy_delay: Duration,
    /// The insurer's own calls to the gateway after a payment.
    pub callbacks: Callbacks,
    /// vsk_bus: its replies, which are calls of its own too.
    pub replies: Replies,
    /// vsk_bus: whether a policy is signed with a code that the client gets by SMS; here the code is the last four
    /// digits of the phone. Without, any code is good.
    pub sms_code: bool,
    /// vsk_bus: share of signed policies that come with the registry's error that a state register did not answer.
    pub registry_warning: f64,
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

// === impl Knobs ===

impl Default for Knobs {
    fn default() -> Self {
        Self {
            latency: Latency::None,
            decline: 0.0,
            taxi: true,
            drift: Drift::default(),
            faults: Faults::default(),
            sale_faults: Faults::default(),
            faults_of: BTreeMap::new(),
            retry_after: Duration::from_secs(1),
            drip: Drip::default(),
            session_life: Duration::from_secs(20 * 60),
            session_calls: 0,
            dictionary_revision: 0,
            nonce_life: Duration::from_secs(5 * 60),
            nonce_calls: 0,
            polls: Polls { min: 1, max: 3 },
            operations: 0.0,
            operation_life: Duration::from_secs(60 * 60),
            proxy_patience: Duration::from_secs(60),
            cross_sales: true,
            required_cross_sale: false,
            pool: 0.0,
            application_latency: Latency::None,
            application_polls: Polls { min: 1, max: 1 },
            application_decline: 0.0,
            registry_failed: 0.0,
            hold: Hold::default(),
            link_fails: 0.0,
            payment_delay: Duration::ZERO,
            policy_delay: Duration::ZERO,
            callbacks: Callbacks::default(),
            replies: Replies::default(),
            sms_code: true,
            registry_warning: 0.0,
        }
    }
}

impl Knobs {
    /// Everything that is wrong with them, each named by its knob.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (name, share) in [
            ("decline", self.decline),
            ("drift.share", self.drift.share),
            ("operations", self.operations),
            ("pool", self.pool),
            ("application_decline", self.application_decline),
            ("registry_failed", self.registry_failed),
            ("hold.share", self.hold.share),
            ("link_fails", self.link_fails),
            ("callbacks.share", self.callbacks.share),
            ("replies.lost", self.replies.lost),
            ("replies.early", self.replies.early),
            ("registry_warning", self.registry_warning),
        ] {
            if !(0.0..=1.0).contains(&share) {
                problems.push(format!("{name} = {share} is not between 0 and 1"));
            }
        }
        if self.required_cross_sale && !self.cross_sales {
            problems.push("required_cross_sale = true needs cross_sales = true".into());
        }
        problems.extend(self.faults.problems());
        if self.sale_faults != Faults::default() {
            let after_the_quote = self.faults.plus(self.sale_faults).problems();
            problems.extend(after_the_quote.into_iter().map(|p| format!("faults and sale_faults: {p}")));
        }
        for (operation, faults) in &self.faults_of {
            if !wires::operations().any(|known| known == operation) {
                problems.push(format!("faults_of: no insurer has an operation {operation}"));
            }
            problems.extend(faults.problems().into_iter().map(|p| format!("faults_of.{operation}: {p}")));
        }
        if !(0.0..1.0).contains(&self.drift.size) {
            problems.push(format!("drift.size = {} is not between 0 and 1", self.drift.size));
        }
        if self.dictionary_revision > LAST_REVISION {
            let revision = self.dictionary_revision;
            problems.push(format!("dictionary_revision = {revision} is more than {LAST_REVISION}"));
        }
        if self.drip.bytes == 0 {
            problems.push("drip.bytes = 0 would never end".into());
        }
        for (name, polls) in [("polls", self.polls), ("application_polls", self.application_polls)] {
            if polls.min > polls.max || polls.min == 0 {
                problems.push(format!("{name}: min must be at least 1 and at most max"));
            }
        }
        problems.extend(self.latency.problem());
        problems.extend(self.application_latency.problem().map(|problem| format!("application_{problem}")));
        problems.extend(self.callbacks.problem());
        problems
    }

    /// The faults of an operation.
    pub(crate) fn faults_for(&self, operation: &Operation) -> Faults {
        match self.faults_of.get(operation.name) {
            Some(own) => *own,
            None if !operation.faults => Faults::default(),
            None if operation.sale => self.faults.plus(self.sale_faults),
            None => self.faults,
        }
    }
}

// === impl Polls ===

impl Polls {
    /// How many polls are needed by the call that draws from `point`.
    pub(crate) fn draw(self, point: &Draws) -> u32 {
        let spread = u64::from(self.max - self.min) + 1;
        self.min + u32::try_from(point.below("polls", spread)).unwrap_or(0)
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
        (knobs.cross_sales, knobs.required_cross_sale) = (false, true);
        knobs.faults = Faults { error: 0.7, hang: 0.7, ..Faults::default() };
        knobs.drip.bytes = 0;
        knobs.polls = Polls { min: 3, max: 2 };
        knobs.faults_of.insert("fly".into(), Faults::default());
        knobs.faults_of.insert("payment".into(), Faults { hang: 2.0, ..Faults::default() });
        knobs.callbacks.gateway = "example.org".into();
        knobs.hold.share = -1.0;
        knobs.dictionary_revision = 1001;
        let problems = knobs.problems().join("\n");
        for named in [
            "decline",
            "faults together",
            "drip.bytes",
            "polls",
            "operation fly",
            "faults_of.payment: hang",
            "callbacks.gateway",
            "hold.share",
            "required_cross_sale",
            "dictionary_revision",
        ] {
            assert!(problems.contains(named), "{named} is missing in\n{problems}");
        }
    }

    #[test]
    fn one_operation_can_be_hit_alone_and_all_after_the_quote_together() {
        let mut knobs = Knobs { sale_faults: Faults { hang: 0.5, ..Faults::default() }, ..Knobs::default() };
        knobs.faults.error = 0.25;
        knobs.faults_of.insert("payment".into(), Faults { truncated: 1.0, ..Faults::default() });
        let quote = Operation { sale: false, ..Operation::asks("calculation") };
        assert_eq!(knobs.faults_for(&quote), Faults { error: 0.25, ..Faults::default() });
        let sale = |name| knobs.faults_for(&Operation::asks(name));
        assert_eq!(sale("eosago"), Faults { error: 0.25, hang: 0.5, ..Faults::default() });
        assert_eq!(sale("payment"), Faults { truncated: 1.0, ..Faults::default() });
    }

    #[test]
    fn a_dictionary_goes_wrong_by_its_own_shares_alone() {
        let mut knobs = Knobs::default();
        knobs.faults.error = 1.0;
        let cars = Operation::lists("cars");
        assert_eq!(knobs.faults_for(&cars), Faults::default());
        knobs.faults_of.insert("cars".into(), Faults { nulls: 0.5, ..Faults::default() });
        assert_eq!(knobs.faults_for(&cars), Faults { nulls: 0.5, ..Faults::default() });
        assert_eq!(knobs.problems(), Vec::<String>::new());
    }

    #[test]
    fn unknown_knobs_are_refused() {
        let read = |text| toml::from_str::<Knobs>(text).map_err(|error| error.to_string());
        assert!(read("declined = 0.1").unwrap_err().contains("declined"));
        assert!(read("[faults]\nhangs = 0.1").unwrap_err().contains("hangs"));
        assert_eq!(read("").unwrap(), Knobs::default());
    }
}
