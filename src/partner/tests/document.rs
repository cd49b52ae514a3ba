//! The generated document, held against what the contract says.

use serde_json::{Value, json};

use super::schema::{document, standing_alone};
use crate::{
    calculation::{CalculationStatus, OfferStatus},
    partner::sample,
};

#[test]
fn it_lists_every_status_that_answers_carry() {
    let document = document();
    let listed = |name: &str| document["components"]["schemas"][name]["enum"].clone();
    let calculation: Vec<_> = CalculationStatus::ALL.iter().map(|status| status.as_str()).collect();
    let offer: Vec<_> = OfferStatus::ALL.iter().map(|status| status.as_str()).collect();
    assert_eq!(listed("CalculationStatus"), json!(calculation));
    assert_eq!(listed("OfferStatus"), json!(offer));
}

#[test]
fn it_describes_the_sample() {
    let validator = jsonschema::validator_for(&standing_alone("CalculationRequest")).unwrap();
    let broken: Vec<_> = validator.iter_errors(&sample::body()).map(|error| error.to_string()).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn it_names_every_operation_and_its_answers() {
    let document = document();
    let whole = ["200", "400", "403", "404", "500"].as_slice();
    let lists = ["200", "400", "403", "500"].as_slice();
    let operations = [
        ("get", "/dictionaries/brands", "listBrands", lists),
        ("get", "/dictionaries/models", "listModels", whole),
        ("get", "/dictionaries/years", "listYears", whole),
        ("get", "/dictionaries/powers", "listPowers", whole),
        ("get", "/dictionaries/modifications", "listModifications", whole),
        ("get", "/dictionaries/sync-all", "syncAll", lists),
        ("get", "/auto/info", "vehicleInfo", whole),
        ("post", "/osago/calculate", "createCalculation", ["200", "400", "403", "500"].as_slice()),
        ("get", "/osago/calculate", "getCalculation", whole),
        ("get", "/osago/calculate/status", "getCalculationStatus", whole),
        ("get", "/osago/offer", "getOffer", whole),
        ("post", "/osago/offer", "confirmOffer", whole),
        ("get", "/osago/offer/draft", "getOfferDraft", whole),
        ("get", "/osago/offer/policy", "getOfferPolicy", whole),
    ];
    for (method, path, id, answers) in operations {
        let operation = &document["paths"][path][method];
        assert_eq!(operation["operationId"], id);
        assert!(operation["summary"].is_string(), "{method} {path}");
        let told: Vec<_> = operation["responses"].as_object().unwrap().keys().collect();
        assert_eq!(told, answers, "{method} {path}");
    }
    let paths = document["paths"].as_object().unwrap().values();
    let described: usize = paths.map(|path| path.as_object().unwrap().len()).sum();
    assert_eq!(described, operations.len());
    assert_eq!(document["security"], json!([{"bearer": []}, {"basic": []}]));
}

#[test]
fn parameters_are_the_contracts() {
    let document = document();
    let parameters = |path: &str| -> Vec<(String, bool, Value)> {
        let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap().iter();
        let one = |it: &Value| {
            assert_eq!(it["in"], "query");
            let mut schema = it["schema"].clone();
            if let Some(reference) = schema["$ref"].as_str() {
                schema = document.pointer(&reference[1..]).unwrap().clone();
            }
            schema.as_object_mut().unwrap().remove("description");
            (it["name"].as_str().unwrap().to_owned(), it["required"] == true, schema)
        };
        parameters.map(one).collect()
    };
    let request_id = ("request_id".to_owned(), true, json!({"type": "string", "format": "uuid"}));
    let offer_id = ("offer_id".to_owned(), true, json!({"type": "string"}));
    let format = json!({"type": "string", "enum": ["base64", "binary"], "default": "base64"});
    let format = ("format".to_owned(), false, format);
    assert_eq!(parameters("/osago/calculate"), std::slice::from_ref(&request_id));
    assert_eq!(parameters("/osago/offer"), [request_id.clone(), offer_id.clone()]);
    for path in ["/osago/offer/draft", "/osago/offer/policy"] {
        assert_eq!(parameters(path), [request_id.clone(), offer_id.clone(), format.clone()]);
    }
    let letters = json!({"type": "string", "enum": ["A", "B", "C", "D", "E"]});
    let category = ("category".to_owned(), false, letters);
    let id = |name: &str| (name.to_owned(), true, json!({"type": "string"}));
    let year = ("year".to_owned(), true, json!({"type": "integer"}));
    let power = ("power".to_owned(), true, json!({"type": "number"}));
    assert_eq!(parameters("/dictionaries/brands"), std::slice::from_ref(&category));
    assert_eq!(parameters("/dictionaries/models"), [id("brand_id"), category.clone()]);
    assert_eq!(parameters("/dictionaries/years"), [id("model_id"), category]);
    assert_eq!(parameters("/dictionaries/powers"), [id("model_id"), year.clone()]);
    assert_eq!(parameters("/dictionaries/modifications"), [id("model_id"), year, power]);
    let categories = json!({"type": "array", "items": {"$ref": "#/components/schemas/VehicleCategory"}});
    assert_eq!(parameters("/dictionaries/sync-all"), [("category".to_owned(), false, categories)]);
    let repeated = &document["paths"]["/dictionaries/sync-all"]["get"]["parameters"][0];
    assert_eq!((&repeated["style"], &repeated["explode"]), (&json!("form"), &json!(true)));
}

#[test]
fn the_dictionary_is_described_as_the_contract_has_it() {
    let document = document();
    let schema = |name: &str| document["components"]["schemas"][name].clone();
    let names = |object: &Value| -> Vec<String> {
        object["properties"].as_object().unwrap().keys().cloned().collect()
    };
    let brand = json!({"$ref": "#/components/schemas/BrandInfo"});
    assert_eq!(schema("BrandsAnswer")["properties"]["brands"]["items"], brand);
    let model = &schema("ModelsAnswer")["properties"]["models"]["items"];
    assert_eq!(names(model), ["model_id", "name", "name_ru", "vehicle_type"]);
    assert_eq!(model["required"], json!(["model_id", "name"]));
    assert_eq!(schema("YearsAnswer")["required"], json!(["model_id", "years"]));
    let powers = &schema("PowersAnswer")["properties"]["powers"]["items"];
    assert_eq!((&powers["type"], &powers["minimum"]), (&json!("number"), &json!(0)));
    let modification = &schema("ModificationsAnswer")["properties"]["modifications"]["items"];
    assert_eq!(modification["properties"]["id"]["type"], "integer");
    assert_eq!(modification["required"], json!(["id", "name"]));
    let brand = json!({"$ref": "#/components/schemas/VehicleBrand"});
    assert_eq!(schema("SyncAllAnswer")["properties"]["brands"]["items"], brand);
    let model = &schema("VehicleBrand")["properties"]["models"]["items"];
    assert_eq!(names(model), ["model_id", "name", "name_ru", "vehicle_types", "years"]);
    assert_eq!(model["required"], json!(["model_id", "name", "vehicle_types", "years"]));
    assert_eq!(names(&model["properties"]["years"]["items"]), ["engine_powers", "year"]);
}

#[test]
fn files_are_described_as_the_contract_has_them() {
    let document = document();
    for path in ["/osago/offer/draft", "/osago/offer/policy"] {
        let content = &document["paths"][path]["get"]["responses"]["200"]["content"];
        let kinds: Vec<_> = content.as_object().unwrap().keys().collect();
        assert_eq!(kinds, ["application/json", "application/pdf"]);
        let pdf = content["application/pdf"]["schema"]["$ref"].as_str().unwrap();
        let pdf = document.pointer(&pdf[1..]).unwrap();
        assert_eq!((&pdf["type"], &pdf["format"]), (&json!("string"), &json!("binary")));
    }
    let id = "550e8400-e29b-41d4-a716-446655440000";
    let file = json!({"type": "base64", "data": "data:application/pdf;base64,JVBERi0="});
    let good = |schema: &str, extra: Value| {
        let mut answer = json!({"request_id": id, "offer_id": "a"});
        answer.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        jsonschema::validator_for(&standing_alone(schema)).unwrap().is_valid(&answer)
    };
    let whole = json!({"status": "success", "url": "https://a.example/", "file": file});
    assert!(good("DraftAnswer", whole));
    assert!(good("DraftAnswer", json!({"status": "success"})));
    assert!(good("DraftAnswer", json!({"status": "inProcess"})));
    for wrong in
        [json!({}), json!({"status": "CLOSED_PAID"}), json!({"status": "success", "file": "JVBERi0="})]
    {
        assert!(!good("DraftAnswer", wrong.clone()), "{wrong}");
    }
    let start = "2023-11-30T21:00:00Z";
    let whole = json!({"status": "CLOSED_PAID", "policy_start_date": start, "url": "https://a.example/", "file": file});
    assert!(good("PolicyAnswer", whole));
    assert!(good("PolicyAnswer", json!({"status": "PAYMENT_READY"})));
    for wrong in [
        json!({}),
        json!({"status": "inProcess"}),
        json!({"status": "CLOSED_PAID", "file": {"type": "hex", "data": ""}}),
        json!({"status": "CLOSED_PAID", "url": null}),
    ] {
        assert!(!good("PolicyAnswer", wrong.clone()), "{wrong}");
    }
}

#[test]
fn a_confirmation_is_described_as_the_contract_has_it() {
    let document = document();
    let schema = &document["components"]["schemas"]["OfferConfirmation"];
    assert_eq!(schema["required"], json!(["request_id", "offer_id"]));
    let upsale = &schema["properties"]["upsales"]["items"];
    assert_eq!(upsale["required"], json!(["upsale_id", "option_id"]));
    assert_eq!(upsale["properties"]["option_id"]["type"], json!(["string", "integer"]));
    let urls = document["components"]["schemas"]["ReturnUrls"]["required"].clone();
    assert_eq!(urls, json!(["success_url", "failure_url"]));
}
