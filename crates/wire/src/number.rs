//! Numbers of JSON replies, read exactly.
//!
//! Insurers write an amount as `9123.45` in one place and as `"9123.45"` in another. Either is kept as its
//! text, so no amount passes through binary floating point.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use veer_contract::domain::{Coefficient, Kopecks, MoneyError};

/// A JSON number, or a string with one, as its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(String);

// === impl Number ===

impl Number {
    /// As an amount of roubles.
    pub fn roubles(&self) -> Result<Kopecks, MoneyError> {
        Kopecks::parse_roubles(&self.0)
    }

    /// As a coefficient; `None` where it is none: a price is not lost for a strange coefficient.
    pub fn coefficient(&self) -> Option<Coefficient> {
        Coefficient::parse(&self.0).ok()
    }
}

impl From<&serde_json::Value> for Number {
    /// Shortest text of the number; exact for amounts, whose two decimals survive the way through `f64`.
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::String(text) => Self(text.clone()),
            other => Self(other.to_string()),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        if text.starts_with('"') {
            return serde_json::from_str(text).map(Self).map_err(serde::de::Error::custom);
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_strings_are_read_to_the_kopeck() {
        let read = |json| serde_json::from_str::<Number>(json).unwrap().roubles();
        assert_eq!(read("9123.45"), Ok(Kopecks::new(912_345)));
        assert_eq!(read("\"9123.45\""), Ok(Kopecks::new(912_345)));
        // As an f64 times 100 this is 434.99…
        assert_eq!(read("4.35"), Ok(Kopecks::new(435)));
        assert_eq!(read("true"), Err(MoneyError::NotANumber));
    }
}
