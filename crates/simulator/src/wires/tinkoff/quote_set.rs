//! The body of `calcPartnerFQuote`.

use super::{
    subject::{self, one_of},
    vehicle,
};
use crate::{
    dictionary::Dictionary,
    risk::{Driver, Risk, months},
    tariff::Place,
    wires::{fields::Fields, ingosstrakh::soap::Node, tinkoff::quote_of},
};

/// Reads a set, or names everything that is wrong with it. `set` is the number of one that is calculated again: then
/// the numbers of everything in it are told too, and how its insurant is reached.
pub(super) fn read(body: &Node, dictionary: Dictionary, set: Option<&str>) -> Result<Risk, Vec<String>> {
    let mut fields = Fields::new(|path| body.text_at(path));
    subject::everybody(&mut fields, set);
    let insurant = subject::of(&mut fields, "OSAGOFQ.insurant");
    subject::at_home(&mut fields, &insurant);
    if let Some(set) = set {
        one_of(&mut fields, "OSAGOFQ.quoteNumber", &[&quote_of(set)]);
        for path in ["email", "phone.numberPhone"] {
            fields.need(&format!("{insurant}.{path}"));
        }
    }
    let owner = subject::of(&mut fields, "OSAGOFQ.carOwner");
    let place = subject::at_home(&mut fields, &owner);
    let born = fields.need_day(&[&format!("{owner}.birthdate")]);
    let name = ["lastName", "firstName", "middleName"].map(|part| fields.maybe(&format!("{owner}.{part}")));
    let vehicle = vehicle::read(&mut fields, dictionary);
    one_of(&mut fields, "OSAGOFQ.isEOSAGO", &["true"]);
    let start = moment(&mut fields, "OSAGOFQ.effectiveDate", "T00:00:00+03:00");
    let end = moment(&mut fields, "OSAGOFQ.expirationDate", "T23:59:59+03:00");
    let list = "OSAGOFQ.driversList";
    let unlimited = one_of(&mut fields, &format!("{list}.isMultidrive"), &["true", "false"]) == "true";
    let risk = Risk {
        vehicle: vehicle.number,
        owner: name.into_iter().flatten().collect::<String>() + &born.to_string(),
        owner_born: Some(born),
        start,
        months: months(start, end),
        category: vehicle.category,
        taxi: vehicle.taxi,
        legal: false,
        horsepower: vehicle.horsepower,
        kilograms: 0,
        trailer: vehicle.trailer,
        place: Place::by_kladr(&place),
        drivers: (!unlimited).then(|| drivers(&mut fields, &format!("{list}.namedList"))),
    };
    let problems = fields.problems();
    if problems.is_empty() { Ok(risk) } else { Err(problems) }
}

/// A day with the second and the zone that this insurer wants.
fn moment(fields: &mut Fields<'_>, path: &str, rest: &str) -> jiff::civil::Date {
    let text = fields.need(path);
    if !text.is_empty() && text.get(10..) != Some(rest) {
        fields.wrong(path);
    }
    fields.need_day(&[path])
}

fn drivers(fields: &mut Fields<'_>, list: &str) -> Vec<Driver> {
    let path = |index: usize| format!("{list}.driver[{index}]");
    let count = fields.count(|index| format!("{}.subjectNumber", path(index)));
    if count == 0 {
        fields.missing(&format!("{list}.driver"));
    }
    let driver = |index| {
        let person = subject::of(fields, &path(index));
        let licences = ["driver_license_russian_B", "driver_license_international"];
        Driver {
            licence: subject::document(fields, &person, &licences),
            born: fields.need_day(&[&format!("{person}.birthdate")]),
            drives_since: fields.need_day(&[&format!("{}.drivingLicenseIssueDateOriginal", path(index))]),
        }
    };
    (0..count).map(driver).collect()
}
