//! Which engine powers a model was made with, and when.

use std::{fmt, str::FromStr};

use super::Power;

/// From when to when; both years are part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Years {
    /// The first year.
    pub from: i16,
    /// The last year; `None` while it is still made.
    pub to: Option<i16>,
}

/// The powers of one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// When.
    pub years: Years,
    /// Ascending, each once.
    pub powers: Vec<Power>,
}

/// The powers of all times, in order: periods do not overlap.
///
/// Written `1996-2001 128 133; 2018- 150 181`: years, then the powers; `;` between periods.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Engines(Vec<Period>);

/// A text says no engines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EnginesError(String);

// === impl Years ===

impl Years {
    const ALLOWED: std::ops::RangeInclusive<i16> = 1900..=2100;

    /// Whether `year` is one of them.
    pub fn has(self, year: i16) -> bool {
        self.from <= year && self.to.is_none_or(|to| year <= to)
    }

    /// The years up to `last`, which ends what is still made.
    pub fn up_to(self, last: i16) -> std::ops::RangeInclusive<i16> {
        self.from..=self.to.map_or(last, |to| to.min(last))
    }

    /// Whether every year of `other` is one of these.
    pub fn covers(self, other: Years) -> bool {
        self.from <= other.from && (self.to.is_none() || other.to.is_some_and(|to| self.has(to)))
    }
}

impl FromStr for Years {
    type Err = EnginesError;

    fn from_str(text: &str) -> Result<Self, EnginesError> {
        let wrong =
            || EnginesError(format!("`{text}` must be years as in 2018-2021, or 2018- while it is made"));
        let year =
            |text: &str| text.parse().ok().filter(|year| Self::ALLOWED.contains(year)).ok_or_else(wrong);
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let to = if to.is_empty() { None } else { Some(year(to)?) };
        let years = Self { from: year(from)?, to };
        if to.is_some_and(|to| to < years.from) { Err(wrong()) } else { Ok(years) }
    }
}

impl fmt::Display for Years {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-", self.from)?;
        self.to.map_or(Ok(()), |to| to.fmt(f))
    }
}

// === impl Engines ===

impl Engines {
    /// The periods, in order.
    pub fn periods(&self) -> &[Period] {
        &self.0
    }

    /// The powers of that year; empty where it was not made.
    pub fn powers(&self, year: i16) -> &[Power] {
        self.0.iter().find(|period| period.years.has(year)).map_or(&[], |period| &period.powers)
    }

    /// Every year up to `last` in which it was made, ascending.
    pub fn years(&self, last: i16) -> impl Iterator<Item = i16> {
        self.0.iter().flat_map(move |period| period.years.up_to(last))
    }
}

impl FromStr for Engines {
    type Err = EnginesError;

    fn from_str(text: &str) -> Result<Self, EnginesError> {
        let mut periods: Vec<Period> = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let mut words = part.split_whitespace();
            let years: Years = words.next().unwrap_or_default().parse()?;
            let mut powers = words
                .map(|word| word.parse::<Power>().map_err(|error| EnginesError(format!("`{word}`: {error}"))))
                .collect::<Result<Vec<_>, _>>()?;
            powers.sort_unstable();
            powers.dedup();
            if powers.is_empty() {
                return Err(EnginesError(format!("`{part}` needs at least one power behind the years")));
            }
            if periods.last().is_some_and(|last| last.years.to.is_none_or(|to| to >= years.from)) {
                return Err(EnginesError(format!("`{part}` must begin after the period before it ends")));
            }
            periods.push(Period { years, powers });
        }
        Ok(Self(periods))
    }
}

impl fmt::Display for Engines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, period) in self.0.iter().enumerate() {
            let between = if index == 0 { "" } else { "; " };
            write!(f, "{between}{}", period.years)?;
            period.powers.iter().try_for_each(|power| write!(f, " {power}"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_and_written() {
        let text = "1996-2001 128 133; 2018- 80.9 181";
        let engines: Engines = text.parse().unwrap();
        assert_eq!(engines.to_string(), text);
        assert_eq!(engines.powers(2001).len(), 2);
        assert!(engines.powers(2005).is_empty());
        let years: Vec<i16> = engines.years(2019).collect();
        assert_eq!(years, [1996, 1997, 1998, 1999, 2000, 2001, 2018, 2019]);
        assert_eq!("".parse::<Engines>().unwrap().years(2026).count(), 0);
    }

    #[test]
    fn mistakes_say_what_to_write() {
        let wrong = |text: &str| text.parse::<Engines>().unwrap_err().to_string();
        assert_eq!(wrong("2001"), "`2001` must be years as in 2018-2021, or 2018- while it is made");
        assert!(wrong("2005-2001 100").contains("2018-2021"));
        assert!(wrong("2001-2005").contains("at least one power"));
        assert!(wrong("2001-2005 1; 2005- 2").contains("after the period before it"));
        assert!(wrong("2001- 1; 2005- 2").contains("after the period before it"));
        assert!(wrong("2001- x").contains("`x`: a power is"));
    }

    #[test]
    fn a_time_can_lie_within_another() {
        let years = |text: &str| text.parse::<Years>().unwrap();
        assert!(years("2000-").covers(years("2001-2002")) && years("2000-").covers(years("2000-")));
        assert!(!years("2000-2005").covers(years("2001-")) && !years("2000-2005").covers(years("1999-2001")));
    }
}
