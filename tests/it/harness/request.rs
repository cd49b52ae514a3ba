//! Requests: the documentation's own sample, and others made of it.

use serde_json::{Value, json};

/// The sample as it stands.
pub fn sample() -> Value {
    serde_json::from_str(include_str!("../../../config/calculation-request.json")).expect("JSON")
}

/// The sample under an id of its own: the same risk, asked once more.
pub fn again() -> Value {
    let mut body = sample();
    body["request_id"] = json!(uuid::Uuid::new_v4());
    body
}

/// The sample under an id of its own, about a car of its own: `number` decides which.
pub fn about_car(number: u32) -> Value {
    let mut body = again();
    body["vehicle"]["vin"] = json!(format!("XTA2109{number:010}"));
    body
}

/// The request's id.
pub fn id(body: &Value) -> &str {
    body["request_id"].as_str().expect("an id")
}
