//! What a knob can say, and how it is written.

use std::fmt;

use super::lane_limit::LaneLimit;
use crate::config::{Hours, Maintenance, Mode, Share, hint};

/// What a knob says. Its text is what `KnobName::read` reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `5/s, 8 at once`.
    Limit(LaneLimit),
    /// `off`, `dry-run`, `on`.
    Mode(Mode),
    /// `auto`, `block`, `pass`.
    Hand(Hand),
    /// `yes`, `no`.
    Switch(bool),
    /// `20%`.
    Share(Share),
    /// `mon-fri 08:00-20:00`, or `always`.
    Hours(Hours),
    /// `sun 03:00-05:00`, or `none`.
    Maintenance(Maintenance),
}

/// A person's word over a breaker's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// None: the breaker decides.
    Auto,
    /// Nothing goes.
    Block,
    /// Everything goes.
    Pass,
}

const HANDS: [(&str, Hand); 3] = [("auto", Hand::Auto), ("block", Hand::Block), ("pass", Hand::Pass)];
const SWITCHES: [(&str, bool); 2] = [("yes", true), ("no", false)];

// === impl Value ===

impl Value {
    pub(super) fn mode(text: &str) -> Result<Self, String> {
        text.parse().map(Value::Mode)
    }

    pub(super) fn hand(text: &str) -> Result<Self, String> {
        one_of(text, &HANDS).map(Value::Hand)
    }

    pub(super) fn switch(text: &str) -> Result<Self, String> {
        one_of(text, &SWITCHES).map(Value::Switch)
    }

    pub(super) fn share(text: &str) -> Result<Self, String> {
        text.parse().map(Value::Share)
    }

    pub(super) fn hours(text: &str) -> Result<Self, String> {
        text.parse().map(Value::Hours)
    }

    pub(super) fn maintenance(text: &str) -> Result<Self, String> {
        text.parse().map(Value::Maintenance)
    }

    /// What holds where this is said over `beneath`: a limit leaves what it does not speak of as it is.
    pub(super) fn over(&self, beneath: &Value) -> Value {
        match (self, beneath) {
            (Value::Limit(above), Value::Limit(beneath)) => Value::Limit(above.over(beneath)),
            _ => self.clone(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Limit(limit) => limit.fmt(f),
            Value::Mode(mode) => mode.fmt(f),
            Value::Hand(hand) => f.write_str(word(*hand, &HANDS)),
            Value::Switch(is_on) => f.write_str(word(*is_on, &SWITCHES)),
            Value::Share(share) => share.fmt(f),
            Value::Hours(hours) => hours.fmt(f),
            Value::Maintenance(windows) => windows.fmt(f),
        }
    }
}

fn one_of<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| *word == text);
    found
        .map(|(_, value)| *value)
        .ok_or_else(|| format!("`{text}` is not known; {}", hint(text, words.iter().map(|(word, _)| *word))))
}

fn word<T: PartialEq>(value: T, words: &[(&'static str, T)]) -> &'static str {
    words.iter().find(|(_, known)| *known == value).map_or("?", |(word, _)| word)
}

#[cfg(test)]
mod tests {
    use crate::tuning::KnobName;

    #[test]
    fn what_is_written_is_read_again() {
        for (knob, text) in [
            (KnobName::Limit, "5/s, 200/min burst 50, 8 at once"),
            (KnobName::Limit, "none, 8 at once"),
            (KnobName::Limits, "dry-run"),
            (KnobName::Breaker, "off"),
            (KnobName::Hold, "block"),
            (KnobName::Enabled, "no"),
            (KnobName::Asked, "20%"),
            (KnobName::Asked, "0.5%"),
            (KnobName::Shadow, "yes"),
            (KnobName::Hours, "always"),
            (KnobName::Hours, "mon-fri 08:00-20:00; sat 10:00-14:00"),
            (KnobName::Maintenance, "none"),
            (KnobName::Maintenance, "2026-12-01 02:00 - 2026-12-01 04:00; sun 03:00-05:00"),
        ] {
            let value = knob.read(text).unwrap();
            assert_eq!(value.to_string(), text);
            assert_eq!(knob.read(&value.to_string()).as_ref(), Ok(&value));
        }
    }

    #[test]
    fn nonsense_is_refused_with_what_to_write() {
        for (knob, text, advice) in [
            (KnobName::Limits, "onn", "did you mean `on`?"),
            (KnobName::Breaker, "true", "known here: off, dry-run, on"),
            (KnobName::Hold, "passs", "did you mean `pass`?"),
            (KnobName::Enabled, "maybe", "known here: yes, no"),
            (KnobName::Shadow, "1", "known here: yes, no"),
            (KnobName::Asked, "20", "as in \"20%\""),
            (KnobName::Asked, "101%", "up to 100%"),
            (KnobName::Asked, "0%", "asks in no calculation at all"),
            (KnobName::Hours, "25:00-26:00", "as in"),
            (KnobName::Maintenance, "tomorrow", "as in"),
        ] {
            let rule = knob.read(text).unwrap_err();
            assert!(rule.contains(advice) && rule.contains(text), "{knob} {text}: {rule}");
        }
    }
}
