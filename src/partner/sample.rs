//! The documentation's own example request, which must be accepted as it stands.

use serde_json::Value;

use super::{
    fields::{self, Violation},
    wire::CalculationRequest,
};

/// Its text.
pub const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/config/calculation-request.json"));

/// The body, parsed.
pub fn body() -> Value {
    serde_json::from_str(TEXT).expect("the sample is JSON")
}

/// A body that has nothing wrong.
pub fn read(body: &Value) -> CalculationRequest {
    let object = body.as_object().expect("an object");
    fields::read(object, CalculationRequest::read)
        .map_err(|violations| violations.into_listed())
        .ok()
        .unwrap_or_else(|| panic!("refused: {:?}", wrong(body)))
}

/// What is wrong with a body.
pub fn wrong(body: &Value) -> Vec<Violation> {
    let object = body.as_object().expect("an object");
    fields::read(object, CalculationRequest::read).err().map(|it| it.into_listed()).unwrap_or_default()
}

/// The paths of what is wrong with a body.
pub fn wrong_paths(body: &Value) -> Vec<String> {
    wrong(body).into_iter().map(|violation| violation.property).collect()
}
