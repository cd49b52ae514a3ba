//! Engine power.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

/// An engine's power in horsepower, exact to a hundredth: papers write 80.9 and 133.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Power(u32);

/// A text is no power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a power is a number of horsepower from 0 to 10000 with at most two digits behind the point, as in 80.9"
)]
pub struct NoPower;

// === impl Power ===

impl Power {
    const HIGHEST: u32 = 10_000 * 100;

    /// From hundredths of a horsepower.
    pub const fn from_hundredths(hundredths: u32) -> Self {
        Self(hundredths)
    }

    /// In hundredths of a horsepower.
    pub const fn hundredths(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Power {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        match rest {
            0 => write!(f, "{whole}"),
            rest if rest % 10 == 0 => write!(f, "{whole}.{}", rest / 10),
            rest => write!(f, "{whole}.{rest:02}"),
        }
    }
}

impl FromStr for Power {
    type Err = NoPower;

    fn from_str(text: &str) -> Result<Self, NoPower> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let fraction = fraction.trim_end_matches('0');
        if whole.is_empty() || fraction.len() > 2 || !numeric(whole) || !numeric(fraction) {
            return Err(NoPower);
        }
        let whole: u32 = whole.parse().map_err(|_| NoPower)?;
        let fraction: u32 = format!("{fraction:0<2}").parse().map_err(|_| NoPower)?;
        let power = whole.checked_mul(100).and_then(|whole| whole.checked_add(fraction)).ok_or(NoPower)?;
        if power > Self::HIGHEST { Err(NoPower) } else { Ok(Self(power)) }
    }
}

impl Serialize for Power {
    /// A JSON number, whole where it is whole.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 % 100 {
            0 => serializer.serialize_u32(self.0 / 100),
            _ => serializer.serialize_f64(f64::from(self.0) / 100.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_exact() {
        for (text, hundredths, json) in
            [("150", 15_000, "150"), ("80.9", 8_090, "80.9"), ("0", 0, "0"), ("133.25", 13_325, "133.25")]
        {
            let power: Power = text.parse().unwrap();
            assert_eq!(power, Power(hundredths));
            assert_eq!(power.to_string(), text);
            assert_eq!(serde_json::to_string(&power).unwrap(), json);
        }
        assert_eq!("150.0".parse(), Ok(Power(15_000)));
        for wrong in ["", "-1", "1,5", "1.234", "10001", "1e3", ".5", "1 000"] {
            assert_eq!(wrong.parse::<Power>(), Err(NoPower), "{wrong}");
        }
    }
}
