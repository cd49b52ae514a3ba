//! The answer to `GET /osago/calculate/status`.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{CalculationStatus, OfferStatus};

/// The statuses alone.
#[derive(Serialize, ToSchema)]
pub struct StatusAnswer<'a> {
    /// The request's own id.
    pub request_id: Uuid,
    /// How far the calculation is.
    #[schema(value_type = CalculationStatus)]
    pub status: &'static str,
    /// How far each offer is, in the order of the whole answer.
    #[schema(required = false, inline)]
    pub offers: Vec<OfferState<'a>>,
}

/// One offer's state.
#[derive(Serialize, ToSchema)]
pub struct OfferState<'a> {
    /// The gateway's id of the offer.
    pub offer_id: &'a str,
    /// How far it is.
    #[schema(value_type = OfferStatus)]
    pub offer_status: &'static str,
}
