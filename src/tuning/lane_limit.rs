//! A lane's limits in one text: `5/s, 200/min, 10000/day, 8 at once`.
//!
//! What a text does not speak of stays as the layer beneath has it: `2/s` leaves the calls at once alone, and
//! `3 at once` the rates. `none` is no rate limit.

use std::fmt;

use crate::config::{self, RateLimit};

/// What a text says of a lane's limits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LaneLimit {
    /// Rate limits, all of which hold; an empty list is none. Not there: as beneath.
    pub rates: Option<Vec<RateLimit>>,
    /// Calls under way at once. Not there: as beneath.
    pub at_once: Option<u32>,
}

/// No insurer takes more, so more is a slip of the finger.
const MOST_AT_ONCE: u32 = 10_000;
const MOST_A_SECOND: u64 = 10_000;
const AT_ONCE: &str = "at once";

// === impl LaneLimit ===

impl LaneLimit {
    /// Reads a text. The error is the rule that it breaks, with what to write instead.
    pub fn read(text: &str) -> Result<Self, String> {
        let (mut limit, mut is_none) = (Self::default(), false);
        for part in text.split(',').map(str::trim) {
            if let Some(number) = part.strip_suffix(AT_ONCE) {
                if limit.at_once.replace(at_once(number)?).is_some() {
                    return Err(format!(
                        "`{text}` says twice how many calls are under way at once; leave one"
                    ));
                }
            } else if part == "none" {
                is_none = true;
                limit.rates.get_or_insert_default();
            } else {
                let rate = rate(part)?;
                let rates = limit.rates.get_or_insert_default();
                if let Some(other) = rates.iter().find(|other| other.per == rate.per) {
                    let other = written(other);
                    return Err(format!("`{part}` and `{other}` are of one window; leave the smaller one"));
                }
                rates.push(rate);
            }
        }
        if is_none && limit.rates.as_ref().is_some_and(|rates| !rates.is_empty()) {
            return Err(format!("`{text}`: `none` is no rate limit, so no rate can stand beside it"));
        }
        if let Some(rates) = &mut limit.rates {
            rates.sort_by_key(|rate| rate.per);
        }
        Ok(limit)
    }

    /// Both of a lane as it is configured.
    pub fn of(rates: &[RateLimit], at_once: u32) -> Self {
        let mut rates = rates.to_vec();
        rates.sort_by_key(|rate| rate.per);
        Self { rates: Some(rates), at_once: Some(at_once) }
    }

    /// What holds where this is said over `beneath`.
    pub(super) fn over(&self, beneath: &Self) -> Self {
        Self {
            rates: self.rates.clone().or_else(|| beneath.rates.clone()),
            at_once: self.at_once.or(beneath.at_once),
        }
    }
}

impl fmt::Display for LaneLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rates = match self.rates.as_deref() {
            None => Vec::new(),
            Some([]) => vec!["none".to_owned()],
            Some(rates) => rates.iter().map(written).collect(),
        };
        let at_once = self.at_once.map(|calls| format!("{calls} {AT_ONCE}"));
        f.write_str(&rates.into_iter().chain(at_once).collect::<Vec<_>>().join(", "))
    }
}

/// A rate as people write it: without a burst that is understood.
fn written(rate: &RateLimit) -> String {
    let whole = rate.to_string();
    let short = whole.split(" burst ").next().unwrap_or(&whole);
    if config::rate_limit(short).as_ref() == Ok(rate) { short.to_owned() } else { whole }
}

fn rate(text: &str) -> Result<RateLimit, String> {
    let rate = config::rate_limit(text)
        .map_err(|rule| format!("{rule}; for calls under way at once, write \"8 at once\""))?;
    if u64::from(rate.count) > MOST_A_SECOND.saturating_mul(rate.per.as_secs()) {
        return Err(format!(
            "`{text}` is more than {MOST_A_SECOND} calls a second, which no insurer takes; to hold no limit, write \
             \"none\""
        ));
    }
    Ok(rate)
}

fn at_once(text: &str) -> Result<u32, String> {
    let number = text.trim();
    let calls = number.parse().ok().filter(|calls| (1..=MOST_AT_ONCE).contains(calls));
    calls.ok_or_else(|| {
        format!(
            "`{number} at once`: calls at once are from 1 to {MOST_AT_ONCE}, as in \"8 at once\"; to send nothing, set \
             the knob `hold` to block"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(text: &str) -> String {
        LaneLimit::read(text).unwrap().to_string()
    }

    #[test]
    fn a_text_is_written_in_one_order_and_without_what_is_understood() {
        assert_eq!(again("8 at once,200/min,5/s"), "5/s, 200/min, 8 at once");
        assert_eq!(again("200/min burst 2"), "200/min");
        assert_eq!(again("200/min burst 20, 5/s"), "5/s, 200/min burst 20");
        assert_eq!(again("none"), "none");
        assert_eq!(again("none, 3 at once"), "none, 3 at once");
        assert_eq!(again("3 at once"), "3 at once");
    }

    #[test]
    fn what_is_not_spoken_of_stays_as_beneath() {
        let beneath = LaneLimit::read("5/s, 200/min, 8 at once").unwrap();
        let over = |text: &str| LaneLimit::read(text).unwrap().over(&beneath).to_string();
        assert_eq!(over("2/s"), "2/s, 8 at once");
        assert_eq!(over("3 at once"), "5/s, 200/min, 3 at once");
        assert_eq!(over("none"), "none, 8 at once");
        assert_eq!(over("1/s, 2 at once"), "1/s, 2 at once");
    }

    #[test]
    fn nonsense_is_refused_with_what_to_write() {
        for (text, advice) in [
            ("5", "8 at once"),
            ("5/sec", "as in \"5/s\""),
            ("0/s", "at least 1"),
            ("-5/s", "as in \"5/s\""),
            ("5/s,", "as in \"5/s\""),
            ("5/s, 6/s", "leave the smaller one"),
            ("none, 5/s", "no rate can stand beside it"),
            ("0 at once", "from 1 to 10000"),
            ("at once", "from 1 to 10000"),
            ("1 at once, 2 at once", "leave one"),
            ("20000/s", "which no insurer takes"),
            ("99999999999/s", "as in \"5/s\""),
        ] {
            let rule = LaneLimit::read(text).unwrap_err();
            assert!(rule.contains(advice), "{text}: {rule}");
        }
    }
}
