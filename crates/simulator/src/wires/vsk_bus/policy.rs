//! The policy tree of a calculation or an application.

use veer_contract::domain::VehicleCategory;

use super::{message::Message, reply::Said};
use crate::{
    dictionary::{self, Dictionary},
    risk::{Driver, Risk, months},
    tariff::{Place, Tariff},
    wires::{fields::Fields, ingosstrakh::soap::Node},
};

const PURPOSES: [&str; 9] = [
    "PERSONAL",
    "TAXI",
    "RENTAL",
    "TRAINING",
    "DANGEROUS_TRANSPORTATION",
    "PASSENGER_TRANSPORT",
    "EMEDGENCY",
    "SPECIAL",
    "OTHER",
];
const VEHICLE_DOCUMENTS: [&str; 3] = ["VEHICLE_PASSPORT", "VEHICLE_REGISTRATION_CERTIFICATE", "DIAGNOSTIC_CARD"];

const VEHICLE: &str = "policyObjects.object";
const OWNER: &str = "policyObjects.object.owner";
const POLICYHOLDER: &str = "participant.contractor";

/// Reads a policy, or says what is wrong with it: fields first, then a vehicle that the dictionary lacks.
pub(super) fn read(message: &Message, dictionary: Dictionary) -> Result<Risk, Said> {
    let Some(tree) = message.body.child("policy") else { return Err(Said::wrong(&["policy".to_owned()])) };
    let mut fields = Fields::new(|path| tree.text_at(path));
    if message.id.is_empty() {
        fields.missing("messageId");
    }
    one_of(&mut fields, "product.productCode", &["OSAGO"]);
    let start = fields.need_day(&["dateStart"]);
    for day in ["dateCreate", "dateEnd", "dateIssue", "dateCalc"] {
        fields.need_day(&[day]);
    }
    kind(&mut fields, VEHICLE, "VehicleXT");
    one_of(&mut fields, &format!("{VEHICLE}.objectType.code"), &["VEHICLE"]);
    document(&mut fields, VEHICLE, &VEHICLE_DOCUMENTS);
    let vehicle = fields.need_any(&["vin", "bodyNumber", "chassisNumber"].map(|name| format!("{VEHICLE}.{name}")).each_ref().map(String::as_str));
    let purpose = one_of(&mut fields, &format!("{VEHICLE}.purpose.vehiclePurposeCode"), &PURPOSES);
    fields.need(&format!("{VEHICLE}.country.countryCode"));
    one_of(&mut fields, &format!("{VEHICLE}.ownershipType.ownershipTypeCode"), &["INDIVIDUAL-OWNER"]);
    fields.need(&format!("{VEHICLE}.yearIssue"));
    let category = category(&mut fields);
    let is_known = is_known(&fields, dictionary);
    let (owner, born) = person(&mut fields, OWNER, "CONTRACTOR", "PASSPORT_RF");
    let place = place(&mut fields, OWNER);
    kind(&mut fields, POLICYHOLDER, "IndividualsXT");
    person(&mut fields, POLICYHOLDER, "CONTRACTOR", "PASSPORT_RF");
    contacts(&mut fields, POLICYHOLDER);
    one_of(&mut fields, "participant.participantType.participantTypeCode", &["INSURANT"]);
    let begin = fields.need_day(&["policyObjects.period1BeginDate"]);
    let end = fields.need_day(&["policyObjects.period1EndDate"]);
    let risk = Risk {
        vehicle,
        owner: owner + &born.to_string(),
        owner_born: Some(born),
        start,
        months: months(begin, end),
        category,
        taxi: purpose == "TAXI",
        legal: false,
        horsepower: fields.need_number(&format!("{VEHICLE}.power")),
        kilograms: fields
            .maybe(&format!("{VEHICLE}.maxWeight"))
            .and_then(|text| text.parse().ok())
            .unwrap_or_default(),
        trailer: one_of(&mut fields, &format!("{VEHICLE}.trailer"), &["true", "false"]) == "true",
        place,
        drivers: drivers(&mut fields, tree),
    };
    let problems = fields.problems();
    if !problems.is_empty() {
        return Err(Said::wrong(&problems));
    }
    if is_known { Ok(risk) } else { Err(Said::no("Cannot find RDM data by Mark, Model, Modification")) }
}

fn one_of(fields: &mut Fields<'_>, path: &str, known: &[&str]) -> String {
    let text = fields.need(path);
    if !text.is_empty() && !known.contains(&text.as_str()) {
        fields.wrong(path);
    }
    text
}

/// The `xsi:type` of an element, whatever its prefix.
fn kind(fields: &mut Fields<'_>, path: &str, wanted: &str) {
    let path = format!("{path}@type");
    let text = fields.need(&path);
    if !text.is_empty() && text.rsplit(':').next() != Some(wanted) {
        fields.wrong(&path);
    }
}

/// Series and number of a document of one of these kinds.
fn document(fields: &mut Fields<'_>, of: &str, kinds: &[&str]) -> String {
    let code = one_of(fields, &format!("{of}.docs.objectDocType.objectDocTypeCode"), kinds);
    let series = fields.maybe(&format!("{of}.docs.series")).unwrap_or_default();
    if code == "PASSPORT_RF" && (series.len() != 4 || !series.bytes().all(|byte| byte.is_ascii_digit())) {
        fields.wrong(&format!("{of}.docs.series"));
    }
    fields.need_day(&[&format!("{of}.docs.dateIssue")]);
    series + &fields.need(&format!("{of}.docs.number"))
}

/// A person's name in one text, and the birth date.
fn person(fields: &mut Fields<'_>, of: &str, role: &str, paper: &str) -> (String, jiff::civil::Date) {
    one_of(fields, &format!("{of}.objectType.code"), &[role]);
    one_of(fields, &format!("{of}.contractorType.contractorTypeCode"), &["INDIVIDUAL"]);
    document(fields, of, &[paper]);
    let mut name = fields.need(&format!("{of}.surname")) + &fields.need(&format!("{of}.firstName"));
    name += &fields.maybe(&format!("{of}.secondName")).unwrap_or_default();
    if let Some(gender) = fields.maybe(&format!("{of}.gender"))
        && !["1", "2"].contains(&gender.as_str())
    {
        fields.wrong(&format!("{of}.gender"));
    }
    (name, fields.need_day(&[&format!("{of}.birthDate")]))
}

fn place(fields: &mut Fields<'_>, of: &str) -> Place {
    fields.need(&format!("{of}.addresses.country.countryCode"));
    fields.need(&format!("{of}.addresses.addressType.addressTypeCode"));
    fields.need_any(&[&format!("{of}.addresses.fias"), &format!("{of}.addresses.addressStr")]);
    let region = fields.need(&format!("{of}.addresses.region"));
    let city = fields.maybe(&format!("{of}.addresses.city"));
    let town = city.or_else(|| fields.maybe(&format!("{of}.addresses.locality"))).unwrap_or_default();
    Place::by_names(&Tariff::embedded().territories, &region, &town)
}

/// Both an address for mail and a phone.
fn contacts(fields: &mut Fields<'_>, of: &str) {
    let path = |index: usize, name: &str| format!("{of}.contacts[{index}].{name}");
    let kind = |index| path(index, "contactType.contactTypeCode");
    let count = fields.count(kind);
    for wanted in ["EMAIL", "PHONE"] {
        let found = (0..count).any(|index| {
            fields.maybe(&kind(index)).as_deref() == Some(wanted) && fields.maybe(&path(index, "contact")).is_some()
        });
        if !found {
            fields.missing(&format!("{of}.contacts[{wanted}]"));
        }
    }
}

fn category(fields: &mut Fields<'_>) -> VehicleCategory {
    let path = format!("{VEHICLE}.model.type.vehicleTypeCode");
    let text = fields.need(&path);
    dictionary::category(&text).unwrap_or_else(|| {
        if !text.is_empty() {
            fields.wrong(&path);
        }
        VehicleCategory::B
    })
}

/// Whether the dictionary has the vehicle, by codes or by names; case and blanks at their ends play no part.
fn is_known(fields: &Fields<'_>, dictionary: Dictionary) -> bool {
    let text = |path: &str| fields.maybe(&format!("{VEHICLE}.model.{path}")).map(|text| text.to_lowercase());
    let (make, model) = (text("mark.name"), text("name"));
    let (make_code, model_code) = (text("mark.vehicleMarkCode"), text("vehicleModelCode"));
    dictionary.brands().iter().any(|brand| {
        let is_brand = make.as_deref() == Some(&brand.name.to_lowercase())
            || make_code == Some(brand.number.to_string());
        is_brand
            && brand.entries.iter().any(|entry| {
                model.as_deref() == Some(&entry.model.to_lowercase()) || model_code == Some(entry.isn.to_string())
            })
    })
}

/// The drivers stand in objects of their own behind the vehicle's; without any, anybody may drive.
fn drivers(fields: &mut Fields<'_>, tree: &Node) -> Option<Vec<Driver>> {
    tree.child("policyObjects[1]")?;
    let path = |index: usize| format!("policyObjects[1].object[{index}]");
    let count = fields.count(|index| format!("{}.objectType.code", path(index)));
    if count == 0 {
        fields.missing(&path(0));
    }
    let driver = |index: usize| {
        let of = path(index);
        kind(fields, &of, "IndividualsXT");
        let (_, born) = person(fields, &of, "DRIVER", "DRIVER_LICENSE");
        let licence = [".docs.series", ".docs.number"].map(|part| fields.maybe(&format!("{of}{part}")).unwrap_or_default());
        Driver {
            licence: licence.concat(),
            born,
            drives_since: fields.need_day(&[&format!("{of}.driveExperience")]),
        }
    };
    Some((0..count).map(driver).collect())
}
