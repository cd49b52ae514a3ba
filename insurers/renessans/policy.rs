//! The issued policy: the application's state until it has series and number, then the file.

use veer_contract::{
    Call, Context, Lane, Reply, create_then_poll::Refusal, domain::Document, operation::OfferInput,
};

use super::{
    application,
    info::{self, Info},
    print,
};
use crate::{issue::Issue, policy_number::PolicyNumber};

/// Fetches the policy.
pub(super) struct IssuedPolicy;

// === impl IssuedPolicy ===

impl Issue for IssuedPolicy {
    fn look(&self, input: &OfferInput, _cx: &Context<'_>) -> Result<Call, Refusal> {
        Ok(info::ask(application::policy_id(&input.offer)?, Lane::Poll))
    }

    fn number(&self, reply: &Reply) -> Result<Option<PolicyNumber>, Refusal> {
        Ok(Info::of(reply)?.number()?)
    }

    fn print(&self, input: &OfferInput, _cx: &Context<'_>) -> Result<Option<Call>, Refusal> {
        Ok(Some(print::ask(application::policy_id(&input.offer)?)))
    }

    fn file(&self, reply: &Reply) -> Result<Option<Document>, Refusal> {
        print::file(reply)
    }
}
