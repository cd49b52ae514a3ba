//! The contract's words for how far a calculation and an offer are, as the document lists them.
//!
//! Answers carry the words of [`calculation::status`](crate::calculation::status); these types only describe
//! them.

use utoipa::ToSchema;

/// How far a calculation is. Polling stops at CALCULATION_READY, NO_CALCULATION_AVAILABLE or
/// CALCULATION_ERROR.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CalculationStatus {
    /// Not started.
    Draft,
    /// Insurers are being asked.
    PartnerCalculationInProgress,
    /// Finished with at least one offer.
    CalculationReady,
    /// One of the offers is paid.
    Paid,
    /// The policy is issued.
    Closed,
    /// Finished; nobody offers.
    NoCalculationAvailable,
    /// Finished; there were only failures.
    CalculationError,
}

/// How far an offer is: calculation, then payment, then one of the final states.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OfferStatus {
    /// The insurer will be asked.
    Created,
    /// The insurer is asked.
    PreCalcSent,
    /// The insurer is calculating.
    PreCalcInProgress,
    /// There is a price, which may still change.
    PreCalcReady,
    /// The insurer sells at this price.
    Approved,
    /// The insurer says no.
    Rejected,
    /// The payment link is there.
    PaymentReady,
    /// There will be no payment link.
    PaymentLinkFailed,
    /// Paid.
    PaymentCompleted,
    /// The payment was given up.
    PaymentCancelled,
    /// Sold.
    ClosedPaid,
    /// Another offer was sold.
    ClosedOtherOffer,
    /// Too late.
    ClosedTimeout,
    /// It broke.
    OfferError,
}
