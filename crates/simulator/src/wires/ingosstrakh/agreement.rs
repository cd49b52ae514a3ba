//! The `Agreement` tree of a tariff call.

use rust_decimal::Decimal;
use veer_contract::domain::VehicleCategory;

use super::soap::Node;
use crate::{
    dictionary::Dictionary,
    risk::{Driver, Risk, months},
    tariff::Place,
    wires::fields::Fields,
};

/// e-ОСАГО.
const PRODUCT: &str = "753518300";
const NAMED: &str = "28966116";
const UNLIMITED: &str = "28966316";
const PASSPORT: &str = "30363316";

/// The categories' codes.
pub(super) const CATEGORIES: [(VehicleCategory, &str); 4] = [
    (VehicleCategory::A, "8247"),
    (VehicleCategory::B, "8244"),
    (VehicleCategory::C, "8245"),
    (VehicleCategory::D, "8246"),
];

/// Reads an agreement, or names everything that is wrong with it.
pub(super) fn read(agreement: &Node, dictionary: Dictionary) -> Result<Risk, Vec<String>> {
    let mut fields = Fields::new(|path| agreement.text_at(path));
    if fields.need("General.Product") != PRODUCT {
        fields.wrong("General.Product");
    }
    let start = fields.need_day(&["General.DateBeg"]);
    fields.need_day(&["General.DateEnd"]);
    fields.need("Insurer.SbjRef");

    let reference = fields.need("Owner.SbjRef");
    let owner = subject(&mut fields, &reference);
    let legal = fields.need(&format!("{owner}.SbjType")) == "Ю";
    let name = fields.need(&format!("{owner}.FullName"));
    let owner_born = (!legal).then(|| fields.need_day(&[&format!("{owner}.BirthDate")]));
    let city = fields.need(&format!("{owner}.Address.CityCode"));
    // Longer codes are not understood: this insurer wants КЛАДР cut to the town.
    if !city.is_empty() && (city.len() != 11 || !city.bytes().all(|byte| byte.is_ascii_digit())) {
        fields.wrong(&format!("{owner}.Address.CityCode"));
    }
    passport(&mut fields, &owner);

    let vehicle = fields.need_any(&[
        "Vehicle.VIN",
        "Vehicle.BodyNum",
        "Vehicle.BodyNumber",
        "Vehicle.ChassisNum",
        "Vehicle.ChassisNumber",
        "Vehicle.RegNum",
    ]);
    let category = category(&mut fields);
    let isn = fields.need("Vehicle.Model");
    let number = isn.parse().ok();
    if !isn.is_empty() && !dictionary.entries().any(|entry| Some(entry.isn) == number) {
        fields.wrong("Vehicle.Model");
    }
    fields.need("Vehicle.Constructed");
    let liability = "Condition.Liability";
    let drivers = match fields.need(&format!("{liability}.RiskCtg")).as_str() {
        NAMED => Some(drivers(&mut fields)),
        UNLIMITED => None,
        other => {
            if !other.is_empty() {
                fields.wrong(&format!("{liability}.RiskCtg"));
            }
            None
        }
    };
    let target = agreement.find("UsageTarget").and_then(|target| target.children.first());
    if target.is_none() {
        fields.missing(&format!("{liability}.UsageTarget"));
    }
    let risk = Risk {
        vehicle,
        owner: name + &owner_born.map(|born| born.to_string()).unwrap_or_default(),
        owner_born,
        start,
        months: periods(&mut fields, liability),
        category,
        taxi: target.is_some_and(|target| target.name == "Taxi" && target.text != "N"),
        legal,
        horsepower: fields.need_number("Vehicle.EnginePowerHP"),
        kilograms: fields
            .maybe("Vehicle.GrossWeigh")
            .and_then(|text| text.parse::<Decimal>().ok())
            .and_then(|weight| weight.trunc().try_into().ok())
            .unwrap_or_default(),
        trailer: fields.maybe(&format!("{liability}.UseWithTrailer")).as_deref() == Some("Y"),
        place: Place::by_kladr(&city),
        drivers,
    };
    let problems = fields.problems();
    if problems.is_empty() { Ok(risk) } else { Err(problems) }
}

/// The path of the subject with that key.
fn subject(fields: &mut Fields<'_>, key: &str) -> String {
    let path = |index: usize| format!("SubjectList.Subject[{index}]");
    let count = fields.count(|index| format!("{}@SbjKey", path(index)));
    let found =
        (0..count).find(|index| fields.maybe(&format!("{}@SbjKey", path(*index))).as_deref() == Some(key));
    found.map(path).unwrap_or_else(|| {
        fields.missing(&format!("SubjectList.Subject[SbjKey={key}]"));
        path(0)
    })
}

/// A passport's series is written in two pairs.
fn passport(fields: &mut Fields<'_>, subject: &str) {
    let document = format!("{subject}.IdentityDocument");
    if fields.maybe(&format!("{document}.DocType")).as_deref() != Some(PASSPORT) {
        return;
    }
    let series = fields.need(&format!("{document}.Serial"));
    let shape: String = series.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if !series.is_empty() && shape != "00 00" {
        fields.wrong(&format!("{document}.Serial"));
    }
}

fn category(fields: &mut Fields<'_>) -> VehicleCategory {
    let code = fields.need("Vehicle.Category");
    let known = CATEGORIES.iter().find(|(_, known)| *known == code).map(|(category, _)| *category);
    known.unwrap_or_else(|| {
        if !code.is_empty() {
            fields.wrong("Vehicle.Category");
        }
        VehicleCategory::B
    })
}

fn drivers(fields: &mut Fields<'_>) -> Vec<Driver> {
    let path = |index: usize, field: &str| format!("DriverList.Driver[{index}].{field}");
    let count = fields.count(|index| path(index, "SbjRef"));
    if count == 0 {
        fields.missing("DriverList.Driver");
    }
    let driver = |index| {
        let reference = fields.maybe(&path(index, "SbjRef")).unwrap_or_default();
        let person = subject(fields, &reference);
        let series = fields.maybe(&path(index, "DriverLicense.Serial")).unwrap_or_default();
        Driver {
            licence: series + &fields.need(&path(index, "DriverLicense.Number")),
            born: fields.need_day(&[&format!("{person}.BirthDate")]),
            drives_since: fields
                .need_day(&[&path(index, "DrvDateBeg"), &path(index, "DriverLicense.DocDate")]),
        }
    };
    (0..count).map(driver).collect()
}

fn periods(fields: &mut Fields<'_>, liability: &str) -> u8 {
    let path = |index: usize, field: &str| format!("{liability}.PeriodList.Period[{index}].{field}");
    let count = fields.count(|index| path(index, "DateBeg")).max(1);
    let period = |index| {
        let start = fields.need_day(&[&path(index, "DateBeg")]);
        months(start, fields.need_day(&[&path(index, "DateEnd")]))
    };
    (0..count).map(period).sum()
}
