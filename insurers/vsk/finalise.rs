//! The application, `policies`: the platform checks everything, stores it, numbers it and gives the final price.
//!
//! Where its reply is lost it cannot be asked after: the number under which the platform keeps it was in the reply,
//! and no address lists applications. So the conversation ends, and no second one is sent.

use veer_contract::{
    Body, Call, Context, Fault, Lane, Method,
    create_then_poll::Refusal,
    domain::{Offer, OfferRef, Premium},
    operation::{Finalise, OfferInput},
};

use super::{
    operation::{Handle, Operate},
    platform::{self, DRAFT_ID, POLICY_NUMBER, PREMIUM},
    reply::Answer,
    request,
};

/// Applies.
pub(super) struct Application;

// === impl Application ===

impl Operate<Finalise> for Application {
    fn ask(&self, input: &OfferInput, cx: &Context<'_>) -> Result<Call, Refusal> {
        let body = request::policy(&input.request, cx)?;
        let path = platform::of_product("policies", cx);
        let call = platform::making("policies", Lane::Create, Method::Post, path);
        Ok(platform::patient(call.with_body(Body::Json(body.to_string())), cx))
    }

    fn answered(
        &self,
        _input: &OfferInput,
        answer: &Answer,
        _operation: Option<&Handle>,
    ) -> Result<Offer, Refusal> {
        let premium = answer.premium()?;
        let number = answer.root().get("policynumber").trimmed();
        // Paid for it would be too late to find that it is none.
        let (number, _) = platform::checked_number(&number, "the application's policyNumber")?;
        let draft_id = answer.root().get("draftid").trimmed();
        if draft_id.is_empty() {
            return Err(Fault::not_understood("the application has no draftId").into());
        }
        let reference =
            [(DRAFT_ID, draft_id), (POLICY_NUMBER, number.to_owned()), (PREMIUM, premium.to_string())];
        let reference = OfferRef(reference.map(|(name, value)| (name.to_owned(), value)).into());
        Ok(Offer::priced("osago", reference, Premium::Final(premium)))
    }
}
