//! The answer to `GET /osago/offer/policy`.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{OfferStatus, PdfFile};

/// The policy once it is issued; until then the offer's status alone.
#[derive(Serialize, ToSchema)]
pub struct PolicyAnswer<'a> {
    /// The calculation.
    pub request_id: Uuid,
    /// The offer of it.
    pub offer_id: &'a str,
    /// How far the offer is.
    #[schema(value_type = OfferStatus)]
    pub status: &'static str,
    /// When the policy begins: midnight in Moscow.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub policy_start_date: Option<Timestamp>,
    /// Where a browser can open the file, for a while.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PdfFile>,
}
