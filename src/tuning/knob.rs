//! Which knobs there are, and how one is named.

use std::fmt;

use veer_contract::Lane;

use super::{lane_limit::LaneLimit, value::Value};
use crate::config::hint;

/// What can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KnobName {
    /// A lane's rate limits and calls at once.
    Limit,
    /// Whether they hold.
    Limits,
    /// Whether the lane's breaker works.
    Breaker,
    /// A person's word over the breaker's.
    Hold,
    /// Whether the insurer is asked.
    Enabled,
    /// Of what share of the calculations it is asked.
    Asked,
    /// Whether it is asked and never shown.
    Shadow,
    /// When it works.
    Hours,
    /// When it does not.
    Maintenance,
}

/// One knob: whose, of which lane, which.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KnobPath {
    /// The insurer's section in the configuration.
    pub insurer: String,
    /// The lane; none for a knob of the insurer as a whole.
    pub lane: Option<Lane>,
    /// Which.
    pub knob: KnobName,
}

/// A value that takes a knob back to the configuration.
const CONFIGURED: &str = "configured";

// === impl KnobName ===

impl KnobName {
    /// The knobs of a lane.
    pub const OF_A_LANE: [Self; 4] = [Self::Limit, Self::Limits, Self::Breaker, Self::Hold];
    /// The knobs of an insurer as a whole.
    pub const OF_AN_INSURER: [Self; 5] =
        [Self::Enabled, Self::Asked, Self::Shadow, Self::Hours, Self::Maintenance];

    /// The name in commands, addresses, files and the store.
    pub const fn name(self) -> &'static str {
        match self {
            KnobName::Limit => "limit",
            KnobName::Limits => "limits",
            KnobName::Breaker => "breaker",
            KnobName::Hold => "hold",
            KnobName::Enabled => "enabled",
            KnobName::Asked => "asked",
            KnobName::Shadow => "shadow",
            KnobName::Hours => "hours",
            KnobName::Maintenance => "maintenance",
        }
    }

    /// The knob of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::OF_A_LANE.into_iter().chain(Self::OF_AN_INSURER).find(|knob| knob.name() == text)
    }

    /// Whether each lane has one of its own.
    pub fn is_of_a_lane(self) -> bool {
        Self::OF_A_LANE.contains(&self)
    }

    /// Reads a value. The error is the rule that it breaks, with what to write instead.
    pub fn read(self, text: &str) -> Result<Value, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err(format!("is empty; {}", self.advice()));
        }
        match self {
            KnobName::Limit => LaneLimit::read(text).map(Value::Limit),
            KnobName::Limits => Value::mode(text).map_err(|rule| {
                let mistaken = LaneLimit::read(text).is_ok();
                if mistaken { format!("{rule}; numbers belong to the knob `limit`") } else { rule }
            }),
            KnobName::Breaker => Value::mode(text),
            KnobName::Hold => Value::hand(text),
            KnobName::Enabled | KnobName::Shadow => Value::switch(text),
            KnobName::Asked => Value::share(text),
            KnobName::Hours => Value::hours(text),
            KnobName::Maintenance => Value::maintenance(text),
        }
    }

    /// The same, where `configured` takes the knob back to the configuration.
    pub fn read_or_configured(self, text: &str) -> Result<Option<Value>, String> {
        if text.trim() == CONFIGURED { Ok(None) } else { self.read(text).map(Some) }
    }

    fn advice(self) -> &'static str {
        match self {
            KnobName::Limit => {
                "write rates and calls at once, as in \"5/s, 200/min, 8 at once\", or \"none\""
            }
            KnobName::Limits | KnobName::Breaker => "write off, dry-run or on",
            KnobName::Hold => "write auto, block or pass",
            KnobName::Enabled | KnobName::Shadow => "write yes or no",
            KnobName::Asked => "write a share, as in \"20%\"",
            KnobName::Hours => "write hours, as in \"mon-fri 08:00-20:00\", or \"always\"",
            KnobName::Maintenance => "write times, as in \"sun 03:00-05:00\", or \"none\"",
        }
    }
}

impl fmt::Display for KnobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

// === impl KnobPath ===

impl KnobPath {
    /// The lane's name; empty for the insurer as a whole.
    pub fn lane_name(&self) -> &'static str {
        self.lane.map_or("", Lane::name)
    }
}

/// As it is typed: `alfastrah create limit`.
impl fmt::Display for KnobPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.insurer)?;
        if let Some(lane) = self.lane {
            write!(f, "{lane} ")?;
        }
        write!(f, "{}", self.knob)
    }
}

/// The lane of that name.
pub(super) fn lane(name: &str) -> Option<Lane> {
    Lane::ALL.into_iter().find(|lane| lane.name() == name)
}

/// Names of knobs, for who has mistaken one.
pub(super) fn knob_hint(given: &str, is_lane: bool) -> String {
    let known: &[KnobName] = if is_lane { &KnobName::OF_A_LANE } else { &KnobName::OF_AN_INSURER };
    hint(given, known.iter().map(|knob| knob.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = KnobName> {
        KnobName::OF_A_LANE.into_iter().chain(KnobName::OF_AN_INSURER)
    }

    #[test]
    fn every_knob_is_found_by_its_name() {
        for knob in all() {
            assert_eq!(KnobName::parse(knob.name()), Some(knob));
        }
        assert_eq!(KnobName::parse("rate"), None);
    }

    #[test]
    fn nothing_is_no_value_and_the_advice_is_one() {
        for knob in all() {
            let rule = knob.read(" ").unwrap_err();
            let advice = rule.strip_prefix("is empty; write ").unwrap();
            let example = advice
                .split('"')
                .nth(1)
                .map_or_else(|| advice.split([',', ' ']).next().unwrap().to_owned(), str::to_owned);
            assert!(knob.read(&example).is_ok(), "{knob}: {example}");
        }
    }

    #[test]
    fn a_knob_is_taken_back_by_a_word() {
        for knob in all() {
            assert_eq!(knob.read_or_configured(" configured "), Ok(None), "{knob}");
            assert!(knob.read("configured").is_err(), "{knob}");
        }
    }

    #[test]
    fn who_mistakes_limits_for_limit_is_told() {
        let rule = KnobName::Limits.read("5/s").unwrap_err();
        assert!(rule.contains("`limit`"), "{rule}");
    }
}
