//! Maintenance windows: `2026-12-01 02:00 - 2026-12-01 04:00`, `sun 03:00-05:00`.

use std::{fmt, str::FromStr};

use jiff::civil::{Date, DateTime};

use super::{
    Form, listed,
    weekly::{Weekly, minutes},
};
use crate::config::tree::Node;

const NONE: &str = "none";

/// When an insurer is not asked because it is at work on itself, Moscow time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Maintenance(Vec<Window>);

/// One window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Once.
    Once {
        /// Its first moment.
        from: DateTime,
        /// The moment after its last.
        to: DateTime,
    },
    /// Every week.
    Weekly(Weekly),
}

// === impl Maintenance ===

impl Maintenance {
    /// The window that `at`, a time in Moscow, lies in, with its end: of several the one that ends last.
    pub fn at(&self, at: DateTime) -> Option<(Window, DateTime)> {
        let ends = self.0.iter().filter_map(|window| Some((*window, window.end_of(at)?)));
        ends.max_by_key(|(_, end)| *end)
    }
}

// === impl Window ===

impl Window {
    fn end_of(self, at: DateTime) -> Option<DateTime> {
        match self {
            Self::Once { from, to } => (from..to).contains(&at).then_some(to),
            Self::Weekly(weekly) => weekly.end_of(at),
        }
    }
}

/// Several windows have `;` between them. The error is the rule that the text breaks, with what to write.
impl FromStr for Maintenance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == NONE {
            return Ok(Self::default());
        }
        text.split(';').map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let wrong = || {
            format!(
                "`{text}` is no maintenance window; write it in Moscow time, as in \"2026-12-01 02:00 - 2026-12-01 \
                 04:00\" or, every week, \"sun 03:00-05:00\""
            )
        };
        // The days of a week have three letters and no year.
        let is_once = text.starts_with(|first: char| first.is_ascii_digit()) && text.contains(' ');
        if !is_once {
            let taught = |rule: String| if rule.contains("is no time of the week") { wrong() } else { rule };
            return text.parse().map(Self::Weekly).map_err(taught);
        }
        let (from, to) = text.split_once(" - ").ok_or_else(wrong)?;
        let (from, to) = (moment(from).ok_or_else(wrong)?, moment(to).ok_or_else(wrong)?);
        if to <= from {
            return Err(format!("`{text}` ends before it begins; write the beginning first"));
        }
        Ok(Self::Once { from, to })
    }
}

/// `2026-12-01 02:00`.
fn moment(text: &str) -> Option<DateTime> {
    let (date, time) = text.trim().split_once(' ')?;
    let date: Date = date.parse().ok()?;
    date.at(0, 0, 0, 0).checked_add(jiff::Span::new().minutes(minutes(time)?)).ok()
}

/// Text, or a list of texts.
impl Form for Maintenance {
    fn read(node: &Node) -> Result<Self, String> {
        listed(node)?.map_or(Ok(Self::default()), |text| text.parse())
    }
}

/// As it is written in the configuration.
impl fmt::Display for Maintenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str(NONE);
        }
        f.write_str(&self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Once { from, to } => {
                write!(f, "{} - {}", from.strftime("%Y-%m-%d %H:%M"), to.strftime("%Y-%m-%d %H:%M"))
            }
            Self::Weekly(weekly) => weekly.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maintenance(text: &str) -> Maintenance {
        text.parse().unwrap_or_else(|rule| panic!("{rule}"))
    }

    fn end(maintenance: &Maintenance, at: &str) -> Option<String> {
        let found = maintenance.at(at.parse().unwrap());
        found.map(|(_, end)| end.strftime("%Y-%m-%d %H:%M").to_string())
    }

    #[test]
    fn a_window_is_once_or_every_week() {
        let windows = maintenance("2026-12-01 02:00 - 2026-12-01 04:00; sun 03:00-05:00");
        assert_eq!(end(&windows, "2026-12-01T01:59:59"), None);
        assert_eq!(end(&windows, "2026-12-01T02:00:00").as_deref(), Some("2026-12-01 04:00"));
        assert_eq!(end(&windows, "2026-12-01T04:00:00"), None);
        for week in ["2026-11-22", "2027-11-21"] {
            assert_eq!(end(&windows, &format!("{week}T04:59:00")), Some(format!("{week} 05:00")));
        }
        assert_eq!(end(&windows, "2026-12-02T03:00:00"), None, "the first was once");
    }

    #[test]
    fn one_window_may_last_for_days() {
        let windows = maintenance("2026-12-31 18:00 - 2027-01-09 09:00");
        assert_eq!(end(&windows, "2027-01-05T12:00:00").as_deref(), Some("2027-01-09 09:00"));
    }

    #[test]
    fn of_several_that_hold_the_last_end_is_told() {
        let windows = maintenance("sun 03:00-05:00; 2026-11-22 04:00 - 2026-11-22 09:30");
        assert_eq!(end(&windows, "2026-11-22T04:30:00").as_deref(), Some("2026-11-22 09:30"));
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["none", "sun 03:00-05:00", "2026-12-01 02:00 - 2026-12-01 04:00; 03:00-03:30"] {
            assert_eq!(maintenance(text).to_string(), text);
        }
        assert_eq!(
            maintenance("2026-12-01 22:00 - 2026-12-01 24:00").to_string(),
            "2026-12-01 22:00 - 2026-12-02 00:00"
        );
    }

    #[test]
    fn anything_else_is_refused_with_what_to_write() {
        for text in [
            "",
            "tomorrow",
            "2026-12-01",
            "2026-12-01 02:00",
            "2026-12-01 02:00-04:00",
            "2026-13-01 02:00 - 2026-13-01 04:00",
            "2026-12-01 2:00 - 2026-12-01 4:00",
            "sun 3:00-5:00",
            "sun 03:00-05:00;",
        ] {
            let rule = text.parse::<Maintenance>().unwrap_err();
            assert!(rule.contains("as in \"2026-12-01 02:00 - 2026-12-01 04:00\""), "{text}: {rule}");
        }
        let rule = "2026-12-01 04:00 - 2026-12-01 02:00".parse::<Maintenance>().unwrap_err();
        assert!(rule.contains("ends before it begins"), "{rule}");
        let rule = "sun 03:00-03:00".parse::<Maintenance>().unwrap_err();
        assert!(rule.contains("ends when it begins"), "{rule}");
    }
}
