//! The issued policy: asked for until it has series and number, then its file.

use veer_contract::{
    Call, Context, Effect, Lane, Method, Reply, create_then_poll::Refusal, domain::Document,
    operation::OfferInput,
};

use super::{answer, confirm::PAYMENT};
use crate::{issue::Issue, loose::Loose, pdf, plain_id, policy_number::PolicyNumber};

/// Fetches the policy.
pub(super) struct IssuedPolicy;

// === impl IssuedPolicy ===

impl Issue for IssuedPolicy {
    fn look(&self, input: &OfferInput, _cx: &Context<'_>) -> Result<Call, Refusal> {
        Ok(answer::keyed(Call::new("policy", Lane::Poll, Effect::Read, Method::Get, path(input)?)))
    }

    fn number(&self, reply: &Reply) -> Result<Option<PolicyNumber>, Refusal> {
        let value = answer::read(reply)?;
        let answer = Loose::of(&value);
        Ok(PolicyNumber::of(&answer.get("series").trimmed(), &answer.get("number").trimmed())?)
    }

    fn print(&self, input: &OfferInput, _cx: &Context<'_>) -> Result<Option<Call>, Refusal> {
        let path = format!("{}/file", path(input)?);
        Ok(Some(answer::keyed(Call::new("file", Lane::Document, Effect::Read, Method::Get, path))))
    }

    fn file(&self, reply: &Reply) -> Result<Option<Document>, Refusal> {
        Ok(Some(pdf::from_bytes(&reply.body)?))
    }
}

fn path(input: &OfferInput) -> Result<String, Refusal> {
    Ok(format!("policies/{}", plain_id::check(input.offer.get(PAYMENT), "the offer's payment")?))
}
