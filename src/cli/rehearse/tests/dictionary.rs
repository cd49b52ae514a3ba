//! The fake gateway's vehicle dictionary: one brand with one model of category B.

use serde_json::{Value, json};

use super::{
    fake::{Flaw, error, wrong},
    http::{Received, Reply},
};

const ETAG: &str = "\"tree-1\"";

/// What a method of the dictionary answers; none where there is no such method.
pub fn answer(path: &str, got: &Received, flaw: Option<Flaw>) -> Option<Reply> {
    let categories = got.parameters("category").flat_map(|it| it.split(','));
    if categories.clone().any(|it| !["A", "B", "C", "D", "E"].contains(&it)) {
        return Some(wrong(None, &["category"]));
    }
    let mut categories = categories.peekable();
    let asked = categories.peek().is_none() || categories.any(|it| it == "B");
    let listed = asked && flaw != Some(Flaw::EmptyDictionary);
    let some = |entry: Value| if listed { json!([entry]) } else { json!([]) };
    let (required, body): (&[&str], Value) = match path {
        "/dictionaries/brands" => {
            let brand = json!({ "brand_id": "1", "name": "Toyota", "name_ru": "Тойота" });
            (&[], json!({ "brands": some(brand) }))
        }
        "/dictionaries/models" => {
            let model = json!({ "model_id": "7", "name": "Camry", "vehicle_type": ["B"] });
            (&["brand_id"], json!({ "brand_id": "1", "models": some(model) }))
        }
        "/dictionaries/years" => (&["model_id"], json!({ "model_id": "7", "years": [2020] })),
        "/dictionaries/powers" => {
            (&["model_id", "year"], json!({ "model_id": "7", "year": 2020, "powers": [150] }))
        }
        "/dictionaries/modifications" => {
            (&["model_id", "year", "power"], json!({ "modifications": [{ "id": 70, "name": "2.0, Седан" }] }))
        }
        "/dictionaries/sync-all" => {
            if got.if_none_match.as_deref() == Some(ETAG) {
                return Some(Reply { status: 304, body: Vec::new(), ..Reply::json(304, &Value::Null) });
            }
            let years = json!([{ "year": 2020, "engine_powers": [150] }]);
            let model = json!({ "model_id": "7", "name": "Camry", "vehicle_types": ["B"], "years": years });
            let mut models = vec![model];
            if flaw == Some(Flaw::TreeDisagrees) {
                models
                    .push(json!({ "model_id": "8", "name": "Corolla", "vehicle_types": ["B"], "years": [] }));
            }
            let brand = json!({ "brand_id": "1", "name": "Toyota", "name_ru": "Тойота", "models": models });
            (&[], json!({ "brands": some(brand) }))
        }
        "/auto/info" => match (got.parameter("vin"), got.parameter("car_number")) {
            (None, None) => return Some(wrong(None, &["vin"])),
            (Some(vin), _) if vin.len() != 17 => return Some(wrong(None, &["vin"])),
            (Some(_), _) => (&[], vehicle(flaw)),
            _ => return Some(error(404, got)),
        },
        _ => return None,
    };
    let missing: Vec<&str> =
        required.iter().copied().filter(|field| got.parameter(field).is_none()).collect();
    let id = |name| got.parameter(name).is_some_and(|id| id.len() > 1);
    Some(match missing.is_empty() {
        false => wrong(None, &missing),
        true if id("brand_id") || id("model_id") => error(404, got),
        true => Reply { etag: (path == "/dictionaries/sync-all").then_some(ETAG), ..Reply::json(200, &body) },
    })
}

fn vehicle(flaw: Option<Flaw>) -> Value {
    let vin = if flaw == Some(Flaw::OtherVehicle) { "XTA210990Y2765430" } else { "XTA210990Y2765439" };
    let brand = if flaw == Some(Flaw::ForeignIds) { "1001" } else { "1" };
    json!({
        "vin": vin,
        "car_number": "А123БВ777",
        "category": "B",
        "brand": { "brand_id": brand, "name": "Toyota" },
        "model": { "model_id": "7", "name": "Camry" },
        "year": 2020,
        "engine_power": 150,
        "car_documents": [
            { "series": "9900", "number": "000001", "date": "2020-05-15", "document_type": "sts" },
        ],
    })
}
