//! What tuning refuses, as an answer.

use actix_web::http::StatusCode;

use crate::{operations::refusal::Refusal, tuning::Refused};

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        let status = match refused {
            Refused::Wrong(_) => StatusCode::BAD_REQUEST,
            Refused::Unknown(_) | Refused::NotRecorded(_) => StatusCode::NOT_FOUND,
            Refused::Conflict(_) => StatusCode::CONFLICT,
            Refused::Busy | Refused::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            Refused::Store(_) => {
                tracing::error!(error = %refused, "an operator's setting is not changed");
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        Self::new(status, refused.to_string())
    }
}
