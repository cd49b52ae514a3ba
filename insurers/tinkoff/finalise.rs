//! The set calculated again, with its numbers: the price at which it is sold. No policy comes of it, so it is safe
//! before the user has agreed.

use veer_contract::{
    AskOnce, Call, Context, Reply,
    create_then_poll::Refusal,
    domain::{Offer, Premium},
    operation::{Finalise, OfferInput},
};

use super::{
    priced,
    quote_set::{QUOTE_NUMBER, QuoteSet, SET_NUMBER},
    request,
};
use crate::required;

/// Asks for the final price.
pub(super) struct Recalculation;

// === impl Recalculation ===

impl AskOnce<Finalise> for Recalculation {
    fn ask(&self, input: &OfferInput, cx: &Context<'_>) -> Result<Call, Refusal> {
        // Without it no policy can be mailed: better known before the user is told a final price.
        required::mailed_to(&input.request)?;
        let set_number = request::known(&input.offer, SET_NUMBER)?;
        request::known(&input.offer, QUOTE_NUMBER)?;
        Ok(QuoteSet::of(&input.request, cx)?.recalculate(set_number, &input.offer))
    }

    fn answered(&self, input: &OfferInput, reply: &Reply, _cx: &Context<'_>) -> Result<Offer, Refusal> {
        priced::offer(reply, &input.offer, Premium::Final)
    }
}
