//! `/auto/info`: a vehicle by its VIN or plate, so that the user need not choose it from lists.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use veer_contract::domain::Vehicle;

use super::{
    correlation::CorrelationId,
    error::{ApiError, json},
    query,
    state::PartnerState,
    wire,
};
use crate::dictionary::info::{Asked, LookUpError};

const ASK_AGAIN: &str =
    "The sources of vehicle data could not be asked or did not answer; ask again in a minute.";

/// Looks a vehicle up by its VIN or plate
///
/// At least one of the two. All writings of a number are the same: either alphabet, any case, blanks and
/// punctuation anywhere. The VIN is asked for first where both are sent; the plate, where nobody knows the VIN:
/// the vehicle that is found so has the VIN that was sent, else it is not told. What cannot be a VIN, such as a
/// body number, is left out where a plate is sent too.
#[utoipa::path(
    get,
    path = "/auto/info",
    operation_id = "vehicleInfo",
    tag = "dictionaries",
    params(
        ("vin" = Option<String>, Query, description = "The VIN.", example = "XTA210990Y2765439"),
        ("car_number" = Option<String>, Query, description = "The registration plate, in Latin or Cyrillic letters.", example = "А123БВ777"),
    ),
    responses(
        (status = 200, description = "The vehicle, in the unified dictionary's ids.", body = wire::VehicleInfo),
        (status = 400, description = "The request is wrong; every wrong field is named.", body = wire::ValidationError<'static>),
        (status = 403, description = "No credentials, or wrong ones.", body = wire::Error<'static>),
        (status = 404, description = "Nobody knows such a vehicle.", body = wire::Error<'static>),
        (status = 500, description = "Nobody could be asked; ask again.", body = wire::Error<'static>),
    )
)]
pub(super) async fn vehicle(request: HttpRequest, state: web::Data<PartnerState>) -> HttpResponse {
    let correlation = CorrelationId::of(&request);
    let found = async {
        state.account(&request)?;
        let asked = query::read(request.query_string(), |query| query.vehicle())?;
        found(&state, &asked).await
    };
    match found.await {
        Ok(vehicle) => correlation.json(StatusCode::OK, json(&wire::VehicleInfo::from(&vehicle))),
        Err(error) => error.answer(correlation, None),
    }
}

async fn found(state: &PartnerState, asked: &Asked) -> Result<Vehicle, ApiError> {
    match state.look_up.find(asked).await {
        Ok(vehicle) => vehicle.ok_or(ApiError::UnknownVehicle),
        Err(LookUpError::NoSource) => Err(ApiError::NoVehicleSource),
        Err(LookUpError::NoAnswer) => Err(ApiError::Internal(ASK_AGAIN)),
    }
}
