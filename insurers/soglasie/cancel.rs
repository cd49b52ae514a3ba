//! Gives an application up: `suspend`.

use veer_contract::{
    AskOnce, Call, Context, Reply,
    create_then_poll::Refusal,
    operation::{Cancel, OfferInput},
};

use super::{errors, request};

/// Gives it up.
pub(super) struct Suspend;

// === impl Suspend ===

impl AskOnce<Cancel> for Suspend {
    fn ask(&self, input: &OfferInput, _cx: &Context<'_>) -> Result<Call, Refusal> {
        Ok(request::suspend(request::policy_id(&input.offer)?))
    }

    /// What a success says is not public, so nothing is wanted of it, and it may be empty.
    fn answered(&self, _input: &OfferInput, reply: &Reply, _cx: &Context<'_>) -> Result<(), Refusal> {
        if (200..300).contains(&reply.status) && reply.json::<serde_json::Value>().is_err() {
            return Ok(());
        }
        errors::granted(reply, "policyid").map(drop)
    }
}
