//! People as an application writes them.

use serde_json::{Map, Value, json};
use veer_contract::{
    Decline,
    domain::{Address, Licence, Passport, Person, PersonName, Personal},
};

use super::kbm::{RUSSIA, RUSSIAN_LICENCE};
use crate::{
    codes,
    required::{Role, text},
    written::{self, Sex, cyrillic},
};

/// РСА's number of a Russian passport.
const PASSPORT: &str = "12";

/// Policyholder or owner, with passport and address of registration.
pub(super) fn subject(role: Role, person: &Person) -> Result<Value, Decline> {
    let passport = role.needs(person.passport.as_ref(), "passport")?;
    let mut written = face(person);
    written.insert("Documents".into(), json!({"Document": [identity(passport)]}));
    let address = address(role, role.needs_registration(person)?)?;
    written.insert("Addresses".into(), json!({"Address": [address]}));
    if let Some(contact) = &person.contact {
        written.insert("Email".into(), contact.email.as_str().into());
        written.insert("PhoneMobile".into(), format!("+{}", contact.phone.as_str()).into());
    }
    Ok(json!({"Phisical": written}))
}

/// A driver, with the licence and the one under an earlier name.
pub(super) fn driver(role: Role, person: &Person) -> Result<Value, Decline> {
    let current = role.needs(person.licence.as_ref(), "license")?;
    let mut face = face(person);
    face.insert("Documents".into(), json!({"Document": [licence(current)]}));
    if let Some(earlier) = &person.previous_licence {
        let mut old = naming(&earlier.name);
        old.insert("Document".into(), licence(&earlier.licence));
        face.insert("PhisicalOld".into(), old.into());
    }
    // The partner API has one date for issue and for the start of experience.
    Ok(json!({"Face": face, "DrivingExpDate": current.date.reveal().to_string()}))
}

fn face(person: &Person) -> Map<String, Value> {
    let mut face = naming(&person.name);
    face.insert("Resident".into(), true.into());
    face.insert("BirthDate".into(), person.birth_date.reveal().to_string().into());
    if let Some(sex) = written::sex(&person.name) {
        face.insert("Sex".into(), if sex == Sex::Male { "male" } else { "female" }.into());
    }
    face
}

fn naming(name: &PersonName) -> Map<String, Value> {
    let parts =
        [("Surname", Some(&name.last)), ("Name", Some(&name.first)), ("Patronymic", name.middle.as_ref())];
    present(parts)
}

fn identity(passport: &Passport) -> Value {
    json!({
        "TypeRSA": PASSPORT,
        "Serial": passport.series.as_str(),
        "Number": passport.number.as_str(),
        "Date": passport.issued_on.reveal().to_string(),
        "Exit": text(passport.issuer.as_ref()),
        "IsPrimary": true,
    })
}

fn licence(licence: &Licence) -> Value {
    json!({
        "TypeRSA": RUSSIAN_LICENCE.to_string(),
        "Serial": cyrillic(licence.series.as_str()),
        "Number": licence.number.as_str(),
        "Date": licence.date.reveal().to_string(),
    })
}

fn address(role: Role, address: &Address) -> Result<Value, Decline> {
    let code = street_code(address).ok_or_else(|| role.lacks("addresses[0].addresses_kladr_code"))?;
    let mut written = present([
        ("Street", address.street_name.as_ref()),
        ("Hous", address.house.as_ref()),
        ("Housing", address.building.as_ref()),
        ("Structure", address.block.as_ref()),
        ("Flat", address.apartment.as_ref()),
        ("FiasGuid", address.fias.as_ref()),
    ]);
    written.insert("Type".into(), "Registered".into());
    written.insert("Country".into(), RUSSIA.into());
    written.insert("AddressCode".into(), code.into());
    written.insert("IsPrimary".into(), true.into());
    Ok(written.into())
}

/// The street's КЛАДР, 17 digits: as it is, cut from a house's, or that of a place without streets.
fn street_code(address: &Address) -> Option<String> {
    let cut = |length: usize, digits: usize| {
        let code = codes::kladr_of_length(address, &[length])?;
        Some(format!("{:0<17}", code.get(..digits)?))
    };
    cut(17, 17).or_else(|| cut(19, 15)).or_else(|| cut(13, 11))
}

fn present<const N: usize>(parts: [(&str, Option<&Personal<String>>); N]) -> Map<String, Value> {
    let parts = parts.into_iter().filter_map(|(name, value)| Some((name, value?.as_str().trim())));
    parts
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect()
}
