//! The drivers' КБМ: the registry's own answer, through the insurer, with the id under which the price is asked for.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use veer_contract::{
    Auth, Body, Call, Context, Decline, DeclineKind, Effect, Fault, FaultKind, Lane, Method, Reply,
    create_then_poll::Refusal,
    domain::{Coefficient, Licence, Person, PersonName, Personal, QuoteRequest, Vehicle},
};

use super::errors::{self, WITH_ERROR_BODY};
use crate::{
    loose::Loose,
    registry,
    required::{self, Role},
    written::cyrillic,
};

/// The request went well.
const SUCCESS: i64 = 3;
/// РСА's number of a Russian licence.
pub(super) const RUSSIAN_LICENCE: u16 = 20;
/// Russia in ОКСМ.
pub(super) const RUSSIA: &str = "643";

/// What the registry says of the drivers.
#[derive(Serialize, Deserialize)]
pub(super) struct Bonus {
    /// The request's id at the registry.
    pub(super) request_id: String,
    /// The КБМ of the policy.
    pub(super) value: Coefficient,
    /// Each driver's own, in the order of the request; empty where it cannot be told whose is whose.
    pub(super) by_driver: Vec<Option<Coefficient>>,
}

/// Asks.
pub(super) fn ask(input: &QuoteRequest, cx: &Context<'_>) -> Result<Call, Decline> {
    required::vehicle_identity(input)?;
    let drivers = input.drivers.named().iter().enumerate();
    let persons = drivers.map(|(place, person)| driver(Role::Driver(place), person));
    let body = json!({
        "vehicleId": vehicle(&input.vehicle),
        "driverLimitIndicator": true,
        "contractEffectiveDate": input.policy_start.to_string(),
        "contractClosingDate": cx.today.to_string(),
        "persons": persons.collect::<Result<Vec<_>, _>>()?,
    });
    Ok(Call::new("kbm", Lane::Create, Effect::Read, Method::Post, "rsaproxy/api/osago/v1/kbm")
        .with_body(Body::Json(body.to_string()))
        .with_auth(Auth::Basic)
        .accepting(&WITH_ERROR_BODY))
}

/// Reads the answer. A price cannot be asked for without it, so its failure ends the conversation.
pub(super) fn read(input: &QuoteRequest, reply: &Reply) -> Result<Bonus, Refusal> {
    let value = errors::read(reply)?;
    let answer = Loose::of(&value);
    let Some(code) = answer.get("statuscode").integer() else {
        errors::granted(reply, "statuscode")?;
        return Err(Fault::not_understood("the reply to `kbm` has no statusCode").into());
    };
    if code != SUCCESS {
        return Err(refusal(answer, code));
    }
    let request_id = answer.get("requestid").trimmed();
    if request_id.is_empty() {
        return Err(Fault::not_understood("a successful КБМ request has no requestId").into());
    }
    let result = answer.get("processingresult");
    let value = result.get("calculatedkbmvalue").number().and_then(|number| number.coefficient());
    let value =
        value.ok_or_else(|| Fault::not_understood("a successful КБМ request has no calculatedKbmValue"))?;
    let drivers = result.get("calculatekbmresponses").items();
    let drivers: Vec<_> =
        drivers.map(|driver| driver.get("kbm").number().and_then(|number| number.coefficient())).collect();
    // The rows name nobody: they are told apart by their order, where none is missing.
    let complete = drivers.len() == input.drivers.named().len();
    Ok(Bonus { request_id, value, by_driver: if complete { drivers } else { Vec::new() } })
}

/// The registry's no, or its outage: whoever answers here is the registry, whether or not its words say so.
fn refusal(answer: Loose<'_>, code: i64) -> Refusal {
    let (mut words, mut codes) = (Vec::new(), Vec::new());
    for error in answer.get("errors").items() {
        words.push(error.get("description").trimmed());
        codes.push(error.get("code").trimmed());
    }
    words.retain(|description| !description.is_empty());
    let words = words.join("; ");
    if let outage @ Refusal::Fault(_) = registry::refusal(&format!("РСА: {words} {}", codes.join(" ")), "")
    {
        return outage;
    }
    if words.is_empty() {
        let detail = format!("the КБМ request ended with statusCode {code} and names no error");
        return Fault::new(FaultKind::InsurerError, detail).into();
    }
    Decline::new(DeclineKind::RegistryCheckFailed, format!("КБМ не определён: {words}")).into()
}

/// The one number that the vehicle is known by.
fn vehicle(vehicle: &Vehicle) -> Value {
    let numbers = [
        ("vin", &vehicle.vin),
        ("bodyNumber", &vehicle.body_number),
        ("chassisNumber", &vehicle.chassis_number),
    ];
    let mut known = numbers.into_iter().map(|(name, number)| (name, required::text(number.as_ref()).trim()));
    known.find(|(_, number)| !number.is_empty()).map_or(Value::Null, |(name, number)| json!({name: number}))
}

fn driver(role: Role, person: &Person) -> Result<Value, Decline> {
    let licence = role.needs(person.licence.as_ref(), "license")?;
    let earlier = person.previous_licence.as_ref();
    let earlier = earlier.map(|earlier| document(&earlier.name, person, &earlier.licence));
    Ok(json!({
        "driverLicense": document(&person.name, person, licence),
        "altDriverLicense": earlier,
    }))
}

fn document(name: &PersonName, person: &Person, licence: &Licence) -> Value {
    let mut document = json!({
        "countryCode": RUSSIA,
        "docType": RUSSIAN_LICENCE,
        "docSeries": cyrillic(licence.series.as_str()),
        "docNumber": licence.number.as_str(),
        "lastName": name.last.as_str(),
        "firstName": name.first.as_str(),
        "birthDate": person.birth_date.reveal().to_string(),
    });
    if let Some(middle) = name.middle.as_ref().map(Personal::as_str) {
        document["middleName"] = middle.into();
    }
    document
}
