//! A time of the week, Moscow: `08:00-22:00`, `mon-fri 08:00-20:00`, `sat,sun 10:00-02:00`.

use std::{fmt, str::FromStr};

use jiff::{
    ToSpan as _,
    civil::{Date, DateTime},
};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const EVERY_DAY: u8 = 0b111_1111;
const MIDNIGHT: u16 = 24 * 60;

/// The same hours on some days of every week. Hours that end at or before their beginning pass midnight and belong
/// to the day that they begin on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekly {
    /// One bit a day, Monday first.
    days: u8,
    /// Minutes of the day; to 24:00, where they end with it.
    from: u16,
    to: u16,
}

// === impl Weekly ===

impl Weekly {
    /// When the stretch that `at` lies in ends; none where it lies in none.
    pub fn end_of(self, at: DateTime) -> Option<DateTime> {
        let date = at.date();
        // One that began yesterday may still go on.
        [date.checked_sub(1.day()).ok()?, date]
            .into_iter()
            .filter_map(|day| self.on(day))
            .find(|(from, to)| (*from..*to).contains(&at))
            .map(|(_, to)| to)
    }

    /// When the next stretch after `at` begins.
    pub fn next_after(self, at: DateTime) -> Option<DateTime> {
        let days = (0..=7).filter_map(|days: i32| at.date().checked_add(days.days()).ok());
        days.filter_map(|day| self.on(day)).map(|(from, _)| from).find(|from| *from > at)
    }

    /// The stretch that begins on `day`.
    fn on(self, day: Date) -> Option<(DateTime, DateTime)> {
        let is_one = self.days & (1 << day.weekday().to_monday_zero_offset()) != 0;
        let last = if self.to <= self.from { day.checked_add(1.day()).ok()? } else { day };
        is_one.then(|| Some((moment(day, self.from)?, moment(last, self.to)?))).flatten()
    }
}

/// So many minutes into the day.
fn moment(day: Date, minutes: u16) -> Option<DateTime> {
    day.at(0, 0, 0, 0).checked_add(i64::from(minutes).minutes()).ok()
}

/// The error is the rule that the text breaks, with what to write.
impl FromStr for Weekly {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let wrong = || {
            format!(
                "`{text}` is no time of the week; write hours in Moscow time and days before them, where they are \
                 not all meant, as in \"08:00-22:00\" or \"mon-fri 08:00-20:00\""
            )
        };
        let (days, hours) = match text.rsplit_once(' ') {
            Some((days, hours)) => (days_of(days).ok_or_else(wrong)?, hours),
            None => (EVERY_DAY, text),
        };
        let (from, to) = hours.split_once('-').ok_or_else(wrong)?;
        let (from, to) = (minutes(from).ok_or_else(wrong)?, minutes(to).ok_or_else(wrong)?);
        if from == MIDNIGHT {
            return Err(format!("`{text}` begins at 24:00; write 00:00 and the day after"));
        }
        if from == to {
            return Err(format!("`{text}` ends when it begins; the whole day is \"00:00-24:00\""));
        }
        Ok(Self { days, from, to })
    }
}

/// `mon-fri`, `sat,sun`, `fri-mon`.
fn days_of(text: &str) -> Option<u8> {
    let day = |name: &str| DAYS.iter().position(|day| day.eq_ignore_ascii_case(name.trim()));
    let mut days = 0;
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (mut at, last) = (day(first)?, day(last)?);
        days |= 1 << at;
        while at != last {
            at = (at + 1) % DAYS.len();
            days |= 1 << at;
        }
    }
    Some(days)
}

/// Minutes of the day, from `08:00`; `24:00` is its end.
pub(super) fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let is_pair = |text: &str| text.len() == 2 && text.bytes().all(|it| it.is_ascii_digit());
    if !is_pair(hour) || !is_pair(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= MIDNIGHT).then_some(minutes)
}

/// As it is written in the configuration.
impl fmt::Display for Weekly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_on = |day: &usize| self.days & (1 << day) != 0;
        if self.days != EVERY_DAY {
            let mut at = 0;
            let mut parts = Vec::new();
            while let Some(first) = (at..DAYS.len()).find(is_on) {
                let after = (first..DAYS.len()).find(|day| !is_on(day)).unwrap_or(DAYS.len());
                parts.push(match (DAYS.get(first), DAYS.get(after - 1)) {
                    (Some(first), Some(last)) if first != last => format!("{first}-{last}"),
                    (first, _) => first.map_or(String::new(), |day| (*day).to_owned()),
                });
                at = after;
            }
            write!(f, "{} ", parts.join(","))?;
        }
        let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        write!(f, "{}-{}", clock(self.from), clock(self.to))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn weekly(text: &str) -> Weekly {
        text.parse().unwrap_or_else(|rule| panic!("{rule}"))
    }

    /// A moment of the week that begins on Monday, 2026-11-16.
    fn at(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn hours_hold_from_their_first_minute_to_before_their_last() {
        let day = weekly("08:00-22:00");
        assert_eq!(day.end_of(at("2026-11-16T07:59:59")), None);
        assert_eq!(day.end_of(at("2026-11-16T08:00:00")), Some(at("2026-11-16T22:00:00")));
        assert_eq!(day.end_of(at("2026-11-16T21:59:59")), Some(at("2026-11-16T22:00:00")));
        assert_eq!(day.end_of(at("2026-11-16T22:00:00")), None);
    }

    #[test]
    fn hours_that_pass_midnight_belong_to_the_day_that_they_begin_on() {
        let night = weekly("fri 22:00-06:00");
        let ends = Some(at("2026-11-21T06:00:00"));
        assert_eq!(night.end_of(at("2026-11-20T22:00:00")), ends);
        assert_eq!(night.end_of(at("2026-11-21T05:59:59")), ends);
        for outside in ["2026-11-20T05:00:00", "2026-11-21T06:00:00", "2026-11-21T23:00:00"] {
            assert_eq!(night.end_of(at(outside)), None, "{outside}");
        }
        assert_eq!(
            weekly("sun 22:00-00:00").end_of(at("2026-11-22T23:59:59")),
            Some(at("2026-11-23T00:00:00"))
        );
    }

    #[test]
    fn days_are_lists_and_ranges_that_may_pass_the_weeks_end() {
        let is_on = |days: &str, date: &str| {
            weekly(&format!("{days} 00:00-24:00")).end_of(at(&format!("{date}T12:00:00"))).is_some()
        };
        assert!(is_on("mon-fri", "2026-11-20") && !is_on("mon-fri", "2026-11-21"));
        assert!(is_on("sat,sun", "2026-11-22") && !is_on("sat,sun", "2026-11-16"));
        assert!(is_on("fri-mon", "2026-11-16") && !is_on("fri-mon", "2026-11-17"));
        assert!(is_on("Wed", "2026-11-18"));
    }

    #[test]
    fn the_next_beginning_is_found_within_a_week() {
        let week = weekly("mon-fri 08:00-20:00");
        assert_eq!(week.next_after(at("2026-11-16T07:00:00")), Some(at("2026-11-16T08:00:00")));
        assert_eq!(week.next_after(at("2026-11-20T20:00:00")), Some(at("2026-11-23T08:00:00")));
        assert_eq!(
            weekly("mon 08:00-20:00").next_after(at("2026-11-16T08:00:00")),
            Some(at("2026-11-23T08:00:00"))
        );
    }

    #[test]
    fn anything_else_is_refused_with_what_to_write() {
        for text in [
            "",
            "08:00",
            "8:00-20:00",
            "08:00-20:60",
            "08:00-25:00",
            "08:00 - 20:00",
            "mo 08:00-20:00",
            "mon- 08:00-20:00",
            "mon;tue 08:00-20:00",
            "08:00-20:00 mon",
            "0800-2000",
        ] {
            let rule = text.parse::<Weekly>().unwrap_err();
            assert!(rule.contains("as in \"08:00-22:00\""), "{text}: {rule}");
        }
        assert!("08:00-08:00".parse::<Weekly>().unwrap_err().contains("\"00:00-24:00\""));
        assert!("24:00-08:00".parse::<Weekly>().unwrap_err().contains("write 00:00"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(days in 1_u8..=EVERY_DAY, from in 0..MIDNIGHT, to in 0..=MIDNIGHT) {
            prop_assume!(from != to);
            let weekly = Weekly { days, from, to };
            prop_assert_eq!(weekly.to_string().parse(), Ok(weekly));
        }

        #[test]
        fn a_beginning_lies_in_it_and_never_before_the_moment(
            days in 1_u8..=EVERY_DAY, from in 0..MIDNIGHT, to in 0..=MIDNIGHT, minute in 0_i64..7 * 1440,
        ) {
            prop_assume!(from != to);
            let weekly = Weekly { days, from, to };
            let at = at("2026-11-16T00:00:00").checked_add(minute.minutes()).unwrap();
            let next = weekly.next_after(at).unwrap();
            prop_assert!(next > at && next <= at.checked_add(7.days()).unwrap());
            prop_assert!(weekly.end_of(next).is_some_and(|end| end > next));
        }
    }
}
