//! The price, `quotes`: nothing is stored, so asking again does no harm.

use veer_contract::{
    Body, Call, Context, Effect, Lane, Method,
    create_then_poll::Refusal,
    domain::{Offer, OfferRef, Premium, QuoteRequest},
    operation::Quote,
};

use super::{
    operation::{Handle, Operate},
    platform::{self, BAD_REQUEST, DRAFT_ID, GATEWAY_TIMEOUT},
    reply::Answer,
    request,
};

/// Asks for a price.
pub(super) struct Calculation;

// === impl Calculation ===

impl Operate<Quote> for Calculation {
    fn ask(&self, input: &QuoteRequest, cx: &Context<'_>) -> Result<Call, Refusal> {
        let body = request::policy(input, cx)?;
        let path = platform::of_product("quotes", cx);
        let call = platform::call("quotes", Lane::Create, Effect::Read, Method::Post, path);
        let call = call.with_body(Body::Json(body.to_string())).accepting(&[BAD_REQUEST, GATEWAY_TIMEOUT]);
        Ok(platform::patient(call, cx))
    }

    fn answered(
        &self,
        _input: &QuoteRequest,
        answer: &Answer,
        _operation: Option<&Handle>,
    ) -> Result<Offer, Refusal> {
        // No later call wants it; it is what the insurer's support asks for.
        let draft_id = answer.root().get("draftid").trimmed();
        let reference =
            if draft_id.is_empty() { OfferRef::default() } else { OfferRef::of(DRAFT_ID, draft_id) };
        Ok(Offer::priced("osago", reference, Premium::Preliminary(answer.premium()?)))
    }
}
