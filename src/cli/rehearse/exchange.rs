//! One request and what came back.

use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

/// A request that was sent.
#[derive(Debug)]
pub(super) struct Exchange {
    /// What was asked.
    pub call: Call,
    /// The calculation that it was about, where it named one by a valid id.
    pub about: Option<Uuid>,
    /// From sending to the answer's last byte.
    pub took: Duration,
    /// The answer, or why there is none.
    pub answer: Result<Answer, String>,
}

/// Method and path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// The method.
    pub method: String,
    /// The path, or the whole address where it is not the gateway's; never the query.
    pub path: String,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    /// Its status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `X-Request-Id`, under which an operator finds the request.
    pub correlation: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// `ETag`.
    pub etag: Option<String>,
    /// Its body.
    pub bytes: Vec<u8>,
    /// Its body, where that is JSON.
    pub body: Option<Value>,
}

// === impl Exchange ===

impl Exchange {
    /// The answer's JSON; `null` where there is none.
    pub fn json(&self) -> &Value {
        self.answer.as_ref().ok().and_then(|answer| answer.body.as_ref()).unwrap_or(&Value::Null)
    }

    /// The answer's status; 0 where there is none.
    pub fn status(&self) -> u16 {
        self.answer.as_ref().map_or(0, |answer| answer.status)
    }
}

impl Call {
    /// A call that was not made.
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned() }
    }
}
