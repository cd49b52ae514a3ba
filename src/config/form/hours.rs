//! Working hours: `always`, `08:00-22:00`, `mon-fri 08:00-20:00; sat 10:00-16:00`.

use std::{fmt, str::FromStr};

use jiff::civil::DateTime;

use super::{Form, listed, weekly::Weekly};
use crate::config::tree::Node;

const ALWAYS: &str = "always";

/// When an insurer is asked, Moscow time. None at all is always.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hours(Vec<Weekly>);

// === impl Hours ===

impl Hours {
    /// Whether `at`, a time in Moscow, lies in them.
    pub fn hold(&self, at: DateTime) -> bool {
        self.0.is_empty() || self.0.iter().any(|hours| hours.end_of(at).is_some())
    }

    /// When they begin next, after `at`.
    pub fn next_after(&self, at: DateTime) -> Option<DateTime> {
        self.0.iter().filter_map(|hours| hours.next_after(at)).min()
    }
}

/// Several stretches have `;` between them. The error is the rule that the text breaks, with what to write.
impl FromStr for Hours {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == ALWAYS {
            return Ok(Self::default());
        }
        text.split(';').map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

/// Text, or a list of texts.
impl Form for Hours {
    fn read(node: &Node) -> Result<Self, String> {
        listed(node)?.map_or(Ok(Self::default()), |text| text.parse())
    }
}

/// As it is written in the configuration.
impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str(ALWAYS);
        }
        f.write_str(&self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_stretches_hold_side_by_side() {
        let hours: Hours = "mon-fri 08:00-20:00; sat 10:00-16:00".parse().unwrap();
        let holds = |text: &str| hours.hold(text.parse().unwrap());
        assert!(holds("2026-11-20T19:59:00") && holds("2026-11-21T10:00:00"));
        assert!(!holds("2026-11-20T20:00:00") && !holds("2026-11-22T12:00:00"));
        let friday_night = "2026-11-20T23:00:00".parse().unwrap();
        assert_eq!(hours.next_after(friday_night), Some("2026-11-21T10:00:00".parse().unwrap()));
    }

    #[test]
    fn always_is_always() {
        let hours: Hours = "always".parse().unwrap();
        assert!(hours.hold("2026-11-22T03:00:00".parse().unwrap()));
        assert_eq!((hours.to_string(), hours), ("always".to_owned(), Hours::default()));
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["always", "08:00-22:00", "mon-fri 08:00-20:00; sat 10:00-16:00", "fri,sun 22:00-02:00"] {
            assert_eq!(text.parse::<Hours>().map(|hours| hours.to_string()).as_deref(), Ok(text));
        }
        assert!("08:00-22:00;".parse::<Hours>().is_err() && "".parse::<Hours>().is_err());
    }
}
