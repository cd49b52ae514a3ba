//! What a price says of one driver.

use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;

/// A named driver and the coefficients of the cheapest offer.
#[derive(Serialize, ToSchema)]
pub struct DriverInfo<'a> {
    /// Series of the driver's licence.
    pub series: &'a str,
    /// Number of the driver's licence.
    pub number: &'a str,
    /// The tariff's coefficients.
    pub coefficients: DriverCoefficients,
}

/// The tariff's coefficients; absent ones were not told.
#[derive(Serialize, ToSchema)]
pub struct DriverCoefficients {
    /// Base rate in roubles.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub tb: Option<Number>,
    /// Territory.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub kt: Option<Number>,
    /// Bonus-malus.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub kbm: Option<Number>,
    /// Age and experience.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub kvs: Option<Number>,
    /// Season.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub ks: Option<Number>,
    /// Term.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub kp: Option<Number>,
    /// Engine power.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub km: Option<Number>,
    /// Violations.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub kn: Option<Number>,
    /// Limited or unlimited drivers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub ko: Option<Number>,
    /// Vehicle category or trailer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub kpr: Option<Number>,
}
