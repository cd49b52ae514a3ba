//! The body of a calculation.

use serde_json::Value;

use crate::{
    dictionary::{self, Dictionary},
    risk::{Driver, Risk, months},
    tariff::{Place, Tariff},
    wires::fields::{Fields, at},
};

/// A calculation that was asked for.
pub(super) struct Asked {
    pub(super) risk: Risk,
    /// Whether mark and model stand in the dictionary exactly so.
    pub(super) known_vehicle: bool,
}

const OWNER: &str = "transport_owner.person";

impl Asked {
    /// Reads a body, or names everything that is wrong with it.
    pub(super) fn read(body: &Value, dictionary: Dictionary) -> Result<Self, Vec<String>> {
        let mut fields = Fields::of_json(body);
        let start = fields.need_day(&["insurance_contract.begin_date"]);
        let purpose = fields.need("insurance_contract.purpose_of_use");
        let category_text = fields.need("vehicle.category");
        let category = dictionary::category(&category_text);
        fields.need("vehicle.mark");
        fields.need("vehicle.model");
        fields.need("vehicle.production_year");
        let vehicle = fields.need_any(&[
            "vehicle.identity.vin",
            "vehicle.identity.body_number",
            "vehicle.identity.chassis_number",
        ]);
        fields.need_any(&["transport_insurer.person.last_name", "transport_insurer.organization.full_name"]);
        let legal = fields.maybe("transport_owner.organization.full_name");
        let (owner, owner_born, place) = match &legal {
            Some(name) => (name.clone(), None, place(&fields, "transport_owner.organization.")),
            None => {
                let born = fields.need_day(&[&format!("{OWNER}.birth_date")]);
                let mut name = fields.need(&format!("{OWNER}.last_name"));
                name += &fields.need(&format!("{OWNER}.first_name"));
                name += &fields.maybe(&format!("{OWNER}.middle_name")).unwrap_or_default();
                fields.need(&format!("{OWNER}.addresses.0.region"));
                (format!("{name}{born}"), Some(born), place(&fields, &format!("{OWNER}.")))
            }
        };
        let drivers = match fields.need("insurance_contract.drivers_restriction").as_str() {
            "true" => Some(drivers(&mut fields)),
            _ => None,
        };
        let risk = Risk {
            vehicle,
            owner,
            owner_born,
            start,
            months: periods(&mut fields),
            category: category.unwrap_or_else(|| {
                fields.wrong("vehicle.category");
                veer_contract::domain::VehicleCategory::B
            }),
            taxi: purpose.to_lowercase().contains("такси"),
            legal: legal.is_some(),
            horsepower: fields.need_number("vehicle.power_hp"),
            kilograms: fields
                .maybe("vehicle.max_allowed_weight")
                .and_then(|text| text.parse::<f64>().ok())
                .map_or(0, |kilograms| kilograms as u32),
            trailer: fields.maybe("vehicle.use_with_trailer").as_deref() == Some("true"),
            place,
            drivers,
        };
        // As they stand: a blank too many is another name.
        let name = |path| at(body, path).and_then(Value::as_str);
        let (mark, model) = (name("vehicle.mark"), name("vehicle.model"));
        let known_vehicle = category.is_some()
            && dictionary.entries().any(|entry| {
                entry.category == category && mark == Some(entry.brand) && model == Some(entry.model)
            });
        let problems = fields.problems();
        if problems.is_empty() { Ok(Self { risk, known_vehicle }) } else { Err(problems) }
    }
}

fn drivers(fields: &mut Fields<'_>) -> Vec<Driver> {
    let path = |index: usize, field: &str| format!("drivers.{index}.driver_data.{field}");
    let count = fields.count(|index| path(index, "last_name"));
    if count == 0 {
        fields.missing("drivers");
    }
    let driver = |index| {
        fields.need(&path(index, "first_name"));
        let document = |field: &str| path(index, &format!("driver_document.{field}"));
        let series = fields.maybe(&document("document_series")).unwrap_or_default();
        Driver {
            licence: series + &fields.need(&document("document_number")),
            born: fields.need_day(&[&path(index, "birth_date")]),
            drives_since: fields.need_day(&[&document("driving_experience_date"), &document("issue_date")]),
        }
    };
    (0..count).map(driver).collect()
}

/// The address of registration, else the first one.
fn place(fields: &Fields<'_>, person: &str) -> Place {
    let path = |index: usize, field: &str| format!("{person}addresses.{index}.{field}");
    let count = fields.count(|index| path(index, "region"));
    let registration = (0..count).find(|index| {
        fields
            .maybe(&path(*index, "address_type"))
            .is_some_and(|kind| kind.to_lowercase().contains("регистрац"))
    });
    let field = |name| fields.maybe(&path(registration.unwrap_or(0), name)).unwrap_or_default();
    Place::by_names(&Tariff::embedded().territories, &field("region"), &field("location_place"))
}

fn periods(fields: &mut Fields<'_>) -> u8 {
    let path = |index: usize, field: &str| format!("insurance_contract.operation_periods.{index}.{field}");
    let count = fields.count(|index| path(index, "start_date")).max(1);
    let period = |index| {
        let start = fields.need_day(&[&path(index, "start_date")]);
        months(start, fields.need_day(&[&path(index, "end_date")]))
    };
    (0..count).map(period).sum()
}
