//! Money.

use std::{fmt, iter::Sum, ops::Add, str::FromStr};

use serde::{Deserialize, Serialize};

/// An amount in kopecks. Inside and in the store it is this integer; it leaves as roubles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kopecks(i64);

/// Why a text is no amount. The text itself is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a decimal number.
    #[error("an amount is digits with at most one point or comma, as in 9123.45")]
    NotANumber,
    /// More than two digits behind the point that are not zero.
    #[error("an amount has at most two digits behind the point")]
    TooPrecise,
    /// Does not fit.
    #[error("the amount is too large")]
    TooLarge,
}

// === impl Kopecks ===

impl Kopecks {
    /// Nothing.
    pub const ZERO: Kopecks = Kopecks(0);

    /// That many kopecks.
    pub const fn new(kopecks: i64) -> Self {
        Self(kopecks)
    }

    /// That many whole roubles.
    pub const fn from_roubles(roubles: i64) -> Self {
        Self(roubles * 100)
    }

    /// The number of kopecks.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Reads roubles from decimal text: `9123`, `9123.4`, `9123,45`, with blanks between thousands.
    /// Exact: a third digit behind the point is refused unless it is a zero.
    pub fn parse_roubles(text: &str) -> Result<Self, MoneyError> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.as_str()),
        };
        let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
        let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !numeric(whole) || !numeric(fraction) {
            return Err(MoneyError::NotANumber);
        }
        let (cents, beyond) = fraction.split_at(fraction.len().min(2));
        if beyond.bytes().any(|byte| byte != b'0') {
            return Err(MoneyError::TooPrecise);
        }
        let roubles: i64 = whole.parse().map_err(|_| MoneyError::TooLarge)?;
        let kopecks: i64 = format!("{cents:0<2}").parse().map_err(|_| MoneyError::NotANumber)?;
        let sum = roubles
            .checked_mul(100)
            .and_then(|value| value.checked_add(kopecks))
            .ok_or(MoneyError::TooLarge)?;
        Ok(Self(if negative { -sum } else { sum }))
    }

    /// Roubles as the number of a JSON answer: `7072` or `7072.35`. Exact to the kopeck below 90
    /// thousand billion roubles: the nearest `f64` to a number with two decimals prints as that number.
    pub fn as_json_number(self) -> serde_json::Number {
        if self.0 % 100 == 0 {
            (self.0 / 100).into()
        } else {
            let roubles = self.0 as f64 / 100.0;
            serde_json::Number::from_f64(roubles).unwrap_or_else(|| (self.0 / 100).into())
        }
    }
}

impl FromStr for Kopecks {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse_roubles(text)
    }
}

/// Roubles with two decimals: `9123.45`.
impl fmt::Display for Kopecks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100)
    }
}

impl Add for Kopecks {
    type Output = Kopecks;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Kopecks {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn roubles_are_read_exactly() {
        let read = Kopecks::parse_roubles;
        assert_eq!(read("9123.45"), Ok(Kopecks(912_345)));
        assert_eq!(read("4,35"), Ok(Kopecks(435)));
        assert_eq!(read("1 480"), Ok(Kopecks(148_000)));
        assert_eq!(read("7.5"), Ok(Kopecks(750)));
        assert_eq!(read("7.500"), Ok(Kopecks(750)));
        assert_eq!(read("7.505"), Err(MoneyError::TooPrecise));
        assert_eq!(read(""), Err(MoneyError::NotANumber));
        assert_eq!(read("1e3"), Err(MoneyError::NotANumber));
        assert_eq!(read("99999999999999999999"), Err(MoneyError::TooLarge));
    }

    proptest! {
        #[test]
        fn text_and_json_keep_every_kopeck(kopecks in -9_000_000_000_000_i64..9_000_000_000_000) {
            let amount = Kopecks(kopecks);
            prop_assert_eq!(Kopecks::parse_roubles(&amount.to_string()), Ok(amount));
            prop_assert_eq!(Kopecks::parse_roubles(&amount.as_json_number().to_string()), Ok(amount));
        }
    }
}
