//! The answer of `/auto/info`, held against the generated document.

use serde_json::{Value, json};
use veer_contract::domain::{
    Coefficient, Named, Personal, Vehicle, VehicleCategory, VehicleDocument, VehicleDocumentKind,
};

use super::schema::{document, standing_alone};
use crate::partner::{error::json as body, wire::VehicleInfo};

fn camry() -> Vehicle {
    let named = |id: &str, name: &str, name_ru: Option<&str>| Named {
        id: id.into(),
        name: name.into(),
        name_ru: name_ru.map(str::to_owned),
    };
    Vehicle {
        plate: Some("А123БВ777".into()),
        category: Some(VehicleCategory::B),
        vin: Some("XTA210990Y2765439".into()),
        body_number: None,
        chassis_number: None,
        brand: named("1", "Toyota", Some("Тойота")),
        model: named("3", "Camry", None),
        modification: Some(named("6", "2.0 AT", None)),
        year: 2020,
        engine_power: Coefficient::parse("150").unwrap(),
        documents: vec![VehicleDocument {
            kind: VehicleDocumentKind::Sts,
            series: "9900".into(),
            number: "000001".into(),
            date: Personal::new("2020-05-17".parse().unwrap()),
        }],
    }
}

/// As JSON that keeps to the document.
fn told(vehicle: &Vehicle) -> Value {
    let answer = serde_json::from_slice(&body(&VehicleInfo::from(vehicle))).unwrap();
    let validator = jsonschema::validator_for(&standing_alone("VehicleInfo")).unwrap();
    let broken: Vec<_> = validator.iter_errors(&answer).map(|error| error.to_string()).collect();
    assert!(broken.is_empty(), "{broken:?}");
    answer
}

#[test]
fn all_that_is_known_is_told() {
    let expected = json!({
        "car_number": "А123БВ777",
        "category": "B",
        "vin": "XTA210990Y2765439",
        "brand": {"brand_id": "1", "name": "Toyota", "name_ru": "Тойота"},
        "model": {"model_id": "3", "name": "Camry"},
        "modification": {"modification_id": "6", "name": "2.0 AT"},
        "year": 2020,
        "engine_power": 150,
        "car_documents": [{"series": "9900", "number": "000001", "date": "2020-05-17", "document_type": "sts"}],
    });
    assert_eq!(told(&camry()), expected);
}

#[test]
fn what_is_not_known_is_left_out_but_for_the_documents() {
    let little = Vehicle {
        plate: None,
        category: None,
        vin: None,
        modification: None,
        engine_power: Coefficient::parse("80.9").unwrap(),
        documents: Vec::new(),
        ..camry()
    };
    let expected = json!({
        "brand": {"brand_id": "1", "name": "Toyota", "name_ru": "Тойота"},
        "model": {"model_id": "3", "name": "Camry"},
        "year": 2020,
        "engine_power": 80.9,
        "car_documents": [],
    });
    assert_eq!(told(&little), expected);
}

#[test]
fn it_is_described_as_the_contract_has_it() {
    let document = document();
    let operation = &document["paths"]["/auto/info"]["get"];
    let parameters = operation["parameters"].as_array().unwrap().iter();
    let parameters: Vec<Value> = parameters
        .map(|it| json!([it["name"], it["in"], it["required"] == true, it["schema"]["type"]]))
        .collect();
    let text = |name: &str| json!([name, "query", false, "string"]);
    assert_eq!(parameters, [text("vin"), text("car_number")]);
    let answer = &operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
    assert_eq!(answer, "#/components/schemas/VehicleInfo");
    let required = &document["components"]["schemas"]["VehicleInfo"]["required"];
    assert_eq!(required, &json!(["brand", "model", "year", "engine_power", "car_documents"]));
}
