//! The issued policy: `GetAgreement` until it has series and number, then the file.

use std::time::Duration;

use veer_contract::{
    Call, Context, Reply, create_then_poll::Refusal, domain::Document, operation::OfferInput,
};

use super::{
    agreement::{self, AGR_ID, Standing},
    print::{self, Print},
};
use crate::{issue::Issue, policy_number::PolicyNumber};

/// Fetches the policy.
pub(super) struct IssuedPolicy;

// === impl IssuedPolicy ===

impl Issue for IssuedPolicy {
    const PAUSE: Duration = agreement::PAUSE;

    fn look(&self, input: &OfferInput, cx: &Context<'_>) -> Result<Call, Refusal> {
        Ok(agreement::ask(agreement::known(&input.offer, AGR_ID)?, cx))
    }

    fn number(&self, reply: &Reply) -> Result<Option<PolicyNumber>, Refusal> {
        Ok(Standing::of(reply)?.number()?)
    }

    fn print(&self, input: &OfferInput, cx: &Context<'_>) -> Result<Option<Call>, Refusal> {
        Ok(Print::Policy.ask(agreement::known(&input.offer, AGR_ID)?, cx))
    }

    fn file(&self, reply: &Reply) -> Result<Option<Document>, Refusal> {
        Ok(print::file(reply)?)
    }
}
