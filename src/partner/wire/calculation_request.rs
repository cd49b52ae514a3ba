//! The body of `POST /osago/calculate`.

use jiff::Timestamp;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{DriversInfo, PersonInfo, ReturnUrls, VehicleInfo};
use crate::partner::fields::{Choice, Fields};

/// One risk to price.
#[derive(ToSchema)]
pub struct CalculationRequest {
    /// The product; `osago` is the only one.
    #[schema(examples("osago"))]
    pub product_type: String,
    /// Who asks. Recorded; the credentials decide who it is.
    #[schema(examples("yandex"))]
    pub partner: String,
    /// The id under which the answer is asked for.
    pub request_id: Uuid,
    /// Whether cross-sales may be offered.
    pub is_cross_allowed: bool,
    /// What the vehicle is used for.
    #[schema(required = false, default = "personal")]
    pub purpose: Purpose,
    /// When the policy starts; its day in Moscow counts.
    #[schema(value_type = String, format = DateTime)]
    pub policy_start_date: Timestamp,
    /// The vehicle.
    pub vehicle: VehicleInfo,
    /// Who may drive.
    pub drivers_info: DriversInfo,
    /// The vehicle's owner.
    pub owner: PersonInfo,
    /// The policyholder (страхователь), not the insurance company.
    pub insurer: PersonInfo,
    /// Where a payment page sends the user back to.
    pub return_urls: Option<ReturnUrls>,
}

/// What the vehicle is used for.
#[derive(Clone, Copy, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Purpose {
    /// As a taxi.
    Taxi,
    /// Privately.
    Personal,
}

// === impl CalculationRequest ===

impl CalculationRequest {
    /// Reads the whole body.
    pub fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            product_type: product_type(fields),
            partner: fields.text("partner"),
            request_id: fields.uuid("request_id"),
            is_cross_allowed: fields.flag("is_cross_allowed"),
            purpose: fields.optional_choice("purpose").unwrap_or(Purpose::Personal),
            policy_start_date: fields.instant("policy_start_date"),
            vehicle: fields.object("vehicle", VehicleInfo::read),
            drivers_info: fields.object("drivers_info", DriversInfo::read),
            owner: fields.object("owner", PersonInfo::read),
            insurer: fields.object("insurer", PersonInfo::read),
            return_urls: fields.optional_object("return_urls", ReturnUrls::read),
        }
    }
}

fn product_type(fields: &mut Fields<'_>) -> String {
    let before = fields.wrong_so_far();
    let product = fields.text("product_type");
    if product != "osago" && fields.wrong_so_far() == before {
        fields.wrong("product_type", "must be osago, the only product here");
    }
    product
}

impl Choice for Purpose {
    const WORDS: &'static [(&'static str, Self)] = &[("taxi", Self::Taxi), ("personal", Self::Personal)];
}
