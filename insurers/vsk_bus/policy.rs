//! The issued policy: its number is known since it was signed. The insurer mails the file and hands none out here.

use serde::{Deserialize, Serialize};
use veer_contract::{
    Context, Event, Fault, Flow, Step,
    create_then_poll::Refusal,
    domain::Policy,
    operation::{OfferInput, Policies},
};

use super::confirm::POLICY_NUMBER;
use crate::policy_number::PolicyNumber;

/// Tells the policy.
pub(super) struct SignedPolicy;

/// Nothing is asked, so there is nothing to remember.
#[derive(Serialize, Deserialize)]
pub(super) enum Nothing {}

// === impl SignedPolicy ===

impl Flow<Policies> for SignedPolicy {
    type State = Nothing;

    fn start(&self, input: &OfferInput, _cx: &Context<'_>) -> Step<Nothing, Policy> {
        known(input).map_or_else(Step::from, Step::done)
    }

    fn resume(
        &self,
        _input: &OfferInput,
        state: Nothing,
        _event: Event<'_>,
        _cx: &Context<'_>,
    ) -> Step<Nothing, Policy> {
        match state {}
    }
}

fn known(input: &OfferInput) -> Result<Policy, Refusal> {
    let number = PolicyNumber::joined(input.offer.get(POLICY_NUMBER))?;
    let number = number.ok_or_else(|| {
        Fault::not_understood("the offer's reference has no policy_number: the operation before gives it")
    })?;
    Ok(number.policy(None))
}
