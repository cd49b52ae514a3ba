//! What an operator is told when it does not work. A failure of the gateway itself is logged here, and the
//! answer says no more than where to look.

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde_json::{Value, json};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
    problems: Vec<Value>,
}

// === impl Refusal ===

impl Refusal {
    pub fn new(status: StatusCode, message: String) -> Self {
        Self { status, message, problems: Vec::new() }
    }

    /// What was asked makes no sense.
    pub fn wrong(message: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// The gateway failed.
    pub fn failed(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "what an operator asked for could not be read or changed");
        let message = "the gateway could not read or change what was asked for; see its log";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message.to_owned())
    }

    /// The same with all that is wrong, one by one.
    pub fn with_problems(self, problems: Vec<Value>) -> Self {
        Self { problems, ..self }
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut body = json!({ "message": self.message });
        if !self.problems.is_empty() {
            body["problems"] = json!(self.problems);
        }
        let mut response = HttpResponse::build(self.status);
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.json(body)
    }
}
