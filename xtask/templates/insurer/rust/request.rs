//! How a request is written.

use serde_json::{Value, json};
use veer_contract::{
    Context, Decline,
    domain::{Drivers, Person, Purpose, QuoteRequest},
};

use crate::required::{self, Role};

/// The calculation's body, or a decline that names the field which the insurer needs.
pub(super) fn calculation(input: &QuoteRequest, cx: &Context<'_>) -> Result<Value, Decline> {
    required::vehicle_identity(input)?;
    let vehicle = &input.vehicle;
    let drivers: Result<Vec<Value>, Decline> = input
        .drivers
        .named()
        .iter()
        .enumerate()
        .map(|(at, person)| driver(Role::Driver(at), person))
        .collect();
    Ok(json!({
        "start": input.policy_start.to_string(),
        "purpose": match input.purpose {
            Purpose::Personal => "personal",
            Purpose::Taxi => "taxi",
        },
        "vehicle": {
            "brand": cx.vehicle.brand,
            "model": cx.vehicle.model,
            "year": vehicle.year,
            "power": vehicle.engine_power.as_json_number(),
            "plate": required::text(vehicle.plate.as_ref()),
            "vin": required::text(vehicle.vin.as_ref()),
        },
        "owner": person(Role::Owner, &input.owner)?,
        "policyholder": person(Role::Policyholder, &input.policyholder)?,
        "unlimited": matches!(input.drivers, Drivers::Unlimited(_)),
        "drivers": drivers?,
    }))
}

fn person(role: Role, person: &Person) -> Result<Value, Decline> {
    let passport = role.needs(person.passport.as_ref(), "passport")?;
    let address = role.needs_registration(person)?;
    Ok(json!({
        "name": person.name.full(),
        "born": person.birth_date.reveal().to_string(),
        "passport": format!("{} {}", passport.series.as_str(), passport.number.as_str()),
        "address": address.text.as_str(),
        "kladr": address.kladr.as_str(),
    }))
}

fn driver(role: Role, person: &Person) -> Result<Value, Decline> {
    let licence = role.needs(person.any_licence(), "license")?;
    Ok(json!({
        "name": person.name.full(),
        "born": person.birth_date.reveal().to_string(),
        "licence": format!("{} {}", licence.series.as_str(), licence.number.as_str()),
        "since": licence.date.reveal().to_string(),
    }))
}
