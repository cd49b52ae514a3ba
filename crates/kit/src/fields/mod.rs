//! The fields of a partner's request, by their names in the partner API.
//!
//! Fixtures leave some of them out, the probe leaves each of them out in turn, and a decline for a missing
//! field names one.

mod filled;
mod table;

use veer_contract::domain::{Drivers, Person, QuoteRequest};

pub(crate) use self::filled::filled;
use self::table::{
    BELOW, OF_A_PASSPORT, OF_A_PERSON, OF_A_PREVIOUS_LICENCE, OF_A_VEHICLE, OF_AN_ADDRESS, Optional,
    REQUIRED, REQUIRED_OF_ALL,
};
use crate::requests;

/// The optional fields that `request` has.
pub(crate) fn optional(request: &QuoteRequest) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |role: &str, names: Vec<String>| {
        found.extend(names.into_iter().map(|name| format!("{role}.{name}")));
    };
    add("insurer", of_a_person(&request.policyholder));
    add("owner", of_a_person(&request.owner));
    for (at, driver) in people(&request.drivers).iter().enumerate() {
        add(&format!("drivers_info.drivers[{at}]"), of_a_person(driver));
    }
    add("vehicle", there(OF_A_VEHICLE, &request.vehicle, ""));
    found.extend(request.return_urls.is_some().then(|| "return_urls".to_owned()));
    found
}

/// Leaves one field out; the error says why it cannot be.
pub(crate) fn leave_out(request: &mut QuoteRequest, field: &str) -> Result<(), String> {
    if field == "return_urls" {
        return absent(&mut request.return_urls, field);
    }
    if let Some(name) = field.strip_prefix("vehicle.") {
        return leave_out_of(OF_A_VEHICLE, &mut request.vehicle, name, field);
    }
    let (role, name) = split_role(field).ok_or_else(|| unknown(field))?;
    let person = match role {
        Role::Policyholder => Some(&mut request.policyholder),
        Role::Owner => Some(&mut request.owner),
        Role::Driver(at) => {
            let (Drivers::Named(people) | Drivers::Unlimited(people)) = &mut request.drivers;
            people.get_mut(at)
        }
    };
    leave_out_of_person(person.ok_or_else(|| format!("`{field}`: no such driver"))?, name, field)
}

/// Whether the partner API has a field of that name.
pub(crate) fn is_known(field: &str) -> bool {
    // The documented request, filled up, has every field there is, and one driver.
    let field = match split_role(field) {
        Some((Role::Driver(_), name)) => format!("drivers_info.drivers[0].{name}"),
        _ => field.to_owned(),
    };
    is_there(&filled(&requests::documented()), &field)
}

/// Whether `request` has that field: an optional one, or one that every request has.
pub(crate) fn is_there(request: &QuoteRequest, field: &str) -> bool {
    let optional = optional(request);
    let there = |field: &str| optional.iter().any(|other| other == field);
    if there(field) || REQUIRED_OF_ALL.contains(&field) {
        return true;
    }
    if let Some((holder, _)) = BELOW.iter().find(|(_, names)| names.contains(&field)) {
        return there(holder);
    }
    let Some((_, name)) = split_role(field) else { return false };
    let role = &field[..field.len() - name.len()];
    if name == "addresses[0]" {
        return there(&format!("{role}addresses"));
    }
    let (whole, part) = name.rsplit_once('.').unwrap_or(("", name));
    let holder = whole.strip_suffix("[0]").unwrap_or(whole);
    let required = REQUIRED.iter().any(|(of, names)| *of == whole && names.contains(&part));
    required && (holder.is_empty() || there(&format!("{role}{holder}")))
}

enum Role {
    Policyholder,
    Owner,
    Driver(usize),
}

/// `owner.passport` as the role and `passport`.
fn split_role(field: &str) -> Option<(Role, &str)> {
    if let Some(rest) = field.strip_prefix("drivers_info.drivers[") {
        let (at, name) = rest.split_once("].")?;
        return Some((Role::Driver(at.parse().ok()?), name));
    }
    match field.split_once('.')? {
        ("insurer", name) => Some((Role::Policyholder, name)),
        ("owner", name) => Some((Role::Owner, name)),
        _ => None,
    }
}

fn people(drivers: &Drivers) -> &[Person] {
    let (Drivers::Named(people) | Drivers::Unlimited(people)) = drivers;
    people
}

fn of_a_person(person: &Person) -> Vec<String> {
    let mut found = there(OF_A_PERSON, person, "");
    if let Some(passport) = &person.passport {
        found.extend(there(OF_A_PASSPORT, passport, "passport."));
    }
    if let Some(previous) = &person.previous_licence {
        found.extend(there(OF_A_PREVIOUS_LICENCE, previous, "previous_license."));
    }
    if let Some(address) = person.addresses.first() {
        found.extend(there(OF_AN_ADDRESS, address, "addresses[0]."));
    }
    found
}

fn there<T>(optional: &[Optional<T>], of: &T, prefix: &str) -> Vec<String> {
    let there = optional.iter().filter(|optional| (optional.is_there)(of));
    there.map(|optional| format!("{prefix}{}", optional.name)).collect()
}

fn leave_out_of_person(person: &mut Person, name: &str, field: &str) -> Result<(), String> {
    let missing = || format!("the request has no `{field}` to leave out");
    if let Some(name) = name.strip_prefix("passport.") {
        let passport = person.passport.as_mut().ok_or_else(missing)?;
        return leave_out_of(OF_A_PASSPORT, passport, name, field);
    }
    if let Some(name) = name.strip_prefix("previous_license.") {
        let previous = person.previous_licence.as_mut().ok_or_else(missing)?;
        return leave_out_of(OF_A_PREVIOUS_LICENCE, previous, name, field);
    }
    if let Some(name) = name.strip_prefix("addresses[0].") {
        let address = person.addresses.first_mut().ok_or_else(missing)?;
        return leave_out_of(OF_AN_ADDRESS, address, name, field);
    }
    leave_out_of(OF_A_PERSON, person, name, field)
}

fn leave_out_of<T>(optional: &[Optional<T>], of: &mut T, name: &str, field: &str) -> Result<(), String> {
    let known = optional.iter().find(|optional| optional.name == name).ok_or_else(|| unknown(field))?;
    if !(known.is_there)(of) {
        return Err(format!("the request has no `{field}` to leave out"));
    }
    (known.leave_out)(of);
    Ok(())
}

fn absent<T>(value: &mut Option<T>, field: &str) -> Result<(), String> {
    value.take().map(drop).ok_or_else(|| format!("the request has no `{field}` to leave out"))
}

fn unknown(field: &str) -> String {
    format!(
        "`{field}` is no optional field of the partner's request; they are named as in `owner.passport`, \
         `drivers_info.drivers[0].license`, `insurer.addresses[0].house`, `vehicle.body_number`, `return_urls`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_optional_field_is_left_out_by_its_name() {
        let whole = filled(&requests::standard());
        let names = optional(&whole);
        assert!(names.len() > 100, "{names:?}");
        for name in &names {
            let mut request = whole.clone();
            leave_out(&mut request, name).unwrap();
            assert!(is_there(&whole, name) && !is_there(&request, name) && is_known(name), "{name}");
            let error = leave_out(&mut request, name).unwrap_err();
            assert!(error.contains("the request has no"), "{error}");
        }
    }

    #[test]
    fn a_name_is_one_of_the_partner_api() {
        for name in [
            "owner.addresses[0].addresses_kladr_code",
            "insurer.contact.email",
            "drivers_info.drivers[3].license",
            "vehicle.year",
            "owner.birth_date",
            "owner.addresses[0]",
            "vehicle.car_documents[0].series",
        ] {
            assert!(is_known(name), "{name}");
        }
        for name in ["owner.pasport", "contact", "vehicle.car_document", "drivers[0].license", ""] {
            assert!(!is_known(name), "{name}");
        }
        let error = leave_out(&mut requests::standard(), "owner.pasport").unwrap_err();
        assert!(error.contains("`owner.pasport` is no optional field"), "{error}");
    }

    #[test]
    fn what_is_in_an_absent_field_is_absent_too() {
        let mut request = requests::standard();
        assert!(is_there(&request, "owner.addresses[0].addresses_kladr_code"));
        leave_out(&mut request, "owner.addresses").unwrap();
        assert!(!is_there(&request, "owner.addresses[0].addresses_kladr_code"));
    }
}
