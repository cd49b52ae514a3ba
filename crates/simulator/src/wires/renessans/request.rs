//! The fields of a calculation.

use serde_json::Value;
use veer_contract::domain::VehicleCategory;

use crate::{
    dictionary::{self, Dictionary},
    risk::{Driver, Risk, months},
    tariff::Place,
    wires::fields::Fields,
};

const PURPOSES: [&str; 9] = [
    "Личная",
    "Такси",
    "УчебнаяЕзда",
    "СдачаВАренду",
    "ОпасныйГруз",
    "ПассажирскиеПеревозки",
    "ЭкстренныеИКоммСлужбы",
    "ДорожныеИСпециальныеТС",
    "Прочее",
];

/// Reads a calculation, or names everything that is wrong with it.
pub(super) fn read(tree: &Value, dictionary: Dictionary) -> Result<Risk, Vec<String>> {
    let mut fields = Fields::of_json(tree);
    let start = fields.need_day(&["dateStart"]);
    fields.need_number("period");
    let purpose = fields.need("purpose");
    if !purpose.is_empty() && !PURPOSES.contains(&purpose.as_str()) {
        fields.wrong("purpose");
    }
    let kladr = fields.need("codeKladr");
    if !kladr.is_empty() && ![13, 17, 19].contains(&kladr.len()) {
        fields.wrong("codeKladr");
    }
    let legal = flag(&mut fields, "isJuridical");
    let (owner, owner_born) = if legal {
        (fields.need("owner.organization.name"), None)
    } else {
        let born = fields.need_day(&["owner.birthday"]);
        let names = [fields.need("owner.lastname"), fields.need("owner.name")];
        let middle = fields.maybe("owner.middlename").unwrap_or_default();
        fields.need_any(&["owner.document.typeofdocument", "owner.document.type"]);
        fields.need("owner.document.number");
        (format!("{}{middle}{born}", names.concat()), Some(born))
    };
    let category = vehicle_category(&mut fields);
    vehicle_name(&mut fields, dictionary);
    let vehicle = fields.need_any(&[
        "car.documents.vin",
        "car.documents.carcaseNumber",
        "car.documents.chassisNumber",
        "car.documents.registrationNumber",
    ]);
    let drivers = flag(&mut fields, "limitDrivers").then(|| drivers(&mut fields));
    let risk = Risk {
        vehicle,
        owner,
        owner_born,
        start,
        months: periods(&mut fields),
        category,
        taxi: purpose == "Такси",
        legal,
        horsepower: fields.need_number("car.power"),
        kilograms: fields
            .maybe("car.ResolutionMaxWeight")
            .and_then(|text| text.parse().ok())
            .unwrap_or_default(),
        trailer: fields.maybe("trailer").is_some_and(|flag| flag == "1" || flag == "true"),
        place: Place::by_kladr(&kladr),
        drivers,
    };
    let problems = fields.problems();
    if problems.is_empty() { Ok(risk) } else { Err(problems) }
}

fn flag(fields: &mut Fields<'_>, path: &str) -> bool {
    match fields.need(path).as_str() {
        "1" | "true" => true,
        "0" | "false" | "" => false,
        _ => {
            fields.wrong(path);
            false
        }
    }
}

fn vehicle_category(fields: &mut Fields<'_>) -> VehicleCategory {
    let text = fields.need("car.category");
    dictionary::category(&text).unwrap_or_else(|| {
        if !text.is_empty() {
            fields.wrong("car.category");
        }
        VehicleCategory::B
    })
}

/// The names are the codes; case and blanks at their ends play no part. A model that is not listed goes as
/// `Прочие`, its name in the free field.
fn vehicle_name(fields: &mut Fields<'_>, dictionary: Dictionary) {
    let (make, model) = (fields.need("car.make"), fields.need("car.model"));
    let same = |one: &str, other: &str| lower(one).eq(lower(other));
    let mut of_make = dictionary.entries().filter(|entry| same(entry.brand, &make)).peekable();
    if of_make.peek().is_none() {
        if !make.is_empty() {
            fields.wrong("car.make");
        }
    } else if same(&model, dictionary::OTHER) {
        fields.need("car.MarkAndModelString");
    } else if !model.is_empty() && !of_make.any(|entry| same(entry.model, &model)) {
        fields.wrong("car.model");
    }
}

fn lower(name: &str) -> impl Iterator<Item = char> {
    name.trim().chars().flat_map(char::to_lowercase)
}

fn drivers(fields: &mut Fields<'_>) -> Vec<Driver> {
    let path = |index: usize, field: &str| format!("drivers.{index}.{field}");
    let count = fields.count(|index| path(index, "lastname"));
    if count == 0 {
        fields.missing("drivers");
    }
    let driver = |index| {
        fields.need(&path(index, "name"));
        let series = fields.maybe(&path(index, "license.series")).unwrap_or_default();
        Driver {
            licence: series + &fields.need(&path(index, "license.number")),
            born: fields.need_day(&[&path(index, "birthday")]),
            drives_since: fields
                .need_day(&[&path(index, "license.dateBeginDrive"), &path(index, "license.dateIssue")]),
        }
    };
    (0..count).map(driver).collect()
}

/// Without periods the whole year is meant.
fn periods(fields: &mut Fields<'_>) -> u8 {
    let path = |index: usize, field: &str| format!("usagePeriod.{index}.{field}");
    let count = fields.count(|index| path(index, "dateStart"));
    if count == 0 {
        return 12;
    }
    let period = |index| {
        let start = fields.need_day(&[&path(index, "dateStart")]);
        months(start, fields.need_day(&[&path(index, "dateEnd")]))
    };
    (0..count).map(period).sum()
}
