//! The issued policy: the set is asked about until it has series and number, then the file is fetched.

use std::time::Duration;

use veer_contract::{
    Call, Context, Decline, DeclineKind, Lane, Reply, create_then_poll::Refusal, domain::Document,
    operation::OfferInput,
};

use super::{
    print::{self, Print},
    quote_set::SET_NUMBER,
    request,
    status::{self, Standing},
};
use crate::{issue::Issue, policy_number::PolicyNumber};

/// Fetches the policy.
pub(super) struct IssuedPolicy;

// === impl IssuedPolicy ===

impl Issue for IssuedPolicy {
    const PAUSE: Duration = status::PAUSE;

    fn look(&self, input: &OfferInput, cx: &Context<'_>) -> Result<Call, Refusal> {
        let set_number = request::known(&input.offer, SET_NUMBER)?;
        status::ask(set_number, Lane::Poll, cx).ok_or_else(|| {
            let message = "Страховщик не сообщает номер полиса: полис приходит на почту страхователя";
            Decline::new(DeclineKind::AsksForMore, message).into()
        })
    }

    fn number(&self, reply: &Reply) -> Result<Option<PolicyNumber>, Refusal> {
        Ok(Standing::of(reply)?.policy()?)
    }

    fn print(&self, input: &OfferInput, cx: &Context<'_>) -> Result<Option<Call>, Refusal> {
        Ok(Print::Policy.ask(request::known(&input.offer, SET_NUMBER)?, cx))
    }

    fn file(&self, reply: &Reply) -> Result<Option<Document>, Refusal> {
        Ok(print::file(reply)?)
    }
}
