//! Why nothing can be said or done about an offer.
//!
//! *Use [`OfferError::Refused`]* where the caller asked for something that the offer does not allow: it is
//! told which rule, by the field that breaks it. All else is about what is not there or what failed.

use super::selection::SelectionProblem;
use crate::{calculation::OfferStatus, store::StoreError};

/// Why nothing can be said or done about an offer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OfferError {
    /// Nothing is known under that id.
    #[error("no such calculation")]
    UnknownCalculation,
    /// The calculation has no such offer.
    #[error("no such offer")]
    UnknownOffer,
    /// The insurer hands out no such file, or not any more.
    #[error("there is no such file")]
    NoFile,
    /// The caller may not.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the offer does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It has no price yet.
    NoPriceYet,
    /// It cannot be bought any more, or never could.
    NotForSale(OfferStatus),
    /// The adapter of its insurer cannot sell.
    NotSoldHere,
    /// Another offer of the calculation is paid.
    OtherOfferPaid,
    /// It is paid, with another selection or other addresses.
    PaidOtherwise,
    /// It was withdrawn because a mandatory cross-sale was dropped.
    Withdrawn,
    /// Another confirmation of it is under way.
    Busy,
    /// The insurer has an application with other cross-sales.
    AppliedOtherwise,
    /// The selection of cross-sales is wrong.
    Selection(Vec<SelectionProblem>),
}
