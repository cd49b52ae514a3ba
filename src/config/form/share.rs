//! A share of calculations: `100%`, `20%`, `0.5%`.

use std::{fmt, str::FromStr};

use super::Written;

/// How many of all calculations, in hundredths of a percent, from 1 to 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share(u16);

// === impl Share ===

impl Share {
    /// Every one.
    pub const ALL: Self = Self(10_000);

    /// Whether `number`, drawn evenly from all of `u64`, lies in it. What lies in a share lies in every larger one.
    pub fn holds(self, number: u64) -> bool {
        (u128::from(number) * u128::from(Self::ALL.0)) >> 64 < u128::from(self.0)
    }
}

/// The error is the rule that the text breaks, with what to write.
impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no share; write a percentage up to 100%, as in \"20%\", \"100%\" or \"0.5%\""
            )
        };
        let number = text.trim().strip_suffix('%').ok_or_else(wrong)?.trim_end();
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
        if !is_number(whole) || !is_number(part) || part.len() > 2 {
            return Err(wrong());
        }
        let whole: u16 = whole.parse().map_err(|_| wrong())?;
        let hundredths: u16 = format!("{part:0<2}").parse().map_err(|_| wrong())?;
        match whole.checked_mul(100).and_then(|whole| whole.checked_add(hundredths)) {
            Some(0) => {
                Err(format!("`{text}` asks in no calculation at all; write `enabled = false` for that"))
            }
            Some(share) if share <= Self::ALL.0 => Ok(Self(share)),
            _ => Err(wrong()),
        }
    }
}

impl Written for Share {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse()
    }
}

/// As it is written in the configuration.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, hundredths) = (self.0 / 100, self.0 % 100);
        if hundredths == 0 {
            return write!(f, "{whole}%");
        }
        let part = format!("{hundredths:02}");
        write!(f, "{whole}.{}%", part.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn percentages_are_read() {
        let read = |text: &str| text.parse::<Share>().map(|share| share.0).ok();
        assert_eq!(read("100%"), Some(10_000));
        assert_eq!(read("20%"), Some(2_000));
        assert_eq!(read(" 20 % "), Some(2_000));
        assert_eq!(read("0.5%"), Some(50));
        assert_eq!(read("12.25%"), Some(1_225));
        assert_eq!(read("0.01%"), Some(1));
    }

    #[test]
    fn anything_else_is_refused_with_what_to_write() {
        for text in ["", "%", "20", "0.2", "101%", "100.01%", "-5%", "1.%", ".5%", "1.234%", "a%", "99999%"] {
            let rule = text.parse::<Share>().unwrap_err();
            assert!(rule.contains("as in \"20%\""), "{text}: {rule}");
        }
        let rule = "0%".parse::<Share>().unwrap_err();
        assert!(rule.contains("`enabled = false`"), "{rule}");
    }

    #[test]
    fn all_holds_everything_and_the_least_nearly_nothing() {
        assert!(Share::ALL.holds(0) && Share::ALL.holds(u64::MAX));
        assert!(Share(1).holds(0) && !Share(1).holds(u64::MAX));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(share in 1_u16..=10_000) {
            prop_assert_eq!(Share(share).to_string().parse(), Ok(Share(share)));
        }

        #[test]
        fn a_larger_share_holds_what_a_smaller_one_does(number: u64, a in 1_u16..=10_000, b in 1_u16..=10_000) {
            let (less, more) = (Share(a.min(b)), Share(a.max(b)));
            prop_assert!(!less.holds(number) || more.holds(number));
        }
    }
}
