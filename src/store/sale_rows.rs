//! Rows of what comes after the quote.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::{ConversationRow, OfferRow, Sealed};

/// One change of a sale: all of it is written, or none.
#[derive(Debug, Clone, Default)]
pub struct SaleChange {
    /// The offers that changed.
    pub offers: Vec<OfferRow>,
    /// A conversation that begins or ends with it.
    pub conversation: Option<ConversationRow>,
    /// A payment link that was handed out.
    pub payment: Option<PaymentRow>,
    /// A file that came.
    pub document: Option<DocumentRow>,
    /// The sale, to be confirmed to the partner. There is one an offer, however often it is written.
    pub confirmation: Option<NewConfirmation>,
}

/// How an insurer's own call finds the offer that it is about.
#[derive(Debug, Clone)]
pub struct PaymentRow {
    /// Whose call.
    pub insurer: Arc<str>,
    /// What it will carry.
    pub correlation: String,
    /// The offer.
    pub offer: OfferKey,
}

/// Which offer, of all.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OfferKey {
    /// Whose calculation.
    pub account: Arc<str>,
    /// Which calculation.
    pub request_id: Uuid,
    /// Which offer of it.
    pub offer_id: Arc<str>,
}

/// A file about an offer.
#[derive(Debug, Clone)]
pub struct DocumentRow {
    /// The offer.
    pub offer: OfferKey,
    /// Draft or policy.
    pub kind: DocumentKind,
    /// `application/pdf`.
    pub content_type: String,
    /// The file.
    pub bytes: Sealed,
    /// When it came.
    pub fetched: Timestamp,
}

/// The files that an offer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// Before the payment.
    Draft,
    /// After it.
    Policy,
}

/// A sale that is to be confirmed to the partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConfirmation {
    /// What was sold.
    pub offer: OfferKey,
    /// Who insures.
    pub insurer: Arc<str>,
    /// The insurer's code at the partner.
    pub counterparty_id: i64,
    /// The total premium in kopecks, cross-sales included.
    pub amount_kopecks: i64,
    /// Cross-sales were bought with it.
    pub is_upsaled: bool,
    /// When the payment was learnt.
    pub paid: Timestamp,
}

/// A sale and how far its confirmation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleConfirmation {
    /// The sale.
    pub sale: NewConfirmation,
    /// How far.
    pub state: ConfirmationState,
    /// How often it was sent.
    pub attempts: i64,
    /// When it is sent next.
    pub next: Timestamp,
    /// When the partner took it.
    pub confirmed: Option<Timestamp>,
    /// Why the last attempt failed.
    pub problem: Option<String>,
}

/// How far the confirmation of a sale is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConfirmationState {
    /// It is to be sent, perhaps again.
    Waiting,
    /// The partner has taken it.
    Confirmed,
    /// It was given up; a person may repeat it.
    Dead,
}

/// What became of one attempt to confirm a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationAttempt {
    /// Which sale.
    pub offer: OfferKey,
    /// How far it is now.
    pub state: ConfirmationState,
    /// How often it was sent.
    pub attempts: i64,
    /// When it is sent next.
    pub next: Timestamp,
    /// When the partner took it.
    pub confirmed: Option<Timestamp>,
    /// Why not.
    pub problem: Option<String>,
}

// === impl SaleChange ===

impl SaleChange {
    /// Nothing is to be written.
    pub fn is_empty(&self) -> bool {
        self.offers.is_empty()
            && self.conversation.is_none()
            && self.payment.is_none()
            && self.document.is_none()
            && self.confirmation.is_none()
    }
}

// === impl DocumentKind ===

impl DocumentKind {
    /// The name in the store and in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            DocumentKind::Draft => "draft",
            DocumentKind::Policy => "policy",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [DocumentKind::Draft, DocumentKind::Policy].into_iter().find(|kind| kind.name() == name)
    }
}

// === impl ConfirmationState ===

impl ConfirmationState {
    /// Every one.
    pub const ALL: [ConfirmationState; 3] =
        [ConfirmationState::Waiting, ConfirmationState::Confirmed, ConfirmationState::Dead];

    /// The name in the store and for operators.
    pub const fn name(self) -> &'static str {
        match self {
            ConfirmationState::Waiting => "waiting",
            ConfirmationState::Confirmed => "confirmed",
            ConfirmationState::Dead => "dead",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}
