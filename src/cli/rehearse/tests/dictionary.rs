//! The fake gateway's vehicle dictionary.

use serde_json::{Value, json};

use super::{
    fake::{error, wrong},
    http::{Received, Reply},
};

/// What a method of the dictionary answers; none where there is no such method.
pub fn answer(path: &str, got: &Received, disagrees: bool) -> Option<Reply> {
    let (required, body): (&[&str], Value) = match path {
        "/dictionaries/brands" => {
            (&[], json!({ "brands": [{ "brand_id": "1", "name": "LADA", "name_ru": "Лада" }] }))
        }
        "/dictionaries/models" => (
            &["brand_id"],
            json!({ "brand_id": "1", "models": [{ "model_id": "7", "name": "Vesta", "vehicle_type": ["B"] }] }),
        ),
        "/dictionaries/years" => (&["model_id"], json!({ "model_id": "7", "years": [2020] })),
        "/dictionaries/powers" => {
            (&["model_id", "year"], json!({ "model_id": "7", "year": 2020, "powers": [106] }))
        }
        "/dictionaries/modifications" => {
            (&["model_id", "year", "power"], json!({ "modifications": [{ "id": 70, "name": "1.6, Седан" }] }))
        }
        "/dictionaries/sync-all" => {
            let years = json!([{ "year": 2020, "engine_powers": [106] }]);
            let model = json!({ "model_id": "7", "name": "Vesta", "vehicle_types": ["B"], "years": years });
            let models = if disagrees { json!([]) } else { json!([model]) };
            (&[], json!({ "brands": [{ "brand_id": "1", "name": "LADA", "models": models }] }))
        }
        "/auto/info" => match (got.parameter("vin"), got.parameter("car_number")) {
            (None, None) => return Some(wrong(None, &["vin"])),
            (Some(_), _) => (&[], vehicle()),
            _ => return Some(error(404, got)),
        },
        _ => return None,
    };
    let missing: Vec<&str> =
        required.iter().copied().filter(|field| got.parameter(field).is_none()).collect();
    Some(match (missing.is_empty(), got.parameter("category")) {
        (false, _) => wrong(None, &missing),
        (_, Some(category)) if !"ABCDE".contains(category) => wrong(None, &["category"]),
        _ if ["brand_id", "model_id"].iter().any(|id| got.parameter(id).is_some_and(|id| id.len() > 1)) => {
            error(404, got)
        }
        _ => Reply::json(200, &body),
    })
}

fn vehicle() -> Value {
    json!({
        "vin": "XTA210990Y2765439",
        "category": "B",
        "brand": { "brand_id": "1", "name": "LADA" },
        "model": { "model_id": "7", "name": "Vesta" },
        "year": 2020,
        "engine_power": 106,
        "car_documents": [
            { "series": "9900", "number": "000001", "date": "2020-05-15", "document_type": "sts" },
        ],
    })
}
