//! The issued policy: the application's status until it has series and number, then the file.

use veer_contract::{
    Call, Context, Reply, create_then_poll::Refusal, domain::Document, operation::OfferInput,
};

use super::{
    print::{self, Print},
    status::{self, Standing},
};
use crate::{issue::Issue, policy_number::PolicyNumber};

/// Fetches the policy.
pub(super) struct IssuedPolicy;

// === impl IssuedPolicy ===

impl Issue for IssuedPolicy {
    fn look(&self, input: &OfferInput, _cx: &Context<'_>) -> Result<Call, Refusal> {
        Ok(status::ask(status::uuid(&input.offer)?))
    }

    fn number(&self, reply: &Reply) -> Result<Option<PolicyNumber>, Refusal> {
        Ok(match Standing::of(reply)? {
            Standing::Success(application) => application.number,
            Standing::Processing => None,
        })
    }

    fn print(&self, input: &OfferInput, cx: &Context<'_>) -> Result<Option<Call>, Refusal> {
        Ok(Print::Policy.ask(status::uuid(&input.offer)?, cx))
    }

    fn file(&self, reply: &Reply) -> Result<Option<Document>, Refusal> {
        print::file(reply)
    }
}
