//! How a set stands at the insurer. No such method is public, so its name is a setting, and its words are guesses:
//! one that is not known means neither that a policy may be made nor that it is paid.

use std::time::Duration;

use veer_contract::{Call, Context, Effect, Fault, Lane, Reply, create_then_poll::Refusal};

use super::{reply::Answer, request};
use crate::policy_number::PolicyNumber;

/// How long the insurer is left alone between two questions.
pub(super) const PAUSE: Duration = Duration::from_secs(5);

/// A set's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It has a price and no policy.
    Quoted,
    /// Its policy is made and waits to be paid.
    Issued,
    /// It is paid.
    Paid,
    /// Its payment was given up.
    Cancelled,
    /// Some other word.
    Unknown,
}

/// What the insurer says of a set.
pub(super) struct Standing {
    /// Its state.
    pub(super) state: State,
    /// What the insurer's own call about its payment will carry, where it says.
    pub(super) number: Option<String>,
    series: String,
    policy: String,
}

/// Asks; `None` where no method is set.
pub(super) fn ask(set_number: &str, lane: Lane, cx: &Context<'_>) -> Option<Call> {
    let method = cx.settings.get("status_method").trim();
    (!method.is_empty())
        .then(|| request::method(method, lane, Effect::Read, cx, |xml| xml.leaf("setNumber", set_number)))
}

// === impl Standing ===

impl Standing {
    /// Reads the reply.
    pub(super) fn of(reply: &Reply) -> Result<Self, Refusal> {
        let answer = Answer::told(reply)?;
        let state = match answer.needs("policyStatus")?.to_ascii_uppercase().as_str() {
            "QUOTED" => State::Quoted,
            "ISSUED" => State::Issued,
            "PAID" => State::Paid,
            "CANCELLED" => State::Cancelled,
            _ => State::Unknown,
        };
        let text = |name: &str| answer.text(name).unwrap_or_default().to_owned();
        Ok(Self {
            state,
            number: answer
                .element("additionalPolicyInfo")
                .and_then(|info| info.find_text("quoteNumber"))
                .map(str::to_owned),
            series: text("policySeries"),
            policy: text("policyNumber"),
        })
    }

    /// The policy's series and number, once it has both.
    pub(super) fn policy(&self) -> Result<Option<PolicyNumber>, Fault> {
        PolicyNumber::of(&self.series, &self.policy)
    }
}
