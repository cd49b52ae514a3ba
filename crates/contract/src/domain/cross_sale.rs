//! Cross-sales (the partner API's `upsales`).

use serde::{Deserialize, Serialize};

use super::Kopecks;

/// Another insurance sold with the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossSale {
    /// The insurer's id of it.
    pub id: String,
    /// Whether the offer cannot be taken without it.
    pub required: bool,
    /// The partner's code of the product, such as `AccidentPassengersPoolForEOsago150`.
    pub code: Option<String>,
    /// Short name.
    pub short_name: String,
    /// Full name.
    pub full_name: String,
    /// Who or what is insured.
    pub insured: String,
    /// For how long.
    pub insurance_period: String,
    /// What can be chosen; at most one is.
    pub options: Vec<CrossSaleOption>,
}

/// One choice of a cross-sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossSaleOption {
    /// The insurer's id of it.
    pub id: i64,
    /// Selected unless the user says otherwise.
    pub is_default: bool,
    /// Options of several cross-sales go together only where this is the same.
    pub compatibility_id: i64,
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// Who or what is insured.
    pub insured: String,
    /// What is paid when.
    pub risk_payments: Vec<RiskPayment>,
    /// Its premium.
    pub price: Kopecks,
}

/// What is paid for one risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskPayment {
    /// The risk.
    pub risk: String,
    /// The payments.
    pub pays: Vec<String>,
}

/// A choice that the user made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectedOption {
    /// The cross-sale.
    pub cross_sale_id: String,
    /// The option.
    pub option_id: i64,
}
