//! People as the platform's object vocabulary writes them.

use serde_json::{Map, Value, json};
use veer_contract::{
    Decline,
    domain::{Address, Licence, Person, Personal, QuoteRequest},
};

use crate::{
    codes,
    required::{self, Role},
    written::{self, Sex},
};

/// Who insures: everything, and how to reach them.
pub(super) fn policyholder(request: &QuoteRequest) -> Result<Value, Decline> {
    let contact = required::mailed_to(request)?;
    let mut holder = identified(Role::Policyholder, &request.policyholder)?;
    holder.insert("phone".into(), json!({"phoneNumber": contact.phone.as_str()}));
    holder.insert("email".into(), contact.email.as_str().into());
    Ok(holder.into())
}

/// The vehicle's owner.
pub(super) fn owner(person: &Person) -> Result<Value, Decline> {
    identified(Role::Owner, person).map(Value::from)
}

/// A driver.
pub(super) fn driver(place: usize, driver: &Person) -> Result<Value, Decline> {
    let licence = Role::Driver(place).needs(driver.any_licence(), "license")?;
    let series = written::licence_series(driver, licence);
    // The partner API has one date for issue and for the start of experience.
    let Licence { number, date, .. } = licence;
    let date = date.reveal().to_string();
    Ok(json!({
        "person": person(driver),
        "document": {
            "typeCode": "DRIVER_LICENSE",
            "serial": series,
            "number": number.as_str(),
            "dateIssue": date,
        },
        "driveExperience": date,
    }))
}

fn identified(role: Role, who: &Person) -> Result<Map<String, Value>, Decline> {
    let passport = role.needs(who.passport.as_ref(), "passport")?;
    let registration = role.needs_registration(who)?;
    let document = [
        ("typeCode", Some("PASSPORT".to_owned())),
        ("serial", Some(passport.series.as_str().to_owned())),
        ("number", Some(passport.number.as_str().to_owned())),
        ("dateIssue", Some(passport.issued_on.reveal().to_string())),
        ("whom", owned(passport.issuer.as_ref())),
        ("divisionCode", owned(passport.subdivision.as_ref())),
    ];
    let parts =
        [("person", person(who)), ("document", present(document)), ("address", address(registration))];
    Ok(parts.map(|(name, part)| (name.to_owned(), part)).into_iter().collect())
}

fn person(who: &Person) -> Value {
    let gender = written::sex(&who.name).map(|sex| match sex {
        Sex::Male => "M".to_owned(),
        Sex::Female => "F".to_owned(),
    });
    present([
        ("lastName", Some(who.name.last.as_str().to_owned())),
        ("firstName", Some(who.name.first.as_str().to_owned())),
        ("middleName", owned(who.name.middle.as_ref())),
        ("fullName", Some(who.name.full())),
        ("birthDate", Some(who.birth_date.reveal().to_string())),
        ("citizenship", Some("RU".to_owned())),
        ("gender", gender),
    ])
}

fn address(address: &Address) -> Value {
    let region = format!("{} {}", address.region_type.as_str(), address.region_name.as_str());
    let fias = [
        &address.fias,
        &address.house_fias,
        &address.street_fias,
        &address.settlement_fias,
        &address.city_fias,
    ];
    present([
        ("typeCode", Some("REGISTRATION".to_owned())),
        ("countryCode", Some("RU".to_owned())),
        ("region", Some(region.trim().to_owned())),
        ("city", owned(address.settlement_name.as_ref().or(address.city_name.as_ref()))),
        ("street", owned(address.street_name.as_ref())),
        ("house", owned(address.house.as_ref())),
        ("building", owned(address.block.as_ref().or(address.building.as_ref()))),
        ("flat", owned(address.apartment.as_ref())),
        ("kladrId", codes::kladr_of_length(address, &[13, 17, 19])),
        ("fiasId", owned(fias.into_iter().flatten().next())),
        ("addressStr", Some(address.text.as_str().to_owned())),
    ])
}

fn owned(value: Option<&Personal<String>>) -> Option<String> {
    value.map(|value| value.as_str().to_owned())
}

/// An object of the fields that are there.
pub(super) fn present<const N: usize>(fields: [(&str, Option<String>); N]) -> Value {
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    fields.collect::<Map<String, Value>>().into()
}
