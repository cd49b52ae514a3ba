//! The calculation that is asked for.

use std::path::Path;

use jiff::{Timestamp, ToSpan, tz::Offset};
use serde_json::Value;
use uuid::Uuid;

/// The documentation's own example of a request; its people and documents are invented there.
const SAMPLE: &str = include_str!("../../../config/calculation-request.json");

/// The law lets a policy start three days after its application at the soonest; a little more is safe.
const DAYS_AHEAD: i64 = 5;

/// A request with an id of its own and a start that insurers accept.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// Its id.
    pub id: Uuid,
    /// All of it.
    pub body: Value,
}

// === impl Request ===

impl Request {
    /// The file's request, or the sample.
    pub fn read(file: Option<&Path>) -> Result<Self, String> {
        let (text, named) = match file {
            None => (SAMPLE.to_owned(), "the sample".to_owned()),
            Some(path) => {
                let named = format!("--request {}", path.display());
                (std::fs::read_to_string(path).map_err(|error| format!("{named}: {error}"))?, named)
            }
        };
        let body = serde_json::from_str(&text).map_err(|error| format!("{named} is not JSON: {error}"))?;
        Self::new(body, Timestamp::now()).ok_or_else(|| format!("{named} must be a JSON object"))
    }

    fn new(mut body: Value, now: Timestamp) -> Option<Self> {
        let fields = body.as_object_mut()?;
        let id = Uuid::new_v4();
        fields.insert("request_id".into(), id.to_string().into());
        let today = Offset::constant(3).to_datetime(now).date();
        let start = today.checked_add(DAYS_AHEAD.days()).unwrap_or(today);
        fields.insert("policy_start_date".into(), format!("{start}T00:00:00+03:00").into());
        Some(Self { id, body })
    }

    /// The same with another value at a pointer; none where the request has no such place.
    pub fn with(&self, pointer: &str, value: Value) -> Option<Value> {
        let mut body = self.body.clone();
        let (parent, field) = pointer.rsplit_once('/')?;
        body.pointer_mut(parent)?.as_object_mut()?.insert(field.to_owned(), value);
        Some(body)
    }
}

/// A pointer as the contract writes a field's path: `a.b[0].c`.
pub(super) fn path(pointer: &str) -> String {
    let mut path = String::new();
    for part in pointer.split('/').skip(1) {
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push_str(&format!("[{part}]"));
        } else {
            path.push_str(if path.is_empty() { "" } else { "." });
            path.push_str(part);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_starts_in_five_days_of_moscow() {
        let now = "2026-12-28T21:30:00Z".parse().unwrap();
        let request = Request::new(json!({ "partner": "yandex", "request_id": "1" }), now).unwrap();
        assert_eq!(request.body["policy_start_date"], "2027-01-03T00:00:00+03:00");
        assert_eq!(request.body["request_id"], request.id.to_string());
        assert_eq!(request.body["partner"], "yandex");
        assert!(Request::new(json!([]), now).is_none());
    }

    #[test]
    fn the_sample_has_a_licence_to_spoil() {
        let request = Request::read(None).unwrap();
        let pointer = "/drivers_info/drivers/0/license/date";
        let spoilt = request.with(pointer, "10.06.2015".into()).unwrap();
        assert_eq!(spoilt["drivers_info"]["drivers"][0]["license"]["date"], "10.06.2015");
        assert_eq!(path(pointer), "drivers_info.drivers[0].license.date");
        assert_eq!(path("/vehicle"), "vehicle");
        assert_eq!(request.with("/trailer/weight", 1.into()), None);
    }
}
