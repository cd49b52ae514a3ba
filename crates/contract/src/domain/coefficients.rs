//! The tariff's coefficients, as insurers report them.

use serde::{Deserialize, Serialize};

/// A coefficient or base rate with up to four decimals, held in ten-thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Coefficient(i64);

/// A text is no coefficient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a coefficient is a decimal number with at most four digits behind the point, as in 1.17")]
pub struct CoefficientError;

/// What a price was made of. Absent: the insurer did not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Coefficients {
    /// ТБ, the base rate in roubles.
    pub base_rate: Option<Coefficient>,
    /// КТ, territory.
    pub territory: Option<Coefficient>,
    /// КБМ, bonus-malus.
    pub bonus_malus: Option<Coefficient>,
    /// КВС, age and experience.
    pub age_experience: Option<Coefficient>,
    /// КС, season of use.
    pub season: Option<Coefficient>,
    /// КП, term.
    pub term: Option<Coefficient>,
    /// КМ, engine power.
    pub power: Option<Coefficient>,
    /// КН, violations.
    pub violations: Option<Coefficient>,
    /// КО, limited or unlimited drivers.
    pub drivers: Option<Coefficient>,
    /// КПр, vehicle category or trailer.
    pub category: Option<Coefficient>,
}

// === impl Coefficient ===

impl Coefficient {
    const SCALE: i64 = 10_000;

    /// From ten-thousandths: 1.17 is `11_700`.
    pub const fn from_ten_thousandths(value: i64) -> Self {
        Self(value)
    }

    /// Reads `1.17`, `1,17` or `6896`.
    pub fn parse(text: &str) -> Result<Self, CoefficientError> {
        let (whole, fraction) = text.trim().split_once(['.', ',']).unwrap_or((text.trim(), ""));
        let fraction = fraction.trim_end_matches('0');
        let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || fraction.len() > 4 || !numeric(whole) || !numeric(fraction) {
            return Err(CoefficientError);
        }
        let whole: i64 = whole.parse().map_err(|_| CoefficientError)?;
        let fraction: i64 = format!("{fraction:0<4}").parse().map_err(|_| CoefficientError)?;
        whole.checked_mul(Self::SCALE).and_then(|v| v.checked_add(fraction)).map(Self).ok_or(CoefficientError)
    }

    /// The number of a JSON answer: `1.17`, `6896`.
    pub fn as_json_number(self) -> serde_json::Number {
        if self.0 % Self::SCALE == 0 {
            return (self.0 / Self::SCALE).into();
        }
        serde_json::Number::from_f64(self.0 as f64 / Self::SCALE as f64).unwrap_or_else(|| 0.into())
    }
}

impl Coefficients {
    /// Whether the insurer said anything at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These, with the gaps filled from `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            base_rate: self.base_rate.or(other.base_rate),
            territory: self.territory.or(other.territory),
            bonus_malus: self.bonus_malus.or(other.bonus_malus),
            age_experience: self.age_experience.or(other.age_experience),
            season: self.season.or(other.season),
            term: self.term.or(other.term),
            power: self.power.or(other.power),
            violations: self.violations.or(other.violations),
            drivers: self.drivers.or(other.drivers),
            category: self.category.or(other.category),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_are_read_exactly() {
        let text = |text| Coefficient::parse(text).map(|c| c.as_json_number().to_string());
        assert_eq!(text("1.17").as_deref(), Ok("1.17"));
        assert_eq!(text("1,80").as_deref(), Ok("1.8"));
        assert_eq!(text("6896").as_deref(), Ok("6896"));
        assert_eq!(text("0.46").as_deref(), Ok("0.46"));
        assert_eq!(text("1.17001"), Err(CoefficientError));
        assert_eq!(text("x"), Err(CoefficientError));
    }
}
