//! The issued policy: the application's status until the registry has signed it, then the file.

use veer_contract::{
    Call, Context, Fault, FaultKind, Lane, Reply, create_then_poll::Refusal, domain::Document,
    operation::OfferInput,
};

use super::{
    print, request,
    status::{self, Standing, State},
};
use crate::{issue::Issue, policy_number::PolicyNumber};

/// Fetches the policy.
pub(super) struct IssuedPolicy;

// === impl IssuedPolicy ===

impl Issue for IssuedPolicy {
    fn look(&self, input: &OfferInput, _cx: &Context<'_>) -> Result<Call, Refusal> {
        Ok(status::ask(request::policy_id(&input.offer)?, Lane::Poll))
    }

    fn number(&self, reply: &Reply) -> Result<Option<PolicyNumber>, Refusal> {
        let standing = Standing::of(reply)?;
        match standing.state {
            State::Signed => Ok(standing.number()?),
            State::NotSigned => {
                let detail = "the policy is paid and the registry did not sign it (RSA_SIGN_FAIL)";
                Err(Fault::new(FaultKind::InsurerError, detail).into())
            }
            State::GivenUp | State::Elsewhere => Err(standing.refusal()),
            _ => Ok(None),
        }
    }

    fn print(&self, input: &OfferInput, _cx: &Context<'_>) -> Result<Option<Call>, Refusal> {
        Ok(Some(print::ask(request::policy_id(&input.offer)?, "policy")))
    }

    fn file(&self, reply: &Reply) -> Result<Option<Document>, Refusal> {
        print::file(reply)
    }
}
