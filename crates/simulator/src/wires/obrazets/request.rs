//! The body of a quote.

use serde_json::Value;
use veer_contract::domain::VehicleCategory;

use crate::{
    dictionary::Dictionary,
    risk::{Driver, Risk, months},
    tariff::{Place, Tariff},
    wires::fields::Fields,
};

/// Reads a quote, or names everything that is wrong with it.
pub(super) fn read(body: &Value, dictionary: Dictionary) -> Result<Risk, Vec<String>> {
    let mut fields = Fields::of_json(body);
    let start = fields.need_day(&["policy.start_date"]);
    let end = fields.need_day(&["policy.end_date"]);
    let purpose = one_of(&mut fields, "policy.purpose", &["personal", "taxi"]);
    let category = category(&mut fields);
    vehicle_code(&mut fields, dictionary, category);
    fields.need_number("vehicle.year");
    one_of(&mut fields, "vehicle.document.type", &["sts", "pts", "epts"]);
    fields.need("vehicle.document.number");
    fields.need_day(&["vehicle.document.issued_on"]);
    let vehicle = fields.need_any(&["vehicle.vin", "vehicle.body_number", "vehicle.chassis_number"]);
    person(&mut fields, "policyholder");
    fields.need("policyholder.phone");
    fields.need("policyholder.email");
    let owner = person(&mut fields, "owner");
    let owner_born = fields.need_day(&["owner.birth_date"]);
    let drivers = match one_of(&mut fields, "policy.drivers", &["named", "unlimited"]).as_str() {
        "named" => Some(drivers(&mut fields)),
        _ => None,
    };
    let risk = Risk {
        vehicle,
        owner: format!("{owner}{owner_born}"),
        owner_born: Some(owner_born),
        start,
        months: months(start, end),
        category,
        taxi: purpose == "taxi",
        legal: false,
        horsepower: fields.need_number("vehicle.power_hp"),
        kilograms: 0,
        trailer: false,
        place: place(&fields),
        drivers,
    };
    let problems = fields.problems();
    if problems.is_empty() { Ok(risk) } else { Err(problems) }
}

/// A word that must be there and be one of these.
fn one_of(fields: &mut Fields<'_>, path: &str, words: &[&str]) -> String {
    let word = fields.need(path);
    if !word.is_empty() && !words.contains(&word.as_str()) {
        fields.wrong(path);
    }
    word
}

fn category(fields: &mut Fields<'_>) -> VehicleCategory {
    let letter = fields.need("vehicle.category");
    VehicleCategory::parse(&letter).unwrap_or_else(|| {
        if !letter.is_empty() {
            fields.wrong("vehicle.category");
        }
        VehicleCategory::B
    })
}

/// A code that the dictionary has now, for a vehicle of that category.
fn vehicle_code(fields: &mut Fields<'_>, dictionary: Dictionary, category: VehicleCategory) {
    let code = fields.need("vehicle.code");
    let known = dictionary
        .entries()
        .any(|entry| entry.isn.to_string() == code && entry.category.is_none_or(|it| it == category));
    if !code.is_empty() && !known {
        fields.wrong("vehicle.code");
    }
}

/// The name, as one text.
fn person(fields: &mut Fields<'_>, role: &str) -> String {
    let path = |field: &str| format!("{role}.{field}");
    let mut name = fields.need(&path("last_name")) + &fields.need(&path("first_name"));
    name += &fields.maybe(&path("middle_name")).unwrap_or_default();
    fields.need_day(&[&path("birth_date")]);
    fields.need(&path("passport.series"));
    fields.need(&path("passport.number"));
    fields.need_day(&[&path("passport.issued_on")]);
    fields.need(&path("address.text"));
    fields.need(&path("address.kladr"));
    name
}

fn drivers(fields: &mut Fields<'_>) -> Vec<Driver> {
    let path = |index: usize, field: &str| format!("drivers.{index}.{field}");
    let count = fields.count(|index| path(index, "last_name"));
    if count == 0 {
        fields.missing("drivers");
    }
    let driver = |index| {
        fields.need(&path(index, "first_name"));
        one_of(fields, &path(index, "licence.type"), &["russian", "foreign"]);
        let series = fields.need(&path(index, "licence.series"));
        Driver {
            licence: series + &fields.need(&path(index, "licence.number")),
            born: fields.need_day(&[&path(index, "birth_date")]),
            drives_since: fields.need_day(&[&path(index, "licence.experience_since")]),
        }
    };
    (0..count).map(driver).collect()
}

/// The subject by its code, the town by its name.
fn place(fields: &Fields<'_>) -> Place {
    let field = |name: &str| fields.maybe(&format!("owner.address.{name}")).unwrap_or_default();
    let by_names = Place::by_names(&Tariff::embedded().territories, &field("region"), &field("city"));
    Place { town: by_names.town, ..Place::by_kladr(&field("kladr")) }
}
