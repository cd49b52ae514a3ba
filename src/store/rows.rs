//! Rows, as the rest of the gateway hands them over.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::Sealed;

/// A new calculation.
#[derive(Debug, Clone)]
pub struct CalculationRow {
    /// Whose it is.
    pub account: Arc<str>,
    /// The partner's id of it.
    pub request_id: Uuid,
    /// SHA-256 of its content.
    pub fingerprint: [u8; 32],
    /// The request's `partner` field: recorded, not trusted.
    pub partner: String,
    /// When it was accepted.
    pub created: Timestamp,
    /// When its budget ends.
    pub deadline: Timestamp,
    /// The request.
    pub request: Sealed,
    /// Its status.
    pub status: &'static str,
    /// The version of the vehicle dictionary that was served when it was accepted.
    pub dictionary: u32,
}

/// How far the conversation with one insurer is.
#[derive(Debug, Clone)]
pub struct ConversationRow {
    /// Whose calculation it belongs to.
    pub account: Arc<str>,
    /// The calculation.
    pub request_id: Uuid,
    /// With whom.
    pub insurer: Arc<str>,
    /// About what.
    pub operation: &'static str,
    /// About which offer; empty for the quote.
    pub offer_id: Arc<str>,
    /// Which beginning of it: an operation that failed may be begun again.
    pub run: i64,
    /// The insurer has been asked.
    pub asked: bool,
    /// A call that creates may be on its way.
    pub creating: bool,
    /// Where it can be taken up again.
    pub point: Option<Sealed>,
    /// How it ended.
    pub verdict: Option<u16>,
    /// What an operator or a user should know of the end.
    pub message: Option<Sealed>,
}

/// An offer, or an insurer's place in the list of offers.
#[derive(Debug, Clone)]
pub struct OfferRow {
    /// Whose calculation it belongs to.
    pub account: Arc<str>,
    /// The calculation.
    pub request_id: Uuid,
    /// Its id at the partner.
    pub offer_id: String,
    /// Whose it is.
    pub insurer: Arc<str>,
    /// Who that is to the partner, as JSON: it outlives the insurer's section in the configuration.
    pub identity: String,
    /// Its status.
    pub status: &'static str,
    /// The offer itself, once there is one.
    pub body: Option<Sealed>,
    /// What the user should know.
    pub message: Option<Sealed>,
    /// What became of it since somebody asked for it.
    pub sale: Option<Sealed>,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// Its place in the order of arrival.
    pub position: i64,
}

/// What a partner is told of a calculation before its end.
#[derive(Debug, Clone)]
pub struct SaidRow {
    /// Whose it is.
    pub account: Arc<str>,
    /// Which.
    pub request_id: Uuid,
    /// Its status, as it is shown.
    pub status: &'static str,
}

/// The end of a calculation.
#[derive(Debug, Clone)]
pub struct FinishedRow {
    /// Whose it is.
    pub account: Arc<str>,
    /// Which.
    pub request_id: Uuid,
    /// Its last status.
    pub status: &'static str,
    /// When.
    pub finished: Timestamp,
    /// The timeline of every insurer. Holds nothing personal.
    pub timeline: Vec<u8>,
}

/// A calculation as it is found in the store.
#[derive(Debug, Clone)]
pub struct StoredCalculation {
    /// Whose it is.
    pub account: Arc<str>,
    /// The partner's id of it.
    pub request_id: Uuid,
    /// SHA-256 of its content.
    pub fingerprint: [u8; 32],
    /// When it was accepted.
    pub created: Timestamp,
    /// When its budget ends.
    pub deadline: Timestamp,
    /// The request.
    pub request: Sealed,
    /// Its status.
    pub status: String,
    /// When it was finished.
    pub finished: Option<Timestamp>,
}

/// An offer as it is found in the store.
#[derive(Debug, Clone)]
pub struct StoredOffer {
    /// Its id at the partner.
    pub offer_id: String,
    /// Whose it is.
    pub insurer: String,
    /// Who that is to the partner, as JSON.
    pub identity: Option<String>,
    /// Its status.
    pub status: String,
    /// The offer itself, once there is one.
    pub body: Option<Sealed>,
    /// What the user should know.
    pub message: Option<Sealed>,
    /// What became of it since somebody asked for it.
    pub sale: Option<Sealed>,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
}

/// What is kept of a calculation for operators.
#[derive(Debug, Clone)]
pub struct StoredTimeline {
    /// Whose it is.
    pub account: String,
    /// What happened when, as JSON; only once it is finished.
    pub timeline: Option<Vec<u8>>,
    /// The version of the vehicle dictionary that it was looked up in; calculations before the first version
    /// have none.
    pub dictionary: Option<i64>,
}
