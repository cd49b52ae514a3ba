//! A cross-sale, which the wire calls an upsale.

use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;

/// Another insurance that can, or must, be bought with the policy.
#[derive(Serialize, ToSchema)]
pub struct UpsaleInfo<'a> {
    /// The insurer's id of it.
    pub id: &'a str,
    /// The offer cannot be taken without it.
    #[schema(required = false)]
    pub is_required: bool,
    /// The product's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upsale_code: Option<&'a str>,
    /// Short name.
    pub short_name: &'a str,
    /// Full name.
    pub full_name: &'a str,
    /// Who or what is insured.
    pub insured: &'a str,
    /// For how long.
    pub insurance_period: &'a str,
    /// What can be chosen; at most one is.
    #[schema(required = false)]
    pub options: Vec<UpsaleOption<'a>>,
}

/// One choice of a cross-sale.
#[derive(Serialize, ToSchema)]
pub struct UpsaleOption<'a> {
    /// The insurer's id of it.
    pub id: i64,
    /// Selected unless the user says otherwise.
    pub is_default: bool,
    /// Options of several cross-sales go together only where this is the same.
    pub compatibility_id: i64,
    /// Name.
    pub name: &'a str,
    /// Description.
    pub description: &'a str,
    /// Who or what is insured.
    pub insured: &'a str,
    /// What is paid when.
    #[schema(inline)]
    pub risk_payments: Vec<RiskPays<'a>>,
    /// Roubles.
    #[schema(value_type = f64)]
    pub price: Number,
}

/// What is paid for one risk.
#[derive(Serialize, ToSchema)]
pub struct RiskPays<'a> {
    /// The risk.
    pub risk: &'a str,
    /// The payments.
    pub pays: &'a [String],
}
