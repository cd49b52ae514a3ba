//! `/osago/calculate` and its `/status`.
//!
//! A POST is read, judged as a whole and handed to the calculations; it is answered once they have written
//! it down. A GET is the poll path: who asks, which id, one look-up, one pointer, and the bytes that were
//! serialised when the calculation last changed. Only an id that is not in memory (finished long ago, or
//! unknown) costs a visit to the store.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    body, correlation::CorrelationId, error, error::ApiError, fields, fingerprint, query,
    state::PartnerState, translate, wire,
};
use crate::calculation::{AcceptError, Answer, NewCalculation};

const TRY_AGAIN: &str =
    "The gateway could not write the calculation down; send the same request again in a few seconds.";
const STOPPING: &str =
    "The gateway is stopping and takes no new calculations; send the same request again in a few seconds.";
const ASK_AGAIN: &str = "The gateway could not look the calculation up; ask again in a second.";

/// Accepts a calculation
///
/// It is written down before the answer, so a crash cannot lose it; the insurers are asked in the
/// background. The same request_id with the same content is accepted again and starts nothing new; with
/// other content it is refused.
#[utoipa::path(
    post,
    path = "/osago/calculate",
    operation_id = "createCalculation",
    tag = "osago",
    request_body(content = wire::CalculationRequest),
    responses(
        (status = 200, description = "Accepted and written down.", body = wire::Accepted),
        (status = 400, description = "The request is wrong; every wrong field is named.", body = wire::ValidationError<'static>),
        (status = 403, description = "No credentials, or wrong ones.", body = wire::Error<'static>),
        (status = 500, description = "The gateway failed.", body = wire::Error<'static>),
    )
)]
pub(super) async fn create(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<PartnerState>,
) -> HttpResponse {
    let correlation = CorrelationId::of(&request);
    let Some(account) = state.accounts.identify(request.headers()) else {
        return ApiError::Forbidden.answer(correlation, None);
    };
    let object = match body::read_object(request.headers(), payload, state.limits).await {
        Ok(object) => object,
        Err(error) => return error.answer(correlation, None),
    };
    match Box::pin(accept(&state, account, &object)).await {
        Ok(accepted) => correlation.json(StatusCode::OK, error::json(&accepted)),
        Err(error) => {
            if let ApiError::Fields { count, .. } = &error {
                tracing::info!(%account, request_id = ?fields::own_id(&object), wrong_fields = count, "request refused");
            }
            error.answer(correlation, fields::own_id(&object))
        }
    }
}

async fn accept(
    state: &PartnerState,
    account: &std::sync::Arc<str>,
    object: &Map<String, Value>,
) -> Result<wire::Accepted, ApiError> {
    let read = fields::read(object, wire::CalculationRequest::read)?;
    let (request_id, partner) = (read.request_id, read.partner.clone());
    let request = translate::quote_request(read);
    let fingerprint = fingerprint::of(&partner, &request).map_err(|error| {
        tracing::error!(%account, %request_id, line = error.line(), "a request has no fingerprint");
        ApiError::Internal(TRY_AGAIN)
    })?;
    let new = NewCalculation {
        account: account.clone(),
        request_id,
        partner,
        fingerprint,
        request: std::sync::Arc::new(request),
    };
    match state.calculations.accept(new).await {
        Ok(at) => Ok(wire::Accepted { request_id, calculation_date: whole_seconds(at) }),
        Err(AcceptError::DifferentContent) => Err(ApiError::field(
            "request_id",
            "is taken by a calculation with other content; send this one under a new request_id",
        )),
        Err(AcceptError::Stopping) => Err(ApiError::Internal(STOPPING)),
        Err(AcceptError::Store(error)) => {
            tracing::error!(%account, %request_id, %error, "a calculation was not written down");
            Err(ApiError::Internal(TRY_AGAIN))
        }
    }
}

/// As the contract shows it, and the same whatever precision the time was kept with.
fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// Tells what is known of a calculation
///
/// Offers appear as insurers answer. Polling may stop at CALCULATION_READY, NO_CALCULATION_AVAILABLE or
/// CALCULATION_ERROR.
#[utoipa::path(
    get,
    path = "/osago/calculate",
    operation_id = "getCalculation",
    tag = "osago",
    params(("request_id" = Uuid, Query, description = "The id that the calculation was created under.")),
    responses(
        (status = 200, description = "What is known so far.", body = wire::Calculation<'static>),
        (status = 400, description = "The request is wrong; every wrong field is named.", body = wire::ValidationError<'static>),
        (status = 403, description = "No credentials, or wrong ones.", body = wire::Error<'static>),
        (status = 404, description = "Nothing is known under that id.", body = wire::Error<'static>),
        (status = 500, description = "The gateway failed.", body = wire::Error<'static>),
    )
)]
pub(super) async fn calculation(request: HttpRequest, state: web::Data<PartnerState>) -> HttpResponse {
    poll(&request, &state, |answer| &answer.calculation).await
}

/// Tells the statuses of a calculation and its offers
#[utoipa::path(
    get,
    path = "/osago/calculate/status",
    operation_id = "getCalculationStatus",
    tag = "osago",
    params(("request_id" = Uuid, Query, description = "The id that the calculation was created under.")),
    responses(
        (status = 200, description = "Statuses alone.", body = wire::StatusAnswer<'static>),
        (status = 400, description = "The request is wrong; every wrong field is named.", body = wire::ValidationError<'static>),
        (status = 403, description = "No credentials, or wrong ones.", body = wire::Error<'static>),
        (status = 404, description = "Nothing is known under that id.", body = wire::Error<'static>),
        (status = 500, description = "The gateway failed.", body = wire::Error<'static>),
    )
)]
pub(super) async fn status(request: HttpRequest, state: web::Data<PartnerState>) -> HttpResponse {
    poll(&request, &state, |answer| &answer.status).await
}

async fn poll(request: &HttpRequest, state: &PartnerState, part: fn(&Answer) -> &Bytes) -> HttpResponse {
    let correlation = CorrelationId::of(request);
    let id = query::request_id(request.query_string());
    let Some(account) = state.accounts.identify(request.headers()) else {
        return ApiError::Forbidden.answer(correlation, id.ok());
    };
    let id = match id {
        Ok(id) => id,
        Err(error) => return error.answer(correlation, None),
    };
    if let Some(answer) = state.calculations.live(account, id) {
        return correlation.json(StatusCode::OK, part(&answer).clone());
    }
    // Boxed: a look-up's future is large, and the poll path would carry it for nothing.
    match Box::pin(state.calculations.stored(account, id)).await {
        Ok(Some(answer)) => correlation.json(StatusCode::OK, part(&answer).clone()),
        Ok(None) => ApiError::UnknownCalculation.answer(correlation, Some(id)),
        Err(error) => {
            tracing::error!(%account, request_id = %id, %error, "a calculation was not looked up");
            ApiError::Internal(ASK_AGAIN).answer(correlation, Some(id))
        }
    }
}
