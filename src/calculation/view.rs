//! What is shown of a calculation, and the border to whoever writes it as bytes.

use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;
use veer_contract::domain::{Offer, QuoteRequest};

use super::{CalculationStatus, OfferStatus};
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
#[derive(Debug, Clone)]
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
