//! The form of a contract.

use serde_json::Value;
use veer_contract::domain::VehicleCategory;

use crate::{
    dictionary::Dictionary,
    risk::{Driver, Risk},
    tariff::{Place, Tariff},
    wires::fields::{Fields, at},
};

/// Reads a form, or names everything that is wrong with it.
pub(super) fn read(body: &Value, dictionary: Dictionary) -> Result<Risk, Vec<String>> {
    let mut fields = Fields::of_json(body);
    let start = fields.need_day(&["policy_action.action_start_date"]);
    let period = fields.need_number("policy_action.insurance_period");
    fields.need("agent_contacts.phone");
    fields.need("agent_contacts.email");
    person(&mut fields, "insurer");
    if !fields.need("insurer.contacts.phone").starts_with("+7") {
        fields.wrong("insurer.contacts.phone");
    }
    fields.need("insurer.contacts.email");
    let owner = person(&mut fields, "owner");
    let owner_born = fields.need_day(&["owner.personal_info.birth_date"]);
    let purpose = one_of(&mut fields, "vehicle.purpose", &["PERSONAL", "TAXI"]);
    let category = category(&mut fields);
    vehicle_names(&mut fields, body, dictionary);
    fields.need_number("vehicle.manufacture_year");
    one_of(&mut fields, "vehicle.document.type_code", &["PTS", "STS", "EPTS"]);
    fields.need("vehicle.document.number");
    fields.need_day(&["vehicle.document.issue_date"]);
    one_of(&mut fields, "vehicle.vehicle_id.type_code", &["VIN", "BODY", "CHASSIS"]);
    let risk = Risk {
        vehicle: fields.need("vehicle.vehicle_id.number"),
        owner: format!("{owner}{owner_born}"),
        owner_born: Some(owner_born),
        start,
        months: u8::try_from(period).unwrap_or(12).min(12),
        category,
        taxi: purpose == "TAXI",
        legal: false,
        horsepower: fields.need_number("vehicle.engine.power"),
        kilograms: 0,
        trailer: false,
        place: place(&mut fields),
        drivers: drivers(&mut fields, body),
    };
    let problems = fields.problems();
    if problems.is_empty() { Ok(risk) } else { Err(problems) }
}

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

/// Mark and model must stand in the lists exactly so.
fn vehicle_names(fields: &mut Fields<'_>, body: &Value, dictionary: Dictionary) {
    fields.need("vehicle.mark_name");
    fields.need("vehicle.model_name");
    let name = |path| at(body, path).and_then(Value::as_str);
    let (mark, model) = (name("vehicle.mark_name"), name("vehicle.model_name"));
    if !dictionary.entries().any(|entry| mark == Some(entry.brand)) {
        fields.wrong("vehicle.mark_name");
    } else if !dictionary.entries().any(|entry| mark == Some(entry.brand) && model == Some(entry.model)) {
        fields.wrong("vehicle.model_name");
    }
}

/// The name, as one text.
fn person(fields: &mut Fields<'_>, role: &str) -> String {
    let path = |field: &str| format!("{role}.{field}");
    let mut name = fields.need(&path("personal_info.last_name")) + &fields.need(&path("personal_info.first_name"));
    name += &fields.maybe(&path("personal_info.middle_name")).unwrap_or_default();
    fields.need_day(&[&path("personal_info.birth_date")]);
    if let Some(gender) = fields.maybe(&path("personal_info.gender"))
        && !["M", "F"].contains(&gender.as_str())
    {
        fields.wrong(&path("personal_info.gender"));
    }
    one_of(fields, &path("document.type_code"), &["RUSSIAN_PASSPORT"]);
    fields.need(&path("document.serial"));
    fields.need(&path("document.number"));
    fields.need_day(&[&path("document.issue_date")]);
    fields.need(&path("address.full_address"));
    name
}

/// The subject by its code, the town by its name.
fn place(fields: &mut Fields<'_>) -> Place {
    let kladr = fields.need("owner.address.region_kladr");
    let field = |name: &str| fields.maybe(&format!("owner.address.{name}")).unwrap_or_default();
    let by_names = Place::by_names(&Tariff::embedded().territories, &field("region"), &field("city"));
    Place { town: by_names.town, ..Place::by_kladr(&kladr) }
}

/// An empty list: anybody may drive. Not public.
fn drivers(fields: &mut Fields<'_>, body: &Value) -> Option<Vec<Driver>> {
    let Some(list) = at(body, "drivers").and_then(Value::as_array) else {
        fields.missing("drivers");
        return None;
    };
    let driver = |index: usize| {
        let path = |field: &str| format!("drivers.{index}.{field}");
        fields.need(&path("last_name"));
        fields.need(&path("first_name"));
        one_of(fields, &path("license.type_code"), &["RUSSIAN_DRIVER_LICENSE", "FOREIGN_DRIVER_LICENSE"]);
        let serial = fields.maybe(&path("license.serial")).unwrap_or_default();
        let licence = serial + &fields.need(&path("license.number"));
        fields.need_day(&[&path("license.issue_date")]);
        Driver {
            licence,
            born: fields.need_day(&[&path("birth_date")]),
            drives_since: fields.need_day(&[&path("experience_start_date")]),
        }
    };
    let drivers: Vec<Driver> = (0..list.len()).map(driver).collect();
    (!drivers.is_empty()).then_some(drivers)
}
