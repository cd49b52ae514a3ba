//! What must not stay in a recording.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use veer_contract::Reply;

use crate::json::{self, Key};

/// Replaces secrets by their names, the people who were asked about by those of the kit's standard request, and what
/// looks like a person's data by the like of it.
#[derive(Debug, Clone, Default)]
pub struct Scrub {
    /// Longest first, so that no value is cut up by a shorter one.
    values: Vec<(String, String)>,
}

/// A file is longer, whatever it is in.
const LONG: usize = 100;
/// Shorter texts are found everywhere by chance.
const SHORTEST: usize = 4;

// === impl Scrub ===

impl Scrub {
    /// `secrets` by the names of their settings. `asked` is the request that the insurer was really asked with,
    /// `standard` the kit's.
    pub fn new(
        secrets: &BTreeMap<String, String>,
        asked: &impl Serialize,
        standard: &impl Serialize,
    ) -> Self {
        let mut scrub = Self::default();
        for (name, value) in secrets {
            scrub.add(value, &format!("secret-{}", name.replace('_', "-")));
        }
        let (asked, standard) = (
            serde_json::to_value(asked).unwrap_or_default(),
            serde_json::to_value(standard).unwrap_or_default(),
        );
        for path in json::paths(&asked, &Value::is_string) {
            let (Some(value), other) = (text_at(&asked, &path), text_at(&standard, &path)) else { continue };
            let other = other.map_or_else(|| like(value), str::to_owned);
            scrub.add(value, &other);
            if value.len() == 11 && other.len() == 11 && value.bytes().all(|byte| byte.is_ascii_digit()) {
                // A phone without its country code.
                scrub.add(&value[1..], &other[1..]);
            }
            // Insurers repeat dates and names in their own way.
            scrub.add(&dotted(value), &dotted(&other));
            scrub.add(&value.to_uppercase(), &other.to_uppercase());
        }
        scrub
    }

    /// The session's token, once it is known.
    pub fn token(&mut self, token: &str) {
        self.add(token, "session-token");
    }

    /// Today's date becomes that of the fixture.
    pub fn day(&mut self, today: jiff::civil::Date, other: &str) {
        let today = today.to_string();
        self.add(&today, other);
        self.add(&dotted(&today), &dotted(other));
    }

    fn add(&mut self, value: &str, other: &str) {
        let known = self.values.iter().any(|(known, _)| known == value);
        if value.chars().count() >= SHORTEST && value != other && !known {
            self.values.push((value.to_owned(), other.to_owned()));
            self.values.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        }
    }

    /// The reply without them. A file only begins like itself, for it names its client; bytes that are neither file nor
    /// text are left out.
    pub fn reply(&self, reply: &Reply) -> Reply {
        let mut reply = reply.clone();
        for (_, value) in &mut reply.headers {
            *value = self.text(value);
        }
        reply.body = match std::str::from_utf8(&reply.body) {
            Ok(text) if !text.starts_with("%PDF") => self.text(text).into_bytes(),
            _ if reply.body.starts_with(b"%PDF") => b"%PDF-1.7 recorded".to_vec(),
            _ => Vec::new(),
        };
        reply
    }

    /// The text without them.
    pub fn text(&self, text: &str) -> String {
        let mut text = without_files(text);
        for (value, other) in &self.values {
            text = text.replace(value.as_str(), other);
            // As JSON writes what is not ASCII, where a service escapes it.
            for escaped in
                [escaped(value, |unit| format!("{unit:04x}")), escaped(value, |unit| format!("{unit:04X}"))]
            {
                if escaped != *value {
                    text = text.replace(&escaped, other);
                }
            }
        }
        words(&text)
    }
}

/// Files in base64 name their client; `/` and breaks of lines would cut them into words too short to be seen.
fn without_files(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+/=\\\r\n".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        out.push_str(&rest[..begin]);
        let tail = &rest[begin..];
        let (run, after) = tail.split_at(tail.find(|c| !is_part(c)).unwrap_or(tail.len()));
        out.push_str(match run {
            // `%PDF-1.7 recorded`
            _ if run.starts_with("JVBERi0") && run.len() >= LONG => "JVBERi0xLjcgcmVjb3JkZWQ=",
            _ if run.len() >= 2 * LONG => "recorded-token",
            _ => run,
        });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The text with every word that looks like a person's replaced by the like of it.
fn words(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "@._+-".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(is_part) {
        out.push_str(&rest[..begin]);
        let tail = &rest[begin..];
        let end = tail.find(|c: char| !is_part(c)).unwrap_or(tail.len());
        out.push_str(&word(&tail[..end]));
        rest = &tail[end..];
    }
    out.push_str(rest);
    out
}

fn word(word: &str) -> String {
    let letters = word.trim_matches(['.', '-']);
    let digits = letters.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits == letters.trim_start_matches('+').len();
    let other = match letters {
        _ if letters.contains('@') && !letters.ends_with(".example") => "someone@mail.example".to_owned(),
        // The kit's own values stay.
        "Z94C0000000000001" | "79000000011" => return word.to_owned(),
        _ if letters.len() == 17 && is_vin(letters) => "Z94C0000000000001".to_owned(),
        _ if is_number && digits == 11 && letters.trim_start_matches('+').starts_with(['7', '8']) => {
            "79000000011".to_owned()
        }
        _ if letters.len() >= 100 || (letters.len() >= 40 && letters.matches('.').count() == 2) => {
            "recorded-token".to_owned()
        }
        _ => return word.to_owned(),
    };
    word.replace(letters, &other)
}

/// ISO 3779: no I, O, Q; both letters and digits.
fn is_vin(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_digit() || (byte.is_ascii_uppercase() && !b"IOQ".contains(&byte));
    text.bytes().all(allowed)
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Digits for digits, letters for letters.
fn like(text: &str) -> String {
    let other = |c: char| match c {
        _ if c.is_ascii_digit() => '0',
        _ if c.is_ascii_alphabetic() => 'x',
        _ if c.is_alphabetic() => 'х',
        other => other,
    };
    text.chars().map(other).collect()
}

/// `20.11.2026` of `2026-11-20`; anything else as it is.
fn dotted(text: &str) -> String {
    match text.split('-').collect::<Vec<_>>()[..] {
        [year, month, day] if year.len() == 4 && month.len() == 2 && day.len() == 2 => {
            format!("{day}.{month}.{year}")
        }
        _ => text.to_owned(),
    }
}

/// The text as JSON that is ASCII alone writes it; services write the digits in either case.
fn escaped(text: &str, hexadecimal: fn(u16) -> String) -> String {
    let mut units = [0; 2];
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                out.push_str("\\u");
                out.push_str(&hexadecimal(*unit));
            }
        }
    }
    out
}

fn text_at<'v>(value: &'v Value, path: &[Key]) -> Option<&'v str> {
    let place = path.iter().try_fold(value, |inner, key| match key {
        Key::Field(name) => inner.get(name),
        Key::Item(at) => inner.get(at),
    });
    place.and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scrub() -> Scrub {
        let secrets = [("api_key".to_owned(), "k-12345".to_owned())].into();
        let asked = json!({"name": "Настоящий", "born": "1971-02-03", "more": "7712"});
        let mut scrub = Scrub::new(&secrets, &asked, &json!({"name": "Проверкин", "born": "1985-03-02"}));
        scrub.token("t-98765");
        scrub
    }

    #[test]
    fn secrets_and_people_become_the_kits_own() {
        let said = r#"{"k":"k-12345","t":"t-98765","fio":"НАСТОЯЩИЙ","b":"03.02.1971","x":"7712","e":"\u041d\u0430\u0441\u0442\u043e\u044f\u0449\u0438\u0439"}"#;
        let left = scrub().text(said);
        assert_eq!(
            left,
            r#"{"k":"secret-api-key","t":"session-token","fio":"ПРОВЕРКИН","b":"02.03.1985","x":"0000","e":"Проверкин"}"#
        );
    }

    #[test]
    fn what_looks_like_a_persons_becomes_the_like_of_it() {
        let said = "mail a.b@c.ru, tel +79161234567, XTA21099043576182, 9123.45, id 70000001, p@mail.example";
        assert_eq!(
            scrub().text(said),
            "mail someone@mail.example, tel 79000000011, Z94C0000000000001, 9123.45, id 70000001, p@mail.example"
        );
    }

    #[test]
    fn a_file_in_base64_leaves_nothing_behind() {
        let file = format!("JVBERi0xLjQK{}", "QUJD/+0xyz".repeat(40));
        let said = format!("{{\"policyPDF\": \"{file}\", \"id\": \"70000001\"}}");
        assert_eq!(
            scrub().text(&said),
            "{\"policyPDF\": \"JVBERi0xLjcgcmVjb3JkZWQ=\", \"id\": \"70000001\"}"
        );
    }

    #[test]
    fn escapes_are_seen_in_either_case() {
        let said = r#"{"e":"\u041D\u0430\u0441\u0442\u043E\u044F\u0449\u0438\u0439"}"#;
        assert_eq!(scrub().text(said), r#"{"e":"Проверкин"}"#);
    }

    #[test]
    fn a_file_only_begins_like_itself() {
        let reply =
            Reply {
                tag: "f".into(), status: 200, headers: Vec::new(), body: "%PDF-1.4 Настоящий".into()
            };
        assert_eq!(scrub().reply(&reply).body, b"%PDF-1.7 recorded");
    }
}
