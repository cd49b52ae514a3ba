//! The body of an application, read strictly.

use serde_json::{Value, json};
use veer_contract::domain::VehicleCategory;

use super::year;
use crate::{
    company::Company,
    dictionary::Dictionary,
    risk::{Driver, Risk, months},
    tariff::Place,
    wires::fields::{Fields, at, number},
};

const PURPOSES: [&str; 11] = [
    "Personal",
    "RidingTraining",
    "Collection",
    "Ambulance",
    "Taxi",
    "TrafficAndSpecial",
    "Other",
    "RegularPassengers",
    "DangerousAndFlammable",
    "Rent",
    "EmergencyAndMunicipal",
];
/// РСА's numbers: ПТС, СТС, ЭПТС.
const CAR_DOCUMENTS: [&str; 3] = ["30", STS, "41"];
const STS: &str = "31";
const PASSPORT: &str = "12";
const LICENCE: &str = "20";
/// Whether a value is of the kind that its field wants.
type Kind = fn(&Value) -> bool;

/// Fields whose kind matters, and a text that may be blank.
const TYPED: [(&str, Kind); 6] = [
    ("CarInfo.MarkModelCarCode", Value::is_i64),
    ("CarInfo.YearIssue", Value::is_i64),
    ("CarInfo.EngCap", Value::is_number),
    ("CarInfo.Rented", Value::is_boolean),
    ("IsTransCar", Value::is_boolean),
    ("IKP1", Value::is_string),
];

/// Reads an application, or names everything that is wrong with it.
pub(super) fn read(body: &Value, dictionary: Dictionary) -> Result<Risk, Vec<String>> {
    let mut fields = Fields::of_json(body);
    for (path, is_so) in TYPED {
        match at(body, path) {
            None => fields.missing(path),
            Some(value) if !is_so(value) => fields.wrong(path),
            Some(_) => {}
        }
    }
    fields.need_day(&["DeclarationDate"]);
    let start = year(&mut fields, "BeginDate", "EndDate");
    let (first, last) = (fields.need_day(&["Period1Begin"]), fields.need_day(&["Period1End"]));
    if first < start || last <= first {
        fields.wrong("Period1Begin, Period1End");
    }
    let vehicle = fields.need_any(&["CarInfo.VIN", "CarInfo.BodyNumber", "CarInfo.ChassisNumber"]);
    for path in ["CarInfo.MarkPTS", "CarInfo.ModelPTS", "CarInfo.DocumentCar.Number"] {
        fields.need(path);
    }
    fields.need_day(&["CarInfo.DocumentCar.Date"]);
    let document = one_of(&mut fields, "CarInfo.DocumentCar.TypeRSA", &CAR_DOCUMENTS);
    if document == STS {
        fields.need("CarInfo.LicensePlate");
        fields.need("CarInfo.DocumentCar.Serial");
    }
    let model = fields.need("CarInfo.MarkModelCarCode").parse().ok();
    let category =
        dictionary.entries().find(|entry| Some(entry.isn) == model).and_then(|entry| entry.category);
    if category.is_none() {
        fields.wrong("CarInfo.MarkModelCarCode");
    }
    fields.need("Insurer.Phisical.Email");
    if !fields.need("Insurer.Phisical.PhoneMobile").starts_with('+') {
        fields.wrong("Insurer.Phisical.PhoneMobile");
    }
    subject(&mut fields, "Insurer.Phisical");
    let owner_born = fields.need_day(&["CarOwner.Phisical.BirthDate"]);
    let address = subject(&mut fields, "CarOwner.Phisical");
    let risk = Risk {
        vehicle: fields
            .maybe("CarInfo.VIN")
            .or_else(|| fields.maybe("CarInfo.LicensePlate"))
            .unwrap_or(vehicle),
        owner: String::new(),
        owner_born: Some(owner_born),
        start,
        months: months(first, last),
        category: category.unwrap_or(VehicleCategory::B),
        taxi: one_of(&mut fields, "CarInfo.GoalUse", &PURPOSES) == "Taxi",
        legal: false,
        horsepower: fields.need_number("CarInfo.EngCap"),
        kilograms: 0,
        trailer: fields.maybe("IsInsureTrailer").as_deref() == Some("true"),
        place: Place::by_kladr(&address),
        // Without a list anybody may drive.
        drivers: at(body, "Drivers").map(|_| drivers(&mut fields)),
    };
    let problems = fields.problems();
    if problems.is_empty() { Ok(risk) } else { Err(problems) }
}

/// The drivers as the application's status will tell them.
pub(super) fn rows(company: &Company, body: &Value, risk: &Risk) -> Vec<Value> {
    let row = |(index, driver): (usize, &Driver)| {
        let face = at(body, &format!("Drivers.Driver.{index}.Face"));
        let parts = ["Surname", "Name", "Patronymic"].map(|part| face?.get(part)?.as_str());
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        json!({"name": name.to_uppercase(), "kbm": number(company.bonus_malus(&driver.licence)), "kbmClass": ""})
    };
    risk.drivers.iter().flatten().enumerate().map(row).collect()
}

/// A person with passport and address; the address's КЛАДР.
fn subject(fields: &mut Fields<'_>, person: &str) -> String {
    face(fields, person);
    let document = format!("{person}.Documents.Document.0");
    one_of(fields, &format!("{document}.TypeRSA"), &[PASSPORT]);
    for field in ["Serial", "Number", "Date"] {
        fields.need(&format!("{document}.{field}"));
    }
    let address = format!("{person}.Addresses.Address.0");
    one_of(fields, &format!("{address}.Type"), &["Registered"]);
    one_of(fields, &format!("{address}.Country"), &["643"]);
    let code = fields.need(&format!("{address}.AddressCode"));
    if !code.is_empty() && (code.len() != 17 || !code.bytes().all(|byte| byte.is_ascii_digit())) {
        fields.wrong(&format!("{address}.AddressCode"));
    }
    code
}

fn face(fields: &mut Fields<'_>, person: &str) {
    for field in ["Resident", "Surname", "Name"] {
        fields.need(&format!("{person}.{field}"));
    }
    fields.need_day(&[&format!("{person}.BirthDate")]);
    one_of(fields, &format!("{person}.Sex"), &["male", "female"]);
}

fn drivers(fields: &mut Fields<'_>) -> Vec<Driver> {
    let path = |index: usize, field: &str| format!("Drivers.Driver.{index}.{field}");
    let count = fields.count(|index| path(index, "Face.Surname"));
    if count == 0 {
        fields.missing("Drivers.Driver");
    }
    let driver = |index| {
        face(fields, &path(index, "Face"));
        let document = path(index, "Face.Documents.Document.0");
        one_of(fields, &format!("{document}.TypeRSA"), &[LICENCE]);
        let series = fields.maybe(&format!("{document}.Serial")).unwrap_or_default();
        Driver {
            licence: series + &fields.need(&format!("{document}.Number")),
            born: fields.need_day(&[&path(index, "Face.BirthDate")]),
            drives_since: fields.need_day(&[&path(index, "DrivingExpDate")]),
        }
    };
    (0..count).map(driver).collect()
}

fn one_of(fields: &mut Fields<'_>, path: &str, known: &[&str]) -> String {
    let value = fields.need(path);
    if !value.is_empty() && !known.contains(&value.as_str()) {
        fields.wrong(path);
    }
    value
}
