//! `/osago/offer`: one offer, and its confirmation.
//!
//! Both may wait for an insurer for some seconds. Nothing is lost where the caller does not: the work goes on
//! without it, and whoever asks again is told how far it came.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use bytes::Bytes;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    body,
    correlation::CorrelationId,
    error::{ApiError, json},
    fields, query, refusal, relay,
    state::PartnerState,
    translate, wire,
};
use crate::offers::{OfferError, Refusal};

/// Tells one offer
///
/// Where the insurer has given only a preliminary price, or none yet, it is asked for the final one. The
/// answer waits a few seconds for it; the asking goes on after that.
#[utoipa::path(
    get,
    path = "/osago/offer",
    operation_id = "getOffer",
    tag = "osago",
    params(
        ("request_id" = Uuid, Query, description = "The id that the calculation was created under."),
        ("offer_id" = String, Query, description = "The id of one of its offers."),
    ),
    responses(
        (status = 200, description = "The offer.", body = wire::OsagoOffer<'static>),
        (status = 400, description = "The request is wrong; every wrong field is named.", body = wire::ValidationError<'static>),
        (status = 403, description = "No credentials, or wrong ones.", body = wire::Error<'static>),
        (status = 404, description = "Nothing is known under that id.", body = wire::Error<'static>),
        (status = 500, description = "The gateway failed.", body = wire::Error<'static>),
    )
)]
pub(super) async fn show(request: HttpRequest, state: web::Data<PartnerState>) -> HttpResponse {
    let correlation = CorrelationId::of(&request);
    match Box::pin(shown(&request, &state)).await {
        Ok(offer) => correlation.json(StatusCode::OK, offer),
        Err(error) => error.answer(correlation, query::request_id(request.query_string()).ok()),
    }
}

async fn shown(request: &HttpRequest, state: &PartnerState) -> Result<Bytes, ApiError> {
    let account = state.account(request)?;
    let asked = query::read(request.query_string(), |query| (query.request_id(), query.offer_id()));
    let (request_id, offer_id) = asked?;
    let shown = state.offers.show(account, request_id, &offer_id).await;
    let shown = shown.map_err(|error| {
        log(&error, account, request_id, "an offer was not looked up");
        refusal::of_question(&error)
    })?;
    Ok(json(&state.render.offer(&shown.entry, &shown.request)))
}

/// Confirms an offer
///
/// The user takes this offer, with these cross-sales; the answer carries the payment link. Doing it again
/// with the same content answers the same. Options whose compatibility_id differ do not go together, and
/// required cross-sales must be selected; in a reinsurance-pool offer every cross-sale is mandatory, and
/// leaving one out cancels the offer.
#[utoipa::path(
    post,
    path = "/osago/offer",
    operation_id = "confirmOffer",
    tag = "osago",
    request_body(content = wire::OfferConfirmation),
    responses(
        (status = 200, description = "The offer after the confirmation.", body = wire::OsagoOffer<'static>),
        (status = 400, description = "The request is wrong; every wrong field is named.", body = wire::ValidationError<'static>),
        (status = 403, description = "No credentials, or wrong ones.", body = wire::Error<'static>),
        (status = 404, description = "Nothing is known under that id.", body = wire::Error<'static>),
        (status = 500, description = "The gateway failed.", body = wire::Error<'static>),
    )
)]
pub(super) async fn confirm(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<PartnerState>,
) -> HttpResponse {
    let correlation = CorrelationId::of(&request);
    let account = match state.account(&request) {
        Ok(account) => account,
        Err(error) => return error.answer(correlation, None),
    };
    let read = body::read_bytes(request.headers(), payload, state.limits).await;
    let (bytes, object) = match read.and_then(|bytes| Ok((bytes.clone(), body::object(&bytes)?))) {
        Ok(read) => read,
        Err(error) => return error.answer(correlation, None),
    };
    if let Some(request_id) = fields::own_id(&object)
        && let Some(answer) = relay::elsewhere(&request, &state, account, request_id, bytes).await
    {
        return answer;
    }
    match Box::pin(confirmed(&state, account, &object)).await {
        Ok(offer) => correlation.json(StatusCode::OK, offer),
        Err(error) => error.answer(correlation, fields::own_id(&object)),
    }
}

async fn confirmed(
    state: &PartnerState,
    account: &Arc<str>,
    object: &Map<String, Value>,
) -> Result<Bytes, ApiError> {
    let read = fields::read(object, wire::OfferConfirmation::read).inspect_err(|wrong| {
        let (request_id, count) = (fields::own_id(object), wrong.count());
        tracing::info!(%account, ?request_id, wrong_fields = count, "confirmation refused");
    })?;
    let (request_id, offer_id) = (read.request_id, read.offer_id.clone());
    let confirmed = state.offers.confirm(account, request_id, &offer_id, translate::wish(read)).await;
    let confirmed = confirmed.map_err(|error| {
        log(&error, account, request_id, "an offer was not confirmed");
        refusal::of_confirmation(&error)
    })?;
    Ok(json(&state.render.offer(&confirmed.entry, &confirmed.request)))
}

/// What is not there is told to the partner alone; what is refused is a line, what failed is an error.
pub(super) fn log(error: &OfferError, account: &str, request_id: Uuid, failed: &'static str) {
    match error {
        OfferError::Refused(Refusal::Selection(problems)) => {
            tracing::info!(%account, %request_id, wrong_fields = problems.len(), "confirmation refused");
        }
        OfferError::Refused(refusal) => {
            tracing::info!(%account, %request_id, ?refusal, "confirmation refused");
        }
        OfferError::Store(error) => tracing::error!(%account, %request_id, %error, failed),
        OfferError::UnknownCalculation | OfferError::UnknownOffer | OfferError::NoFile => {}
    }
}
