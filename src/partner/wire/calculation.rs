//! The answer to `GET /osago/calculate`.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{CalculationStatus, DriverInfo, OsagoOffer, PartnerInfo};

/// What is known of a calculation so far.
#[derive(Serialize, ToSchema)]
pub struct Calculation<'a> {
    /// The request's own id.
    pub request_id: Uuid,
    /// How far it is.
    #[schema(value_type = CalculationStatus)]
    pub status: &'static str,
    /// The aggregator itself.
    pub partner: PartnerInfo<'a>,
    /// Every insurer that was asked: priced offers first, cheapest first.
    #[schema(required = false)]
    pub offers: Vec<OsagoOffer<'a>>,
    /// What the cheapest offer says of each named driver.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drivers: Vec<DriverInfo<'a>>,
}
