//! What is shown of a calculation, and the border to whoever writes it as bytes.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;
use veer_contract::domain::{Kopecks, Offer, QuoteRequest, SelectedOption};

use super::{CalculationStatus, Link, OfferStatus, Sale};
use crate::upstream::InsurerIdentity;

/// A calculation as it stands.
#[derive(Debug)]
pub struct View<'a> {
    /// The partner's id of it.
    pub request_id: Uuid,
    /// How far it is.
    pub status: CalculationStatus,
    /// What was asked.
    pub request: &'a QuoteRequest,
    /// Every insurer that was asked, in the order in which they were; several offers of one insurer
    /// stand one after another.
    pub offers: &'a [OfferEntry],
    /// The account sees only offers with a price.
    pub priced_only: bool,
}

/// An offer, or the place of one.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferEntry {
    /// Its id at the partner.
    pub offer_id: String,
    /// Whose it is.
    pub insurer: Arc<InsurerIdentity>,
    /// How far it is.
    pub status: OfferStatus,
    /// The offer, once there is one.
    pub offer: Option<Offer>,
    /// What the user should know.
    pub message: Option<String>,
    /// When it ends by itself; none before it has a price.
    pub expires: Option<Timestamp>,
    /// What became of it since somebody asked for it.
    pub sale: Option<Box<Sale>>,
}

/// The answers to both polls, written once.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The whole calculation, JSON.
    pub calculation: Bytes,
    /// The statuses only, JSON.
    pub status: Bytes,
}

/// Writes a calculation as bytes. Called whenever something changed, never for a poll.
pub trait Render: Send + Sync {
    /// Both answers.
    fn render(&self, view: &View<'_>) -> Answer;

    /// Both answers of a calculation of which nothing is known but its end.
    fn without_offers(&self, request_id: Uuid, status: CalculationStatus) -> Answer;
}

// === impl OfferEntry ===

impl OfferEntry {
    /// There is a price, and nobody took it back.
    pub fn stands(&self) -> bool {
        self.offer.is_some() && !matches!(self.status, OfferStatus::Rejected | OfferStatus::OfferError)
    }

    /// The price that is shown: what the payment link says, else the premium with the selected
    /// cross-sales. None where the offer does not stand.
    pub fn price(&self) -> Option<Kopecks> {
        let offer = self.offer.as_ref().filter(|_| self.stands())?;
        let sale = self.sale.as_deref();
        let paid = sale.filter(|sale| sale.paid.is_some()).and_then(Sale::link);
        let choice = sale.and_then(|sale| sale.choice.as_ref());
        let is_wanted = |link: &&Link| choice.is_some_and(|choice| link.choice.same_as(choice));
        let held = sale.and_then(|sale| sale.held.as_ref()).filter(is_wanted);
        if let Some(link) = paid.or(held).or_else(|| sale.and_then(Sale::current_link)) {
            return Some(link.amount);
        }
        let selected = sale.and_then(|sale| sale.choice.as_ref()).map(|choice| &choice.selected[..]);
        Some(total(offer, selected.unwrap_or_default()))
    }
}

/// The premium with the selected options.
pub fn total(offer: &Offer, selected: &[SelectedOption]) -> Kopecks {
    let of = |chosen: &SelectedOption| {
        let sale = offer.cross_sales.iter().find(|sale| sale.id == chosen.cross_sale_id)?;
        sale.options.iter().find(|option| option.id == chosen.option_id)
    };
    let options = selected.iter().filter_map(of).map(|option| option.price);
    options.fold(offer.premium.amount(), |sum, price| sum + price)
}
