//! The issued policy. Its number was given with the application, so only the file is asked for; where it is not
//! there yet, cannot be fetched or is no PDF, the policy comes without it.

use serde::{Deserialize, Serialize};
use veer_contract::{
    Context, Event, Flow, Step,
    create_then_poll::Refusal,
    domain::Policy,
    operation::{OfferInput, Policies},
};

use super::{
    platform::{self, POLICY_NUMBER},
    print,
};

/// Fetches the policy.
pub(super) struct IssuedPolicy;

/// How far it is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Issuing {
    /// The file is asked for.
    Printing,
}

// === impl IssuedPolicy ===

impl Flow<Policies> for IssuedPolicy {
    type State = Issuing;

    fn start(&self, input: &OfferInput, cx: &Context<'_>) -> Step<Issuing, Policy> {
        match print::ask("policy", &input.offer, cx) {
            Ok(call) => Step::call(call.optional(), Issuing::Printing),
            Err(refusal) => refusal.into(),
        }
    }

    fn resume(
        &self,
        input: &OfferInput,
        Issuing::Printing: Issuing,
        event: Event<'_>,
        _cx: &Context<'_>,
    ) -> Step<Issuing, Policy> {
        let document = event.only().ok().and_then(|reply| print::file(reply).ok().flatten());
        let number = platform::checked_number(input.offer.get(POLICY_NUMBER), "the offer's policy_number");
        match number {
            Ok((_, number)) => Step::done(number.policy(document)),
            Err(fault) => Refusal::from(fault).into(),
        }
    }
}
