//! `/insurers/{code}/callback`: what insurers tell by themselves.
//!
//! It lives on the partner's port because insurers come from outside, as the partner does, and one address is
//! published: the operations port is for the house alone. Partner credentials open nothing here and are not
//! asked for: the insurer proves itself as its own protocol has it (see
//! [`callback`](crate::offers::callback)), and an insurer whose secret is not set takes no calls at all.
//!
//! A call is answered once it is taken and durable, not once something came of it, so an insurer is never kept waiting
//! and may repeat a call as often as it likes. What is wrong with a call is told to the log; the caller is
//! told no more than that, for it may be anybody.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use bytes::Bytes;

use super::{body, body::BodyLimits, correlation::CorrelationId, error::ApiError, state::PartnerState};
use crate::offers::callback::{CallbackError, InsurerCall};

/// Such calls are a few fields.
const MOST_BYTES: usize = 64 << 10;
const CALL_AGAIN: &str = "The gateway could not look up what the call is about; make it again in a minute.";

pub(super) async fn take(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<PartnerState>,
) -> HttpResponse {
    let correlation = CorrelationId::of(&request);
    let insurer = request.match_info().get("code").unwrap_or_default();
    match Box::pin(taken(&request, payload, &state, insurer)).await {
        Ok(()) => correlation.json(StatusCode::OK, Bytes::from_static(b"{}")),
        Err(error) => error.answer(correlation, None),
    }
}

async fn taken(
    request: &HttpRequest,
    payload: web::Payload,
    state: &PartnerState,
    insurer: &str,
) -> Result<(), ApiError> {
    // Anybody can write anything into an address; the log gets names that are known.
    let known = state.calculations.services().insurers.iter().any(|known| known.code() == insurer);
    let name = if known { insurer } else { "unknown" };
    let limits = BodyLimits { max_bytes: MOST_BYTES, ..state.limits };
    let body = body::read_bytes(request.headers(), payload, limits).await.inspect_err(|_| {
        tracing::info!(insurer = name, outcome = "not read", "an insurer called");
    })?;
    let headers = request.headers().iter();
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let call = InsurerCall {
        headers: headers.map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes()))).collect(),
        query: request.query_string().to_owned(),
        body,
    };
    let outcome = state.offers.insurer_called(insurer, call).await;
    match &outcome {
        Err(CallbackError::Store(error)) => {
            tracing::error!(insurer = name, outcome = "failed", %error, "an insurer called");
        }
        Err(CallbackError::NotUnderstood(detail)) => {
            tracing::info!(insurer = name, outcome = "not understood", detail, "an insurer called");
        }
        Err(CallbackError::NotExpected) => {
            tracing::info!(insurer = name, outcome = "not expected", "an insurer called");
        }
        Err(CallbackError::Unproven) => {
            tracing::info!(insurer = name, outcome = "not proven", "an insurer called");
        }
        Ok(()) => tracing::info!(insurer = name, outcome = "taken", "an insurer called"),
    }
    outcome.map_err(|error| told(&error))
}

fn told(error: &CallbackError) -> ApiError {
    match error {
        CallbackError::NotExpected => ApiError::UnknownPath,
        CallbackError::Unproven => ApiError::Unproven,
        CallbackError::NotUnderstood(_) => ApiError::Unreadable(
            "The call is not what the agreed protocol says; compare it with that.".into(),
        ),
        CallbackError::Store(_) => ApiError::Internal(CALL_AGAIN),
    }
}
