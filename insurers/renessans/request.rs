//! How a calculation is asked for.

use veer_contract::{
    Context, Decline,
    domain::{Person, QuoteRequest},
    slot,
};

use super::form::{Fields, purpose};
use crate::{
    codes,
    required::{self, Role},
    written::{cyrillic, licence_series},
};

/// The form of the calculation, or the field that it cannot do without.
pub(super) fn calculation(input: &QuoteRequest, cx: &Context<'_>) -> Result<Vec<(String, String)>, Decline> {
    required::vehicle_identity(input)?;
    let mut fields = Fields::default();
    fields.add("key", slot::secret("key"));
    fields.add("dateStart", input.policy_start.to_string());
    fields.add("period", "12");
    fields.add("purpose", purpose(input.purpose));
    fields.add("limitDrivers", if input.drivers.is_unlimited() { "0" } else { "1" });
    fields.add("trailer", "0");
    fields.add("isJuridical", "0");
    fields.add("codeKladr", owner_kladr(&input.owner)?);
    owner(&mut fields, &input.owner)?;
    car(&mut fields, input, cx);
    fields.add("usagePeriod[0][dateStart]", input.policy_start.to_string());
    fields.add("usagePeriod[0][dateEnd]", input.policy_end().to_string());
    for (place, person) in input.drivers.named().iter().enumerate() {
        driver(&mut fields, place, person)?;
    }
    fields.add("fullInformation", "1");
    Ok(fields.into_pairs())
}

/// The service takes codes of cities, streets and houses.
fn owner_kladr(owner: &Person) -> Result<String, Decline> {
    let address = Role::Owner.needs_registration(owner)?;
    codes::kladr_of_length(address, &[13, 17, 19])
        .ok_or_else(|| Role::Owner.lacks("addresses[0].addresses_kladr_code"))
}

fn owner(fields: &mut Fields, owner: &Person) -> Result<(), Decline> {
    fields.person("owner", owner);
    if fields.identity("owner", owner) { Ok(()) } else { Err(Role::Owner.lacks("passport")) }
}

fn car(fields: &mut Fields, input: &QuoteRequest, cx: &Context<'_>) {
    let vehicle = &input.vehicle;
    fields.add("car[make]", cx.vehicle.brand.as_str());
    fields.add("car[model]", cx.vehicle.model.as_str());
    // Free text: the request's own words, also where the dictionary has only `Прочие`.
    fields.add("car[MarkAndModelString]", format!("{} {}", vehicle.brand.name, vehicle.model.name));
    fields.add("car[category]", vehicle.category().letter().to_string());
    fields.add("car[power]", vehicle.engine_power.as_json_number().to_string());
    fields.add_if_there("car[documents][vin]", vehicle.vin.as_ref());
    if let Some(plate) = &vehicle.plate {
        fields.add("car[documents][registrationNumber]", cyrillic(plate.as_str()));
    }
    fields.add_if_there("car[documents][chassisNumber]", vehicle.chassis_number.as_ref());
    fields.add_if_there("car[documents][carcaseNumber]", vehicle.body_number.as_ref());
}

fn driver(fields: &mut Fields, place: usize, person: &Person) -> Result<(), Decline> {
    let licence = Role::Driver(place).needs(person.any_licence(), "license")?;
    let prefix = format!("drivers[{place}]");
    fields.person(&prefix, person);
    fields.add(format!("{prefix}[license][series]"), licence_series(person, licence));
    fields.add(format!("{prefix}[license][number]"), licence.number.as_str());
    // The partner API has one date for issue and for the start of experience.
    let date = licence.date.reveal().to_string();
    fields.add(format!("{prefix}[license][dateIssue]"), date.as_str());
    fields.add(format!("{prefix}[license][dateBeginDrive]"), date);
    Ok(())
}
