//! Coefficients that grow in steps.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::decimal;

/// A value for each range; ranges include their upper bound.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Steps {
    steps: Vec<UpTo>,
    #[serde(with = "decimal")]
    above: Decimal,
}

/// One range.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct UpTo {
    to: u32,
    #[serde(with = "decimal")]
    value: Decimal,
}

impl Steps {
    /// The value for `amount`.
    pub(super) fn value(&self, amount: Decimal) -> Decimal {
        let step = self.steps.iter().find(|step| amount <= Decimal::from(step.to));
        step.map_or(self.above, |step| step.value)
    }
}
