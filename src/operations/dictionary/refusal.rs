//! What the dictionary refuses, as an answer.

use actix_web::http::StatusCode;
use serde_json::json;

use crate::{dictionary::DictionaryError, operations::refusal::Refusal};

impl From<DictionaryError> for Refusal {
    fn from(error: DictionaryError) -> Self {
        let status = match error {
            DictionaryError::Problems(problems) => {
                let count = match problems.len() {
                    1 => "1 problem".to_owned(),
                    count => format!("{count} problems"),
                };
                let message = format!("nothing was changed: {count} in the sheets");
                let problems = problems.iter().map(|problem| json!(problem)).collect();
                return Self::wrong(message).with_problems(problems);
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
