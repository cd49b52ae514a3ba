//! What each kind of value must be: pure functions from text to value.
//!
//! An error is the end of a sentence that begins with the field's name. It says the rule with an invented
//! example and never what was sent.

use jiff::{Timestamp, civil::Date};
use serde_json::Number;
use uuid::Uuid;

pub(super) const TEXT: &str = "must be a non-empty string";
pub(super) const STRING: &str = "must be a string";
pub(super) const DATE: &str = "must be a date as 2015-06-10";
pub(super) const INSTANT: &str =
    "must be a date and time with its offset (RFC 3339), as 2023-12-01T00:00:00+03:00";
pub(super) const UUID: &str = "must be a UUID as 550e8400-e29b-41d4-a716-446655440000";
pub(super) const FLAG: &str = "must be true or false";
pub(super) const PHONE: &str = "must be a phone number with its country code, as 79161234567";
pub(super) const EMAIL: &str = "must be an e-mail address as user@example.com";
pub(super) const URL: &str = "must be an http or https address as https://example.com/success";
pub(super) const ID_NUMBER: &str = "must be a whole number, as 1, or its digits in a string";
pub(super) const OBJECT: &str = "must be an object";
pub(super) const LIST: &str = "must be an array";

const NO_SUCH_DAY: &str = "must be a day of the calendar, as 2015-06-10; this one does not exist";
const UNPRINTABLE: &str = "must hold no control or private-use characters; send plain text";

/// Longest e-mail address (RFC 5321) and part before the `@`, in bytes.
const LONGEST_EMAIL: usize = 254;
const LONGEST_LOCAL_PART: usize = 64;
/// Digits of a phone with its country code (E.164).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 10..=15;

/// Up to here a floating number still tells one whole number from the next.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

type Rule<T> = Result<T, &'static str>;

/// Characters that no form field needs and that break documents, logs and terminals further on.
pub(super) fn printable(text: &str) -> Rule<()> {
    let odd = |c: char| c.is_control() || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..);
    if text.chars().any(odd) { Err(UNPRINTABLE) } else { Ok(()) }
}

pub(super) fn date(text: &str) -> Rule<Date> {
    if !shaped(text.as_bytes(), b"0000-00-00") {
        return Err(DATE);
    }
    text.parse().map_err(|_| NO_SUCH_DAY)
}

/// An instant with its offset. Shape first: the parser behind it reads more than RFC 3339.
pub(super) fn instant(text: &str) -> Rule<Timestamp> {
    let bytes = text.as_bytes();
    let (Some(date), Some(separator), Some(time)) = (bytes.get(..10), bytes.get(10), bytes.get(11..19))
    else {
        return Err(INSTANT);
    };
    let separated = matches!(separator, b'T' | b't' | b' ');
    if !separated || !shaped(date, b"0000-00-00") || !shaped(time, b"00:00:00") || bytes.contains(&b'[') {
        return Err(INSTANT);
    }
    text.parse().map_err(|_| INSTANT)
}

/// The hyphenated form and no other, in either case.
pub(in crate::partner) fn uuid(text: &str) -> Rule<Uuid> {
    if text.len() != uuid::fmt::Hyphenated::LENGTH {
        return Err(UUID);
    }
    Uuid::try_parse(text).map_err(|_| UUID)
}

/// Digits with the country code. A Russian number may come with 8, 7, +7 or, if mobile, with nothing in
/// front, and becomes 7XXXXXXXXXX; every other must come with its own code.
pub(super) fn phone(text: &str) -> Rule<String> {
    let (international, national) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut digits = String::with_capacity(16);
    for c in national.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '\u{a0}' | '-' | '\u{2011}' | '\u{2013}' | '(' | ')' | '.' => {}
            _ => return Err(PHONE),
        }
    }
    match (digits.len(), digits.as_bytes().first()) {
        (11, Some(b'8')) if !international => digits.replace_range(..1, "7"),
        (10, Some(b'9')) if !international => digits.insert(0, '7'),
        _ => {}
    }
    let russian = digits.starts_with('7');
    if !PHONE_DIGITS.contains(&digits.len()) || (russian && digits.len() != 11) {
        return Err(PHONE);
    }
    Ok(digits)
}

/// An address as people have them; the domain may be internationalised. It is passed on as given.
pub(super) fn email(text: &str) -> Rule<()> {
    let (local, domain) = text.rsplit_once('@').ok_or(EMAIL)?;
    let outlawed = |c: char| c.is_whitespace() || "()<>[]:;,\\\"@".contains(c);
    let local_is_good = (1..=LONGEST_LOCAL_PART).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && !local.contains(outlawed);
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| EMAIL)?;
    let top_level = ascii.rsplit_once('.').map(|(_, last)| last).ok_or(EMAIL)?;
    let domain_is_good = !top_level.is_empty() && !top_level.bytes().all(|byte| byte.is_ascii_digit());
    let fits = local.len() + 1 + ascii.len() <= LONGEST_EMAIL;
    if local_is_good && domain_is_good && fits { Ok(()) } else { Err(EMAIL) }
}

/// A number that names something; `1.0` is one.
pub(super) fn whole_number(number: &Number) -> Option<i64> {
    let exact = |number: &f64| number.fract() == 0.0 && number.abs() < LARGEST_EXACT;
    number.as_i64().or_else(|| number.as_f64().filter(exact).map(|number| number as i64))
}

/// The same, written as text.
pub(super) fn digits(text: &str) -> Rule<i64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain).ok_or(ID_NUMBER)
}

/// A page that a browser can be sent to. It is passed on as given.
pub(super) fn url(text: &str) -> Rule<()> {
    // The parser would mend `https:/host` and `https:\\host`; a browser's address bar need not.
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase()).ok_or(URL)?;
    let address = url::Url::parse(text).map_err(|_| URL)?;
    let web = matches!(scheme.as_str(), "http" | "https");
    // `https://bank.example@elsewhere.example/` misleads whoever reads it.
    let plain = address.username().is_empty() && address.password().is_none();
    if web && plain && address.has_host() { Ok(()) } else { Err(URL) }
}

/// Whether every byte is a digit where `pattern` has a zero, and the pattern's own byte elsewhere.
fn shaped(bytes: &[u8], pattern: &[u8]) -> bool {
    bytes.len() == pattern.len()
        && bytes.iter().zip(pattern).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            _ => byte == shape,
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_are_days_of_the_calendar() {
        assert!(date("2015-06-10").is_ok());
        assert!(date("2020-02-29").is_ok());
        assert_eq!(date("2015-02-30"), Err(NO_SUCH_DAY));
        assert_eq!(date("2019-02-29"), Err(NO_SUCH_DAY));
        assert_eq!(date("2019-13-01"), Err(NO_SUCH_DAY));
        for wrong in ["", "10.06.2015", "20150610", "2015-6-10", "2015-06-10T00:00:00Z", "２015-06-10"] {
            assert_eq!(date(wrong), Err(DATE), "{wrong}");
        }
    }

    #[test]
    fn instants_need_an_offset() {
        let utc = instant("2023-11-30T21:00:00Z").unwrap();
        assert_eq!(instant("2023-12-01T00:00:00+03:00"), Ok(utc));
        assert_eq!(instant("2023-12-01t00:00:00.000+03:00"), Ok(utc));
        for wrong in [
            "2023-12-01",
            "2023-12-01T00:00:00",
            "2023-12-01T00:00Z",
            "2023-12-01T25:00:00Z",
            "2023-02-30T00:00:00Z",
            "2023-12-01T00:00:00+03:00[Europe/Moscow]",
            "1701378000",
        ] {
            assert_eq!(instant(wrong), Err(INSTANT), "{wrong}");
        }
    }

    #[test]
    fn a_uuid_is_hyphenated() {
        assert!(uuid("550e8400-e29b-41d4-a716-446655440000").is_ok());
        assert!(uuid("550E8400-E29B-41D4-A716-446655440000").is_ok());
        for wrong in [
            "",
            "550e8400e29b41d4a716446655440000",
            "{550e8400-e29b-41d4-a716-446655440000}",
            "x50e8400-e29b-41d4-a716-446655440000",
        ] {
            assert_eq!(uuid(wrong), Err(UUID), "{wrong}");
        }
    }

    #[test]
    fn russian_phones_become_seven_and_ten_digits() {
        for written in [
            "79161234567",
            "+79161234567",
            "89161234567",
            "+7 (916) 123-45-67",
            "8 916 123 45 67",
            "9161234567",
        ] {
            assert_eq!(phone(written).as_deref(), Ok("79161234567"), "{written}");
        }
        assert_eq!(phone("+375 29 123-45-67").as_deref(), Ok("375291234567"));
        assert_eq!(phone("+86 139 1234 5678").as_deref(), Ok("8613912345678"));
        for wrong in [
            "",
            "+",
            "123",
            "7916123456",
            "791612345678",
            "+7 916 123-45-6x",
            "79161234567 доб. 1",
            "7+9161234567",
        ] {
            assert_eq!(phone(wrong), Err(PHONE), "{wrong}");
        }
    }

    #[test]
    fn addresses_may_be_internationalised() {
        for right in ["user@Пример.com", "иван@пример.рф", "a.b+c@sub.example.com", "o'neil@example.com"]
        {
            assert_eq!(email(right), Ok(()), "{right}");
        }
        for wrong in [
            "",
            "user",
            "@example.com",
            "user@",
            "user@example",
            "user@exa mple.com",
            "us er@example.com",
            "a@b@example.com",
            ".a@example.com",
            "a..b@example.com",
            "user@-example.com",
            "user@example..com",
            "user@127.0.0.1",
            "user@example.com.",
        ] {
            assert_eq!(email(wrong), Err(EMAIL), "{wrong}");
        }
        assert_eq!(email(&format!("{}@example.com", "a".repeat(65))), Err(EMAIL));
    }

    #[test]
    fn return_addresses_are_web_pages() {
        for right in
            ["https://Пример.com/osago/success", "http://example.com", "HTTPS://example.com:8443/a?b=c#d"]
        {
            assert_eq!(url(right), Ok(()), "{right}");
        }
        for wrong in [
            "",
            "example.com/a",
            "ftp://example.com/",
            "javascript:alert(1)",
            "https://",
            "https:/example.com",
            "//example.com/a",
            "https://user:pass@example.com/",
            "data://x",
        ] {
            assert_eq!(url(wrong), Err(URL), "{wrong}");
        }
    }

    #[test]
    fn plain_text_has_no_unprintable_characters() {
        assert_eq!(printable("Красноярский край, ул. Ленина, д. 1 «А»"), Ok(()));
        for odd in ["a\0b", "a\nb", "a\u{7f}", "a\u{85}", "a\u{e000}", "a\u{10fffd}"] {
            assert_eq!(printable(odd), Err(UNPRINTABLE), "{odd:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_rule_panic(text in ".*") {
            let _ = (date(&text), instant(&text), uuid(&text), phone(&text), email(&text), url(&text));
        }

        #[test]
        fn every_day_reads_back(year in 1_i16..=9999, day in 1_i16..=365) {
            let written = Date::new(year, 1, 1).unwrap() + jiff::Span::new().days(day - 1);
            prop_assert_eq!(date(&written.to_string()), Ok(written));
        }
    }
}
