//! The policy object, which prices and applications are asked for with. What stands in `insuredObject` is not public.

use jiff::{ToSpan, civil::Date};
use serde_json::{Value, json};
use veer_contract::domain::{Kopecks, VehicleCategory};

use crate::{
    dictionary::Dictionary,
    risk::{Driver, Risk, months},
    tariff::{Place, Tariff},
    wires::fields::{Fields, at},
};

const VEHICLE: &str = "insuredObject.vehicle";
const OWNER: &str = "insuredObject.vehicle.owner";
const TAXI: &str = "TAXI";
const PURPOSES: [&str; 9] = [
    "PERSONAL",
    TAXI,
    "RENTAL",
    "TRAINING",
    "DANGEROUS_TRANSPORTATION",
    "PASSENGER_TRANSPORT",
    "EMEDGENCY",
    "SPECIAL",
    "OTHER",
];
const PAPERS: [&str; 2] = ["VEHICLE_PASSPORT", "VEHICLE_REGISTRATION_CERTIFICATE"];
/// What the platform says of a vehicle that its dictionary does not have.
const NO_VEHICLE: &str = "Cannot find RDM data by Mark, Model, Modification";

/// Reads an object, or names everything that is wrong with it.
pub(super) fn read(body: &[u8], dictionary: Dictionary) -> Result<Risk, Vec<String>> {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return Err(vec!["Тело запроса не является JSON".into()]);
    };
    let mut fields = Fields::of_json(&body);
    one_of(&mut fields, "product.code", &["OSAGO"]);
    one_of(&mut fields, "currencyCode", &["RUR"]);
    fields.need("placeOfIssue");
    let start = moment(&mut fields, "startDate", "T00:00:00+03:00");
    let end = moment(&mut fields, "endDate", "T23:59:59+03:00");
    moment(&mut fields, "issueDate", "+03:00");
    if end != start.saturating_add(1.year()).saturating_sub(1.day()) {
        fields.wrong("endDate");
    }
    holder(&mut fields);
    let (owner, born) = person(&mut fields, OWNER);
    document(&mut fields, OWNER, &["PASSPORT"]);
    address(&mut fields, OWNER);
    let unlimited = truth(&mut fields, "insuredObject.unlimitedDrivers");
    let drivers = (!unlimited).then(|| drivers(&mut fields));
    let (vehicle, category, purpose) = vehicle(&mut fields);
    let path = |name: &str| format!("{VEHICLE}.{name}");
    let begin = fields.need_day(&[&path("period1BeginDate")]);
    let risk = Risk {
        vehicle,
        owner,
        owner_born: Some(born),
        start,
        months: months(begin, fields.need_day(&[&path("period1EndDate")])),
        category,
        taxi: purpose == TAXI,
        legal: false,
        horsepower: fields.need_number(&path("power")),
        kilograms: 0,
        trailer: truth(&mut fields, &path("trailer")),
        place: place(&fields),
        drivers,
    };
    let name = |part: &str| at(&body, &path(part)).and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let (mark, model) = (name("mark.name"), name("model.name"));
    let known = dictionary.entries().any(|entry| {
        entry.category == Some(category)
            && entry.brand.to_lowercase() == mark
            && entry.model.to_lowercase() == model
    });
    match fields.problems() {
        problems if !problems.is_empty() => Err(problems),
        _ if !known => Err(vec![NO_VEHICLE.into()]),
        _ => Ok(risk),
    }
}

/// The object with its price.
pub(super) fn priced(start: Date, premium: Kopecks, draft_id: &str) -> Value {
    json!({
        "product": {"code": "OSAGO"},
        "startDate": format!("{start}T00:00:00+03:00"),
        "endDate": format!("{}T23:59:59+03:00", start.saturating_add(1.year()).saturating_sub(1.day())),
        "premium": premium.as_json_number(),
        "currencyCode": "RUR",
        "draftId": draft_id,
    })
}

fn moment(fields: &mut Fields<'_>, path: &str, end: &str) -> Date {
    if !fields.maybe(path).is_none_or(|text| text.ends_with(end)) {
        fields.wrong(path);
    }
    fields.need_day(&[path])
}

fn one_of(fields: &mut Fields<'_>, path: &str, known: &[&str]) -> String {
    let text = fields.need(path);
    if !text.is_empty() && !known.contains(&text.as_str()) {
        fields.wrong(path);
    }
    text
}

fn truth(fields: &mut Fields<'_>, path: &str) -> bool {
    one_of(fields, path, &["true", "false"]) == "true"
}

fn holder(fields: &mut Fields<'_>) {
    let holder = "policyHolder";
    person(fields, holder);
    document(fields, holder, &["PASSPORT"]);
    address(fields, holder);
    let phone = fields.need("policyHolder.phone.phoneNumber");
    if !phone.is_empty() && (phone.len() < 11 || !phone.bytes().all(|byte| byte.is_ascii_digit())) {
        fields.wrong("policyHolder.phone.phoneNumber");
    }
    if !fields.need("policyHolder.email").contains('@') {
        fields.wrong("policyHolder.email");
    }
}

/// The person's name and birth date as one text, and the date.
fn person(fields: &mut Fields<'_>, whose: &str) -> (String, Date) {
    let path = |name: &str| format!("{whose}.person.{name}");
    let born = fields.need_day(&[&path("birthDate")]);
    let mut name = fields.need(&path("lastName"));
    name += &fields.need(&path("firstName"));
    name += &fields.maybe(&path("middleName")).unwrap_or_default();
    fields.need(&path("fullName"));
    if !fields.maybe(&path("gender")).is_none_or(|gender| ["M", "F"].contains(&gender.as_str())) {
        fields.wrong(&path("gender"));
    }
    if fields.need(&path("citizenship")).len() != 2 {
        fields.wrong(&path("citizenship"));
    }
    (format!("{name}{born}"), born)
}

/// Series and number.
fn document(fields: &mut Fields<'_>, whose: &str, kinds: &[&str]) -> String {
    let path = |name: &str| format!("{whose}.document.{name}");
    one_of(fields, &path("typeCode"), kinds);
    fields.need_day(&[&path("dateIssue")]);
    fields.maybe(&path("serial")).unwrap_or_default() + &fields.need(&path("number"))
}

fn address(fields: &mut Fields<'_>, whose: &str) {
    let path = |name: &str| format!("{whose}.address.{name}");
    one_of(fields, &path("typeCode"), &["REGISTRATION"]);
    one_of(fields, &path("countryCode"), &["RU"]);
    fields.need(&path("region"));
    fields.need(&path("addressStr"));
    if !fields.maybe(&path("kladrId")).is_none_or(|code| [13, 17, 19].contains(&code.len())) {
        fields.wrong(&path("kladrId"));
    }
}

/// By words, else by the code.
fn place(fields: &Fields<'_>) -> Place {
    let field = |name: &str| fields.maybe(&format!("{OWNER}.address.{name}")).unwrap_or_default();
    let place = Place::by_names(&Tariff::embedded().territories, &field("region"), &field("city"));
    if place.region.is_empty() { Place::by_kladr(&field("kladrId")) } else { place }
}

fn drivers(fields: &mut Fields<'_>) -> Vec<Driver> {
    let path = |index: usize| format!("insuredObject.drivers.{index}");
    let count = fields.count(|index| format!("{}.person.lastName", path(index)));
    if count == 0 {
        fields.missing("insuredObject.drivers");
    }
    let driver = |index| {
        let whose = path(index);
        let (_, born) = person(fields, &whose);
        Driver {
            licence: document(fields, &whose, &["DRIVER_LICENSE"]),
            born,
            drives_since: fields.need_day(&[&format!("{whose}.driveExperience")]),
        }
    };
    (0..count).map(driver).collect()
}

/// By what it is known, its category and its purpose.
fn vehicle(fields: &mut Fields<'_>) -> (String, VehicleCategory, String) {
    let path = |name: &str| format!("{VEHICLE}.{name}");
    let number = fields.need_any(&[&path("vin"), &path("bodyNumber"), &path("chassisNumber")]);
    for name in ["mark.name", "model.name"] {
        fields.need(&path(name));
    }
    fields.need_number(&path("yearIssue"));
    one_of(fields, &path("country.code"), &["RU"]);
    one_of(fields, &path("ownershipType"), &["INDIVIDUAL-OWNER"]);
    one_of(fields, &path("docs.0.typeCode"), &PAPERS);
    fields.need(&path("docs.0.number"));
    fields.need_day(&[&path("docs.0.dateIssue")]);
    let purpose = one_of(fields, &path("purpose.code"), &PURPOSES);
    let letter = fields.need(&path("type.code"));
    let category = VehicleCategory::parse(&letter).unwrap_or_else(|| {
        fields.wrong(&path("type.code"));
        VehicleCategory::B
    });
    (number, category, purpose)
}
