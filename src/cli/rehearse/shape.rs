//! Holding a JSON value against a shape.
//!
//! Shapes are data (see [`contract`](super::contract)). They are strict on purpose: a rehearsal that forgives
//! is worth nothing, so a required field that is missing, a `null` where the contract has none, another type
//! and a field that the contract does not know are all told, each with its path.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Number, Value};
use url::Url;
use uuid::Uuid;

use super::fault::Fault;

/// What a value must be.
#[derive(Debug)]
pub(super) enum Kind {
    /// A string, empty or not.
    Text,
    /// A string that says something.
    Word,
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A UUID with hyphens.
    Id,
    /// An RFC 3339 date and time with its offset.
    Instant,
    /// A date as 2015-06-10.
    Day,
    /// An absolute http or https address.
    Address,
    /// An address that may leave its scheme to the page: `//partner.example/logo.gif`.
    Logo,
    /// A whole number.
    Integer,
    /// A number that is not negative.
    Measure,
    /// Roubles with at most two decimals, not negative.
    Roubles,
    /// `true` or `false`.
    Flag,
    /// `true`, `false` or `null`.
    FlagOrNull,
    /// A PDF in base64, as a `data:` address.
    Pdf,
    /// An object with these fields and no other.
    Object(&'static [Field]),
    /// An array of one kind.
    List(&'static Kind),
}

/// One field of an object.
#[derive(Debug)]
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    required: bool,
}

/// A field that must be there.
pub(super) const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

/// A field that may be there.
pub(super) const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

/// More faults of one answer than these help nobody.
const FAULTS: usize = 50;

/// What a base64 file begins with.
const PDF_PREFIX: &str = "data:application/pdf;base64,";

/// Where a value stands.
#[derive(Clone, Copy)]
enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

/// Everything that is wrong with a value.
pub(super) fn faults(value: &Value, kind: &Kind) -> Vec<Fault> {
    let mut faults = Vec::new();
    hold(value, kind, Path::Root, &mut faults);
    faults
}

/// The bytes of a base64 file.
pub(super) fn pdf(text: &str) -> Result<Vec<u8>, &'static str> {
    let data = text.strip_prefix(PDF_PREFIX).ok_or("must begin with data:application/pdf;base64,")?;
    let bytes = STANDARD.decode(data).map_err(|_| "is not base64 after its prefix")?;
    if is_pdf(&bytes) { Ok(bytes) } else { Err("holds no PDF: its bytes do not begin with %PDF") }
}

/// Whether these bytes are a PDF's, as far as their beginning tells.
pub(super) fn is_pdf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF")
}

fn hold(value: &Value, kind: &Kind, at: Path<'_>, faults: &mut Vec<Fault>) {
    if faults.len() >= FAULTS {
        return;
    }
    match (kind, value) {
        (Kind::Object(fields), Value::Object(object)) => hold_object(object, fields, at, faults),
        (Kind::List(kind), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                hold(item, kind, Path::Index(&at, index), faults);
            }
        }
        _ => {
            if let Err(reason) = leaf(value, kind) {
                let field = at.to_string();
                faults.push(Fault { field: (!field.is_empty()).then_some(field), reason });
            }
        }
    }
}

fn hold_object(object: &Map<String, Value>, fields: &'static [Field], at: Path<'_>, faults: &mut Vec<Fault>) {
    for field in fields {
        match object.get(field.name) {
            Some(value) => hold(value, &field.kind, Path::Key(&at, field.name), faults),
            None if field.required => {
                faults.push(Fault::of(Path::Key(&at, field.name).to_string(), "is required and missing"));
            }
            None => {}
        }
    }
    for name in object.keys().filter(|name| fields.iter().all(|field| field.name != *name)) {
        faults.push(Fault::of(Path::Key(&at, name).to_string(), "is not a field of the contract"));
    }
}

fn leaf(value: &Value, kind: &Kind) -> Result<(), String> {
    let text = value.as_str();
    let holds = match kind {
        Kind::Text => text.is_some(),
        Kind::Word => text.is_some_and(|text| !text.trim().is_empty()),
        Kind::OneOf(words) => text.is_some_and(|text| words.contains(&text)),
        Kind::Id => text.is_some_and(is_id),
        Kind::Instant => text.is_some_and(is_instant),
        Kind::Day => text.is_some_and(|text| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()),
        Kind::Address => text.is_some_and(is_address),
        Kind::Logo => text.is_some_and(|text| {
            is_address(text) || text.starts_with("//") && is_address(&format!("https:{text}"))
        }),
        Kind::Integer => value.is_i64() || value.is_u64(),
        Kind::Measure => value.as_f64().is_some_and(|number| number >= 0.0),
        Kind::Roubles => value.as_number().is_some_and(is_roubles),
        Kind::Flag => value.is_boolean(),
        Kind::FlagOrNull => value.is_boolean() || value.is_null(),
        Kind::Pdf => match text {
            Some(text) => return pdf(text).map(drop).map_err(str::to_owned),
            None => false,
        },
        Kind::Object(_) | Kind::List(_) => false,
    };
    if holds {
        return Ok(());
    }
    let found = match value {
        Value::Null => "null".to_owned(),
        Value::String(text) => format!("{:?}", shortened(text)),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    };
    Err(format!("must be {}, not {found}", kind.rule()))
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn is_id(text: &str) -> bool {
    text.len() == uuid::fmt::Hyphenated::LENGTH && Uuid::try_parse(text).is_ok()
}

fn is_instant(text: &str) -> bool {
    // The parser behind it reads more than RFC 3339.
    let dated = text.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b't'));
    dated && !text.contains('[') && text.parse::<jiff::Timestamp>().is_ok()
}

pub(super) fn is_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|address| matches!(address.scheme(), "http" | "https") && address.has_host())
}

fn is_roubles(number: &Number) -> bool {
    super::money::kopecks(number).is_some_and(|kopecks| kopecks >= 0)
}

// === impl Kind ===

impl Kind {
    /// The end of a sentence: "must be …".
    fn rule(&self) -> String {
        match self {
            Self::Text => "a string".into(),
            Self::Word => "a non-empty string".into(),
            Self::OneOf([word]) => format!("{word:?}"),
            Self::OneOf(words) => format!("one of {}", words.join(", ")),
            Self::Id => "a UUID".into(),
            Self::Instant => "a date and time with its offset (RFC 3339)".into(),
            Self::Day => "a date as 2015-06-10".into(),
            Self::Address => "an absolute http or https address".into(),
            Self::Logo => "an address".into(),
            Self::Integer => "a whole number".into(),
            Self::Measure => "a number, not negative".into(),
            Self::Roubles => "a number of roubles with at most two decimals".into(),
            Self::Flag => "true or false".into(),
            Self::FlagOrNull => "true, false or null".into(),
            Self::Pdf => "a PDF in base64".into(),
            Self::Object(_) => "an object".into(),
            Self::List(_) => "an array".into(),
        }
    }
}

// === impl Path ===

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Path::Root, key) => f.write_str(key),
            Self::Key(parent, key) => write!(f, "{parent}.{key}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const OPTION: Kind = Kind::Object(&[must("id", Kind::Integer), may("price", Kind::Roubles)]);
    const UPSALE: Kind = Kind::Object(&[must("id", Kind::Text), may("options", Kind::List(&OPTION))]);

    #[track_caller]
    fn told(value: &Value, kind: &Kind) -> Vec<String> {
        faults(value, kind).iter().map(Fault::to_string).collect()
    }

    #[test]
    fn every_fault_has_its_path() {
        let value = json!({ "options": [{ "id": 1 }, { "id": "2", "price": 1.005, "cost": 1 }] });
        assert_eq!(
            told(&value, &UPSALE),
            [
                "id: is required and missing",
                "options[1].id: must be a whole number, not \"2\"",
                "options[1].price: must be a number of roubles with at most two decimals, not 1.005",
                "options[1].cost: is not a field of the contract",
            ]
        );
        assert_eq!(told(&json!([]), &UPSALE), ["must be an object, not an array"]);
        assert_eq!(
            told(&json!({ "id": "a", "options": null }), &UPSALE),
            ["options: must be an array, not null"]
        );
    }

    #[test]
    fn each_kind_tells_right_from_wrong() {
        let pdf = format!("{PDF_PREFIX}{}", STANDARD.encode(b"%PDF-1.4 page"));
        let cases: [(Kind, &[Value], &[Value]); 14] = [
            (Kind::Text, &[json!("")], &[json!(1), json!(null)]),
            (Kind::Word, &[json!("a")], &[json!(""), json!(" ")]),
            (Kind::OneOf(&["a", "b"]), &[json!("a")], &[json!("A"), json!("")]),
            (
                Kind::Id,
                &[json!("550e8400-e29b-41d4-a716-446655440000")],
                &[json!("550e8400e29b41d4a716446655440000"), json!("17")],
            ),
            (
                Kind::Instant,
                &[json!("2023-12-01T00:00:00Z"), json!("2023-12-01T00:00:00.5+03:00")],
                &[json!("2023-12-01"), json!("2023-12-01T00:00:00"), json!("2023-12-01 00:00:00Z")],
            ),
            (Kind::Day, &[json!("2020-02-29")], &[json!("2019-02-29"), json!("20200229")]),
            (
                Kind::Address,
                &[json!("http://127.0.0.1:9/a?b=c"), json!("https://Пример.com/a")],
                &[json!("//a.example/b"), json!("/b"), json!("ftp://a.example/")],
            ),
            (Kind::Logo, &[json!("//a.example/l.gif")], &[json!("/l.gif"), json!("l.gif")]),
            (Kind::Integer, &[json!(0), json!(-1)], &[json!(1.5), json!("1")]),
            (Kind::Measure, &[json!(0), json!(0.63)], &[json!(-1), json!("0.63")]),
            (
                Kind::Roubles,
                &[json!(10), json!(10.5), json!(12345.67)],
                &[json!(-1), json!("10"), json!(0.001)],
            ),
            (Kind::Flag, &[json!(true)], &[json!(null), json!("true")]),
            (Kind::FlagOrNull, &[json!(null)], &[json!(0)]),
            (
                Kind::Pdf,
                &[json!(pdf)],
                &[
                    json!("JVBERi0="),
                    json!(format!("{PDF_PREFIX}***")),
                    json!(format!("{PDF_PREFIX}{}", STANDARD.encode(b"<html>"))),
                ],
            ),
        ];
        for (kind, right, wrong) in cases {
            for value in right {
                assert_eq!(told(value, &kind), [""; 0], "{kind:?}");
            }
            for value in wrong {
                assert_eq!(told(value, &kind).len(), 1, "{kind:?} {value}");
            }
        }
    }

    #[test]
    fn a_flood_of_faults_is_cut_off() {
        const NUMBERS: Kind = Kind::List(&Kind::Integer);
        assert_eq!(faults(&json!(vec!["x"; 1000]), &NUMBERS).len(), FAULTS);
    }
}
