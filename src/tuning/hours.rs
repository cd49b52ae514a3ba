//! Hours and maintenance as they are written, Moscow time: `mon-fri 08:00-20:00`, `sun 03:00-05:00`,
//! `2026-12-01 02:00 - 2026-12-01 04:00`.
//!
//! Here is only what is right to write; what it means for an insurer at some moment, its standing knows.

use jiff::civil::DateTime;

/// Times, each as it is written; none is always, or never.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times(pub Vec<String>);

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MINUTE: &str = "%Y-%m-%d %H:%M";

// === impl Times ===

impl Times {
    pub(super) fn or(&self, none: &str) -> String {
        if self.0.is_empty() { none.to_owned() } else { self.0.join(", ") }
    }
}

/// Hours of the day in which an insurer works.
pub(super) fn read_hours(text: &str) -> Result<Times, String> {
    if text == "always" {
        return Ok(Times::default());
    }
    let advice = "as in \"08:00-22:00\" or \"mon-fri 08:00-20:00\"; \"always\" is all day";
    parts(text, |part| {
        daily(part).ok_or_else(|| format!("`{part}` is no time of the day; write it {advice}"))
    })
}

/// Times at which it does not.
pub(super) fn read_maintenance(text: &str) -> Result<Times, String> {
    if text == "none" {
        return Ok(Times::default());
    }
    let advice = "as in \"2026-12-01 02:00 - 2026-12-01 04:00\" or \"sun 03:00-05:00\"";
    parts(text, |part| {
        let Some((from, to)) = part.split_once(" - ") else {
            let wrong = || format!("`{part}` is no time of maintenance; write it {advice}, or \"none\"");
            return daily(part).ok_or_else(wrong);
        };
        let moment = |text: &str| {
            let wrong = |_| format!("`{}` is no day and time; write times {advice}", text.trim());
            DateTime::strptime(MINUTE, text.trim()).map_err(wrong)
        };
        let (from, to) = (moment(from)?, moment(to)?);
        if from >= to {
            return Err(format!("`{part}` ends before it begins; write times {advice}"));
        }
        Ok(format!("{} - {}", from.strftime(MINUTE), to.strftime(MINUTE)))
    })
}

fn parts(text: &str, read: impl Fn(&str) -> Result<String, String>) -> Result<Times, String> {
    text.split(',').map(|part| read(part.trim())).collect::<Result<_, _>>().map(Times)
}

/// `mon-fri 08:00-20:00`, with or without days; it may pass midnight.
fn daily(text: &str) -> Option<String> {
    let (days, hours) = match text.rsplit_once(' ') {
        None => (None, text),
        Some((days, hours)) => (Some(days.trim()), hours),
    };
    let (from, to) = hours.split_once('-')?;
    let (from, to) = (clock(from)?, clock(to)?);
    if from == to || from == 24 * 60 {
        return None;
    }
    let hours = format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60);
    match days {
        None => Some(hours),
        Some(days) => {
            let is_day = |day: &str| DAYS.contains(&day);
            let (first, last) = days.split_once('-').unwrap_or((days, days));
            (is_day(first) && is_day(last)).then(|| format!("{days} {hours}"))
        }
    }
}

/// Minutes since midnight; `24:00` is the end of the day.
fn clock(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str| {
        let is_plain = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|_| is_plain)
    };
    let (hours, minutes) = (number(hours)?, number(minutes).filter(|minutes| *minutes < 60)?);
    let at = hours * 60 + minutes;
    (at <= 24 * 60).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_written_in_one_way() {
        let read = |text| read_hours(text).map(|times| times.or("always"));
        assert_eq!(read("8:00-22:00").as_deref(), Ok("08:00-22:00"));
        assert_eq!(read("22:00-06:00").as_deref(), Ok("22:00-06:00"));
        assert_eq!(read("00:00-24:00").as_deref(), Ok("00:00-24:00"));
        assert_eq!(
            read("mon-fri 08:00-20:00,sat 10:00-14:00").as_deref(),
            Ok("mon-fri 08:00-20:00, sat 10:00-14:00")
        );
        assert_eq!(read("always").as_deref(), Ok("always"));
        for text in [
            "8-22",
            "08:00",
            "08:00-08:00",
            "25:00-26:00",
            "08:60-09:00",
            "mo 08:00-20:00",
            "24:00-02:00",
            "-1:00-2:00",
        ] {
            let rule = read(text).unwrap_err();
            assert!(rule.contains("as in \"08:00-22:00\""), "{text}: {rule}");
        }
    }

    #[test]
    fn maintenance_is_a_time_of_the_week_or_one_of_the_calendar() {
        let read = |text| read_maintenance(text).map(|times| times.or("none"));
        assert_eq!(read("sun 3:00-5:00").as_deref(), Ok("sun 03:00-05:00"));
        let once = "2026-12-01 02:00 - 2026-12-01 04:00";
        assert_eq!(read(once).as_deref(), Ok(once));
        for (text, advice) in [
            ("2026-12-01 04:00 - 2026-12-01 02:00", "ends before it begins"),
            ("2026-13-01 04:00 - 2026-12-01 02:00", "is no day and time"),
            ("tomorrow", "is no time of maintenance"),
        ] {
            let rule = read(text).unwrap_err();
            assert!(rule.contains(advice) && rule.contains("as in"), "{text}: {rule}");
        }
    }
}
