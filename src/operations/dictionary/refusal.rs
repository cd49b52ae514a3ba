//! What an operator is told when it does not work. A failure of the gateway itself is logged here, and the
//! answer says no more than where to look.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde_json::json;

use crate::dictionary::{DictionaryError, catalogue::SheetProblem};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
    problems: Vec<SheetProblem>,
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
        tracing::error!(%error, "the dictionary could not be read or changed");
        let message = "the gateway could not read or change its dictionary; see its log";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message.to_owned())
    }
}

impl From<DictionaryError> for Refusal {
    fn from(error: DictionaryError) -> Self {
        let status = match error {
            DictionaryError::Problems(problems) => {
                let count = match problems.len() {
                    1 => "1 problem".to_owned(),
                    count => format!("{count} problems"),
                };
                let message = format!("nothing was changed: {count} in the sheets");
                return Self { problems, ..Self::wrong(message) };
            }
            DictionaryError::Sheet(_) => StatusCode::BAD_REQUEST,
            DictionaryError::Refused(_) => StatusCode::CONFLICT,
            DictionaryError::Unknown(_) => StatusCode::NOT_FOUND,
            DictionaryError::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            DictionaryError::Store(_) | DictionaryError::Unreadable(_) | DictionaryError::File { .. } => {
                return Self::failed(error);
            }
        };
        Self::new(status, error.to_string())
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
        HttpResponse::build(self.status).json(body)
    }
}
