//! Dates, in the forms that insurers write.

use jiff::civil::Date;
use minijinja::Value;

use crate::value::{Why, text};

/// The parts that a form has, longest first.
const PARTS: [&str; 4] = ["YYYY", "YY", "MM", "DD"];

/// Whether a text is a form of a date: it has some of year, month and day, each once; all, where it is read.
pub(crate) fn is_form(form: &str, whole: bool) -> bool {
    let parts: Vec<_> = split(form).into_iter().filter_map(Result::ok).collect();
    let count = |part: &str| parts.iter().filter(|it| it.starts_with(part)).count();
    let counts = ["YY", "MM", "DD"].map(count);
    counts.iter().all(|count| *count <= 1) && counts.iter().sum::<usize>() >= if whole { 3 } else { 1 }
}

/// A date in that form.
pub(super) fn date(value: &Value, form: &str) -> Result<Value, Why> {
    let text = text(value)?;
    // What follows the day, as in `2026-11-20T00:00:00`, is left out.
    let day = text.get(..10).and_then(|day| day.parse::<Date>().ok());
    let day = day.ok_or(Why::Unfit("it is no date such as 2026-11-20"))?;
    let mut out = String::new();
    for part in split(form) {
        match part {
            Ok("YYYY") => out.push_str(&format!("{:04}", day.year())),
            Ok("YY") => out.push_str(&format!("{:02}", day.year().rem_euclid(100))),
            Ok("MM") => out.push_str(&format!("{:02}", day.month())),
            Ok(_) => out.push_str(&format!("{:02}", day.day())),
            Err(other) => out.push(other),
        }
    }
    Ok(Value::from(out))
}

/// `2026-11-20` of a text in that form; what follows is left out.
pub(super) fn date_from(value: &Value, form: &str) -> Result<Value, Why> {
    const UNFIT: Why = Why::Unfit("it is no date in that form");
    let text = text(value)?;
    let mut rest = text.trim();
    let (mut year, mut month, mut day) = (0, 0, 0);
    for part in split(form) {
        let length = part.map_or_else(char::len_utf8, str::len);
        let (here, after) = rest.split_at_checked(length).ok_or(UNFIT)?;
        rest = after;
        let number = || here.parse::<i16>().map_err(|_| UNFIT);
        match part {
            Ok("YYYY") => year = number()?,
            Ok("YY") => year = 2000 + number()?,
            Ok("MM") => month = number()?,
            Ok(_) => day = number()?,
            Err(other) if here.starts_with(other) => {}
            Err(_) => return Err(UNFIT),
        }
    }
    let [month, day] = [month, day].map(i8::try_from);
    let date = Date::new(year, month.map_err(|_| UNFIT)?, day.map_err(|_| UNFIT)?);
    date.map(|date| Value::from(date.to_string())).map_err(|_| UNFIT)
}

/// The parts of a form, and the characters between them.
fn split(form: &str) -> Vec<Result<&'static str, char>> {
    let mut found = Vec::new();
    let mut rest = form;
    while let Some(first) = rest.chars().next() {
        match PARTS.into_iter().find(|part| rest.starts_with(part)) {
            Some(part) => {
                found.push(Ok(part));
                rest = rest.get(part.len()..).unwrap_or_default();
            }
            None => {
                found.push(Err(first));
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_and_read_in_a_form() {
        let day = Value::from("2026-11-20");
        let written = |form| date(&day, form).unwrap().to_string();
        assert_eq!(written("DD.MM.YYYY"), "20.11.2026");
        assert_eq!(written("YYYY-MM-DDT00:00:00+03:00"), "2026-11-20T00:00:00+03:00");
        assert_eq!(written("YYMMDD"), "261120");
        let read = |text: &str, form| date_from(&Value::from(text), form).map(|it| it.to_string());
        assert_eq!(read("20.11.2026 10:00", "DD.MM.YYYY").as_deref(), Ok("2026-11-20"));
        for odd in ["", "31.02.2026", "20-11-2026", "д0.11.2026", "-1.-1.-999"] {
            assert!(read(odd, "DD.MM.YYYY").is_err(), "{odd}");
        }
        assert!(date(&Value::from("20.11.2026"), "YYYY").is_err());
    }

    #[test]
    fn a_form_has_each_part_once() {
        assert!(is_form("DD.MM.YYYY", true) && is_form("YYMMDD", true) && is_form("MM/YYYY", false));
        for odd in ["", "dd.mm.yyyy", "DD.DD.YYYY", "YYYYYYYYMMDD"] {
            assert!(!is_form(odd, false), "{odd}");
        }
        assert!(!is_form("MM/YYYY", true));
    }
}
