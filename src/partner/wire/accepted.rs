//! The answer to an accepted calculation.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The calculation is written down; its insurers are being asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Accepted {
    /// The request's own id.
    pub request_id: Uuid,
    /// When it was accepted first; a repetition gets the same.
    #[schema(value_type = String, format = DateTime)]
    pub calculation_date: Timestamp,
}
