//! The body of an application.

use serde_json::{Map, Value, json};
use veer_contract::{
    Body, Call, Context, Decline,
    domain::{Purpose, QuoteRequest, VehicleDocument, VehicleDocumentKind},
};

use super::{calculation, person, request};
use crate::{
    required::{self, Role, text},
    written::cyrillic,
};

/// Applies.
pub(super) fn call(input: &QuoteRequest, cx: &Context<'_>) -> Result<Call, Decline> {
    Ok(request::upload().with_body(Body::Json(body(input, cx)?.to_string())))
}

fn body(input: &QuoteRequest, cx: &Context<'_>) -> Result<Value, Decline> {
    required::vehicle_identity(input)?;
    // The policy is mailed, so nothing is applied for without an address.
    required::mailed_to(input)?;
    let (first, last) = (input.policy_start, input.policy_end());
    let mut body = json!({
        "DeclarationDate": format!("{}T00:00:00", cx.today),
        "BeginDate": format!("{first}T00:00:00"),
        "EndDate": format!("{last}T23:59:59"),
        "Period1Begin": first.to_string(),
        "Period1End": last.to_string(),
        "IsTransCar": false,
        "IsInsureTrailer": false,
        "CarInfo": car(input, cx)?,
        "Insurer": person::subject(Role::Policyholder, &input.policyholder)?,
        "CarOwner": person::subject(Role::Owner, &input.owner)?,
        "IKP1": seller(cx),
        "CashPaymentOption": false,
    });
    let drivers = input.drivers.named().iter().enumerate();
    let drivers = drivers.map(|(place, driver)| person::driver(Role::Driver(place), driver));
    // Nobody named: anybody may drive.
    if !input.drivers.is_unlimited() {
        body["Drivers"] = json!({"Driver": drivers.collect::<Result<Vec<_>, _>>()?});
    }
    let subagent = cx.settings.get("subagent_id").trim();
    if !subagent.is_empty() {
        body["SubagentID"] = subagent.into();
    }
    Ok(body)
}

/// The service wants the field, and takes a blank.
fn seller<'a>(cx: &'a Context<'_>) -> &'a str {
    Some(cx.settings.get("ikp1")).filter(|seller| !seller.is_empty()).unwrap_or(" ")
}

fn car(input: &QuoteRequest, cx: &Context<'_>) -> Result<Map<String, Value>, Decline> {
    let vehicle = &input.vehicle;
    let numbers = [
        ("VIN", text(vehicle.vin.as_ref())),
        ("BodyNumber", text(vehicle.body_number.as_ref())),
        ("ChassisNumber", text(vehicle.chassis_number.as_ref())),
    ];
    let mut car: Map<String, Value> = numbers
        .into_iter()
        .filter(|(_, number)| !number.trim().is_empty())
        .map(|(name, number)| (name.to_owned(), number.trim().into()))
        .collect();
    if let Some(plate) = calculation::plate(input)? {
        car.insert("LicensePlate".into(), plate.into());
    }
    let more = [
        ("MarkModelCarCode", json!(request::model(cx)?)),
        // As in the vehicle's passport: a person's words, not the dictionary's.
        ("MarkPTS", json!(vehicle.brand.name)),
        ("ModelPTS", json!(vehicle.model.name)),
        ("YearIssue", json!(vehicle.year)),
        ("DocumentCar", document(required::vehicle_document(input)?)),
        // Horsepower, whatever the name says.
        ("EngCap", vehicle.engine_power.as_json_number().into()),
        (
            "GoalUse",
            json!(match input.purpose {
                Purpose::Personal => "Personal",
                Purpose::Taxi => "Taxi",
            }),
        ),
        ("Rented", json!(false)),
    ];
    car.extend(more.map(|(name, value)| (name.to_owned(), value)));
    Ok(car)
}

fn document(document: &VehicleDocument) -> Value {
    // РСА's numbers.
    let kind = match document.kind {
        VehicleDocumentKind::Pts => "30",
        VehicleDocumentKind::Sts => "31",
        VehicleDocumentKind::Epts => "41",
    };
    let mut written = json!({
        "TypeRSA": kind,
        "Number": document.number.as_str(),
        "Date": document.date.reveal().to_string(),
        "IsPrimary": true,
    });
    let series = cyrillic(document.series.as_str());
    if !series.is_empty() {
        written["Serial"] = series.into();
    }
    written
}
