//! The first `calcPartnerFQuote`: a price, and a quote set at the insurer that goes by its number from then on.

use veer_contract::{
    AskOnce, Call, Context, Reply,
    create_then_poll::Refusal,
    domain::{Offer, OfferRef, Premium, QuoteRequest},
    operation::Quote,
};

use super::{priced, quote_set::QuoteSet};

/// Asks for a price.
pub(super) struct FirstQuote;

// === impl FirstQuote ===

impl AskOnce<Quote> for FirstQuote {
    fn ask(&self, input: &QuoteRequest, cx: &Context<'_>) -> Result<Call, Refusal> {
        Ok(QuoteSet::of(input, cx)?.calculate())
    }

    fn answered(&self, _input: &QuoteRequest, reply: &Reply, _cx: &Context<'_>) -> Result<Offer, Refusal> {
        priced::offer(reply, &OfferRef::default(), Premium::Preliminary)
    }
}
