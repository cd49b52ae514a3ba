//! One offer.

use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;

use super::{OfferStatus, PartnerInfo, UpsaleInfo};

/// One insurer's offer, or its refusal.
#[derive(Serialize, ToSchema)]
pub struct OsagoOffer<'a> {
    /// The gateway's id of it.
    pub offer_id: &'a str,
    /// The insurer.
    pub partner: PartnerInfo<'a>,
    /// How far it is.
    #[schema(value_type = OfferStatus)]
    pub status: &'static str,
    /// Roubles, the selected cross-sales included.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub price: Option<Number>,
    /// It prolongs a policy of the same insurer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_prolongation: Option<bool>,
    /// Prolongation of another company's policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_ext_prolongation: Option<bool>,
    /// It goes to the reinsurance pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_reinsurance_pool: Option<bool>,
    /// The draft policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft_url: Option<String>,
    /// Where to pay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_url: Option<&'a str>,
    /// The policy's series.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_series: Option<&'a str>,
    /// The policy's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_number: Option<&'a str>,
    /// Why not, or what the user should do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'a str>,
    /// Cross-sales.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub upsales: Vec<UpsaleInfo<'a>>,
}
