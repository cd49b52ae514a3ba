//! What a refused call is told.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use veer_contract::Lane;

use super::super::verdict::Verdict;

/// The breaker refused a call: it was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// Whose breaker.
    pub lane: Lane,
    /// Since when it blocks.
    pub since: Timestamp,
    /// Until when no call goes. None where a call is trying just now, or a person blocks without an end.
    pub until: Option<Timestamp>,
    /// Why it blocks.
    pub why: Why,
}

/// Why a breaker blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Why {
    /// So many calls failed in a row.
    InARow {
        /// How many.
        failures: u32,
        /// With which verdict the last of them.
        last: Verdict,
    },
    /// Too many of the calls of the window failed.
    Share {
        /// So many,
        failed: u32,
        /// of so many.
        of: u32,
        /// With which verdict the last of them.
        last: Verdict,
    },
    /// The call that tried whether the insurer is well again failed too.
    Try {
        /// With this verdict.
        last: Verdict,
    },
    /// A person blocks it.
    Hand,
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lane, since, until, why } = self;
        write!(f, "the breaker of the lane `{lane}` has been blocking since {since:.0}: {why}; ")?;
        match (why, until) {
            (Why::Hand, Some(until)) => write!(f, "it ends at {until:.0}"),
            (Why::Hand, None) => write!(f, "it lasts until somebody releases it"),
            (_, Some(until)) => write!(f, "a call may try at {until:.0}"),
            (_, None) => write!(f, "one call is trying now"),
        }
    }
}

impl std::error::Error for Blocked {}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::InARow { failures, last } => {
                write!(f, "{failures} calls in a row failed, the last with {last}")
            }
            Why::Share { failed, of, last } => {
                write!(f, "{failed} of the last {of} calls failed, the last with {last}")
            }
            Why::Try { last } => write!(f, "the call that tried failed too, with {last}"),
            Why::Hand => write!(f, "a person decided so"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_call_is_told_since_when_why_and_until_when() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (since, until) = (at("2026-11-20T10:00:00.123Z"), at("2026-11-20T10:00:05.9Z"));
        let blocked = |until, why| Blocked { lane: Lane::Create, since, until, why }.to_string();
        let last = Verdict::FirstByte;
        assert_eq!(
            blocked(Some(until), Why::InARow { failures: 10, last }),
            "the breaker of the lane `create` has been blocking since 2026-11-20T10:00:00Z: 10 calls in a row failed, \
             the last with 402 first_byte; a call may try at 2026-11-20T10:00:05Z"
        );
        assert_eq!(
            blocked(None, Why::Share { failed: 21, of: 30, last }),
            "the breaker of the lane `create` has been blocking since 2026-11-20T10:00:00Z: 21 of the last 30 calls \
             failed, the last with 402 first_byte; one call is trying now"
        );
        assert!(blocked(None, Why::Hand).ends_with("it lasts until somebody releases it"));
        assert!(blocked(Some(until), Why::Hand).ends_with("it ends at 2026-11-20T10:00:05Z"));
    }
}
