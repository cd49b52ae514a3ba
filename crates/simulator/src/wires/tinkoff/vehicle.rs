//! `vehicleInfo/vehicleDetails`: numbers come with marks that there is none, models by the year's number.

use rust_decimal::Decimal;
use veer_contract::domain::VehicleCategory;

use super::subject::one_of;
use crate::{
    dictionary::{Dictionary, Run},
    wires::fields::Fields,
};

const PATH: &str = "vehicleInfo.vehicleDetails";
const TRUTHS: [&str; 2] = ["true", "false"];
const USAGES: [&str; 9] = [
    "personal",
    "taxi",
    "rental",
    "training_driving",
    "dangerous_goods",
    "passenger_transportation",
    "emergency_services",
    "road_and_special_vehicles",
    "other",
];

/// What a risk is made of.
pub(super) struct Vehicle {
    /// VIN, else the body's or the chassis' number.
    pub(super) number: String,
    pub(super) category: VehicleCategory,
    pub(super) horsepower: Decimal,
    pub(super) taxi: bool,
    pub(super) trailer: bool,
}

/// Reads the vehicle.
pub(super) fn read(fields: &mut Fields<'_>, dictionary: Dictionary) -> Vehicle {
    let at = |name: &str| format!("{PATH}.{name}");
    let vin = marked(fields, &at("VIN"), "isVINMissing", "VIN");
    if fields.need(&at("VIN.isIrregularVIN")) == "false" && vin.as_ref().is_some_and(|vin| vin.len() != 17) {
        fields.wrong(&at("VIN.VIN"));
    }
    marked(fields, &at("registrationNumber"), "isNoRegistrationNumber", "registrationNumber");
    let chassis = marked(fields, &at("chassis"), "isChassisMissing", "chassis");
    let body = marked(fields, &at("kuzovNumber"), "isKuzovMissing", "kuzovNumber");
    marked(fields, &at("countryOfRegistration"), "isNoCountryOfRegistration", "countryOfRegistration");
    let number = vin.or(body).or(chassis).unwrap_or_else(|| {
        fields.missing(&at("VIN.VIN"));
        String::new()
    });
    let trailer = one_of(fields, &at("isUsedWithTrailer"), &TRUTHS) == "true";
    one_of(fields, &at("sourceAcquisition"), &["PURCHASED_FROM_PERSON"]);
    let taxi = one_of(fields, &at("vehicleUsage"), &USAGES) == "taxi";
    let region = fields.need(&at("vehicleUseRegion"));
    if !region.is_empty() && (region.len() != 2 || !region.bytes().all(|byte| byte.is_ascii_digit())) {
        fields.wrong(&at("vehicleUseRegion"));
    }
    one_of(fields, &at("vehicleDocument.documentType"), &["PTS", "STS"]);
    fields.need(&at("vehicleDocument.documentNumber"));
    fields.need_day(&[&at("vehicleDocument.documentIssued")]);
    let reference = at("vehicleReferenceInfo.vehicleReferenceDetails");
    Vehicle {
        number,
        category: category(fields, &reference, dictionary),
        horsepower: fields.need_number(&format!("{reference}.engPwrHP")),
        taxi,
        trailer,
    }
}

/// The category of the model, whose number is one of the year's.
fn category(fields: &mut Fields<'_>, reference: &str, dictionary: Dictionary) -> VehicleCategory {
    let path = format!("{reference}.modelID");
    let model = fields.need(&path);
    let year = fields.need(&format!("{PATH}.year"));
    let run = year.parse().ok().and_then(Run::of);
    let known = run.and_then(|run| {
        let mut entries = dictionary.entries().filter(|entry| entry.is_on_the_road());
        entries.find(|entry| run.number(entry).to_string() == model).and_then(|entry| entry.category)
    });
    known.unwrap_or_else(|| {
        if !model.is_empty() && !year.is_empty() {
            fields.wrong(&path);
        }
        VehicleCategory::B
    })
}

/// A number that is there exactly where its mark does not say that it is missing.
fn marked(fields: &mut Fields<'_>, path: &str, mark: &str, name: &str) -> Option<String> {
    let missing = one_of(fields, &format!("{path}.{mark}"), &TRUTHS) == "true";
    let number = format!("{path}.{name}");
    match (missing, fields.maybe(&number)) {
        (false, None) => {
            fields.missing(&number);
            None
        }
        (true, Some(_)) => {
            fields.wrong(&format!("{path}.{mark}"));
            None
        }
        (_, number) => number,
    }
}
