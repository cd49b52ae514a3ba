//! Reading sales strictly: every wrong field is named, and so is every unknown one.
//!
//! What the wire looks like is here and nowhere else. The bodies of calls in bulk are documented only for
//! a sibling of the insurance section, so they are the likelier to change.

use std::{borrow::Cow, fmt};

use serde_json::{Map, Value, json};
use veer_contract::domain::Kopecks;

/// A sale that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sale {
    /// What stands before its fields' names: `data[1].`, or nothing.
    pub(super) path: String,
    pub(super) request_id: String,
    pub(super) offer_id: String,
    pub(super) counterparty_id: i64,
    pub(super) amount: Kopecks,
    pub(super) is_upsaled: Option<bool>,
}

/// A wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    property: String,
    message: Cow<'static, str>,
}

/// What a call brought: the sales that could be read, and everything that is wrong with it.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) sales: Vec<Sale>,
    pub(super) problems: Vec<Problem>,
}

/// A field's value as either wire writes it.
#[derive(Debug, Clone, Copy)]
enum Raw<'a> {
    Query(&'a str),
    Json(&'a Value),
}

/// The fields of one object, taken out one by one; what is left at the end is unknown.
struct Fields<'a, 'p> {
    path: String,
    left: Vec<(&'a str, Raw<'a>)>,
    problems: &'p mut Vec<Problem>,
}

const AMOUNT: &str = "must be an amount in roubles above 0 with at most 2 decimals";
const INTEGER: &str = "must be an integer above 0";
const TEXT: &str = "must be a text that is not empty";
const UUID: &str = "must be a UUID";
const FLAG: &str = "must be true or false";
const PARTNER: &str = "must be the partner whose token was sent";

/// Reads a call by GET.
pub(super) fn query(query: &str, partner_id: &str) -> Reading {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let mut reading = Reading::default();
    let left = pairs.iter().map(|(name, value)| (name.as_str(), Raw::Query(value))).collect();
    let mut fields = Fields { path: String::new(), left, problems: &mut reading.problems };
    fields.partner(partner_id);
    let sale = fields.sale();
    fields.finish();
    reading.sales.extend(sale);
    reading
}

/// Reads a call by POST.
pub(super) fn bulk(body: &[u8], partner_id: &str) -> Reading {
    let mut reading = Reading::default();
    let problems = &mut reading.problems;
    let body: Map<String, Value> = match serde_json::from_slice(body) {
        Ok(body) => body,
        Err(_) => {
            problems.push(Problem::new("body".into(), "must be a JSON object"));
            return reading;
        }
    };
    let mut fields = Fields::of(&body, String::new(), problems);
    fields.partner(partner_id);
    let rows = fields.need("data", "must be a list that is not empty", Raw::list);
    fields.finish();
    for (index, row) in rows.into_iter().flatten().enumerate() {
        let Value::Object(row) = row else {
            problems.push(Problem::new(format!("data[{index}]"), "must be an object"));
            continue;
        };
        let mut fields = Fields::of(row, format!("data[{index}]."), problems);
        reading.sales.extend(fields.sale());
        fields.finish();
    }
    reading
}

// === impl Fields ===

impl<'a, 'p> Fields<'a, 'p> {
    fn of(object: &'a Map<String, Value>, path: String, problems: &'p mut Vec<Problem>) -> Self {
        let left = object.iter().map(|(name, value)| (name.as_str(), Raw::Json(value))).collect();
        Self { path, left, problems }
    }

    fn sale(&mut self) -> Option<Sale> {
        let amount = self.need("amount", AMOUNT, Raw::amount);
        let counterparty_id = self.need("counterparty_id", INTEGER, Raw::integer);
        let offer_id = self.need("offer_id", TEXT, Raw::text);
        let request_id = self.need("request_id", UUID, Raw::uuid);
        let is_upsaled = self.allow("is_upsaled", FLAG, Raw::flag);
        Some(Sale {
            path: self.path.clone(),
            request_id: request_id?,
            offer_id: offer_id?.to_owned(),
            counterparty_id: counterparty_id?,
            amount: amount?,
            is_upsaled: is_upsaled?,
        })
    }

    fn partner(&mut self, right: &str) {
        self.need("partner_id", PARTNER, |raw| raw.text().filter(|text| *text == right));
    }

    /// A field that has to be there.
    fn need<T>(
        &mut self,
        name: &str,
        wanted: &'static str,
        read: impl Fn(Raw<'a>) -> Option<T>,
    ) -> Option<T> {
        let Some(value) = self.take(name) else {
            self.wrong(name, "is missing");
            return None;
        };
        let value = read(value);
        if value.is_none() {
            self.wrong(name, wanted);
        }
        value
    }

    /// A field that may be left out; `None` where it is there and wrong.
    fn allow<T>(
        &mut self,
        name: &str,
        wanted: &'static str,
        read: impl Fn(Raw<'a>) -> Option<T>,
    ) -> Option<Option<T>> {
        if self.left.iter().any(|(left, _)| *left == name) {
            self.need(name, wanted, read).map(Some)
        } else {
            Some(None)
        }
    }

    fn take(&mut self, name: &str) -> Option<Raw<'a>> {
        let mut taken = self.left.extract_if(.., |(left, _)| *left == name).map(|(_, value)| value);
        let first = taken.next();
        if taken.count() > 0 {
            self.wrong(name, "is given more than once");
        }
        first
    }

    fn wrong(&mut self, name: &str, message: &'static str) {
        self.problems.push(Problem::new(format!("{}{name}", self.path), message));
    }

    fn finish(mut self) {
        for (name, _) in std::mem::take(&mut self.left) {
            self.wrong(name, "is not known");
        }
    }
}

// === impl Raw ===

impl<'a> Raw<'a> {
    fn text(self) -> Option<&'a str> {
        let text = match self {
            Raw::Query(text) => text,
            Raw::Json(value) => value.as_str()?,
        };
        (!text.trim().is_empty()).then_some(text)
    }

    /// Eight, four, four, four and twelve hexadecimal digits; in small letters.
    fn uuid(self) -> Option<String> {
        let text = self.text()?;
        let right = |(index, byte): (usize, u8)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        };
        let uuid = text.len() == 36 && text.bytes().enumerate().all(right);
        uuid.then(|| text.to_ascii_lowercase())
    }

    fn integer(self) -> Option<i64> {
        let integer = match self {
            Raw::Query(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok()?,
            Raw::Query(_) => return None,
            Raw::Json(value) => value.as_i64()?,
        };
        (integer > 0).then_some(integer)
    }

    fn amount(self) -> Option<Kopecks> {
        let text = match self {
            Raw::Query(text) => Cow::Borrowed(text),
            Raw::Json(value) => Cow::Owned(value.as_number()?.to_string()),
        };
        // `Kopecks` reads what insurers write too: commas, blanks, zeros without end.
        let (whole, cents) = text.split_once('.').unwrap_or((&text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let plain = digits(whole) && digits(cents) && cents.len() <= 2;
        Kopecks::parse_roubles(&text).ok().filter(|amount| plain && *amount > Kopecks::ZERO)
    }

    fn flag(self) -> Option<bool> {
        match self {
            Raw::Query("true") => Some(true),
            Raw::Query("false") => Some(false),
            Raw::Query(_) => None,
            Raw::Json(value) => value.as_bool(),
        }
    }

    fn list(self) -> Option<&'a [Value]> {
        match self {
            Raw::Query(_) => None,
            Raw::Json(value) => value.as_array().map(Vec::as_slice).filter(|rows| !rows.is_empty()),
        }
    }
}

// === impl Sale, Problem ===

impl Sale {
    /// The problem that a field of a sale told before does not say `first`.
    pub(super) fn contradiction(&self, name: &str, first: impl fmt::Display) -> Problem {
        let message = format!("contradicts {first}, which was confirmed before");
        Problem { property: format!("{}{name}", self.path), message: message.into() }
    }
}

impl Problem {
    pub(super) fn new(property: String, message: &'static str) -> Self {
        Self { property, message: message.into() }
    }

    pub(super) fn as_json(&self) -> Value {
        json!({"property": self.property, "message": self.message})
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.property, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_plain_roubles_with_at_most_two_decimals() {
        let query = |text| Raw::Query(text).amount().map(Kopecks::get);
        assert_eq!(query("7072"), Some(707_200));
        assert_eq!(query("7072.3"), Some(707_230));
        assert_eq!(query("7072.35"), Some(707_235));
        for wrong in
            ["", "0", "0.00", "-1", "+1", "1e3", "7072,35", "7 072", "7072.350", "7072.", ".5", "NaN"]
        {
            assert_eq!(query(wrong), None, "{wrong}");
        }
        let body = |text| Raw::Json(&serde_json::from_str(text).unwrap()).amount().map(Kopecks::get);
        assert_eq!(body("7072"), Some(707_200));
        assert_eq!(body("7072.35"), Some(707_235));
        for wrong in ["0", "-0.5", "7072.351", "1e300", "\"7072.35\"", "null", "true"] {
            assert_eq!(body(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_uuid_is_written_in_full() {
        let uuid = |text: &str| Raw::Query(text).uuid();
        let small = "0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9";
        assert_eq!(uuid(small).as_deref(), Some(small));
        assert_eq!(uuid(&small.to_uppercase()).as_deref(), Some(small));
        for wrong in ["", "42", "0b1c2d3e4f5046178293a4b5c6d7e8f9", "0b1c2d3e-4f50-4617-8293-a4b5c6d7e8fg"] {
            assert_eq!(uuid(wrong), None, "{wrong}");
        }
    }
}
