//! One id for every exchange, so that a partner's log and the gateway's can be laid side by side.
//!
//! The caller's own `X-Request-Id` is adopted where it is a UUID, else a new one is made: version 7, so ids
//! sort by time. It need not be secret, so it costs neither a lock nor a system call for randomness. It is
//! on every answer, errors included.

use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue},
    },
};
use bytes::Bytes;
use uuid::{Builder, Uuid};

use super::fields::parse_uuid;

/// The header's name.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CorrelationId(Uuid);

// === impl CorrelationId ===

impl CorrelationId {
    /// The caller's, else a new one.
    pub fn of(request: &HttpRequest) -> Self {
        let own = request.headers().get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
        Self(own.and_then(|text| parse_uuid(text).ok()).unwrap_or_else(fresh))
    }

    /// As a UUID.
    pub fn uuid(self) -> Uuid {
        self.0
    }

    /// An answer that carries it.
    pub(super) fn answer(self, status: StatusCode) -> HttpResponseBuilder {
        let mut text = Uuid::encode_buffer();
        let text = self.0.hyphenated().encode_lower(&mut text);
        let mut answer = HttpResponse::build(status);
        if let Ok(value) = HeaderValue::from_str(text) {
            answer.insert_header((X_REQUEST_ID, value));
        }
        answer
    }

    /// An answer with a JSON body. No cache may keep it: it is about a person and it changes.
    pub(super) fn json(self, status: StatusCode, body: Bytes) -> HttpResponse {
        self.answer(status)
            .insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json")))
            .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
            .body(body)
    }
}

fn fresh() -> Uuid {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Builder::from_unix_timestamp_millis(since.as_millis() as u64, &rand::random()).into_uuid()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn id_for(header: &str) -> Uuid {
        let request = TestRequest::default().insert_header((X_REQUEST_ID, header)).to_http_request();
        CorrelationId::of(&request).uuid()
    }

    #[test]
    fn a_callers_uuid_is_adopted_and_anything_else_is_not() {
        let own = "550E8400-e29b-41d4-a716-446655440000";
        assert_eq!(id_for(own).to_string(), own.to_lowercase());
        for odd in ["", "17", "550e8400e29b41d4a716446655440000", "not-a-uuid-not-a-uuid-not-a-uuid-not!"] {
            assert_eq!(id_for(odd).get_version_num(), 7, "{odd}");
        }
        assert_ne!(id_for(""), id_for(""));
    }

    #[test]
    fn the_answer_carries_it() {
        let own = "550e8400-e29b-41d4-a716-446655440000";
        let answer = CorrelationId(own.parse().unwrap()).json(StatusCode::OK, Bytes::from_static(b"{}"));
        assert_eq!(answer.headers().get(X_REQUEST_ID).unwrap(), own);
        assert_eq!(answer.headers().get(CONTENT_TYPE).unwrap(), "application/json");
    }
}
