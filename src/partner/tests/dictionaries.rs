//! The dictionary's questions and answers, held against the generated document.

use std::sync::Arc;

use serde_json::{Value, json};

use super::schema::standing_alone;
use crate::{
    dictionary::{
        answers::{Answers, Question},
        catalogue::{Catalogue, Records, Sheets},
    },
    partner::{dictionaries, error::ApiError},
};

type Ask = fn(&str) -> Result<Question, ApiError>;

const BRANDS: (Ask, &str) = (dictionaries::ask_brands, "BrandsAnswer");
const MODELS: (Ask, &str) = (dictionaries::ask_models, "ModelsAnswer");
const YEARS: (Ask, &str) = (dictionaries::ask_years, "YearsAnswer");
const POWERS: (Ask, &str) = (dictionaries::ask_powers, "PowersAnswer");
const MODIFICATIONS: (Ask, &str) = (dictionaries::ask_modifications, "ModificationsAnswer");
const SYNC_ALL: (Ask, &str) = (dictionaries::ask_sync_all, "SyncAllAnswer");

fn answers() -> Answers {
    let sheets = Sheets {
        brands: "brand_id,name,name_ru,also,merged_into\n\
                 1,LADA,Лада,,\n2,ВАЗ,,VAZ,1\n3,Jawa,Ява,,\n4,Nobody,,,\n"
            .into(),
        models: "model_id,brand_id,name,name_ru,categories,also,engines,merged_into\n\
                 5,1,Largus,Ларгус,BC,,2024- 90 106,\n6,2,2190,,B,,2011- 87,5\n\
                 7,2,2107,,B,,1982-1983 72.7 74,\n8,3,350,,A,,1973-1973 22,\n"
            .into(),
        modifications: "modification_id,model_id,name,years,power\n\
                        9,5,\"1.6, Универсал\",2024-,90\n10,5,\"1.6, Фургон\",2024-2024,90\n11,5,1.6,2024-,106\n"
            .into(),
    };
    let records = Records::read(&sheets).unwrap();
    Answers::new(Arc::new(Catalogue::of(&records, 2025)))
}

/// What the method tells, once it is held against the document.
fn told((ask, schema): (Ask, &str), query: &str) -> Result<Value, ApiError> {
    let page = answers().page(&ask(query)?)?;
    let answer = serde_json::from_slice(page.body(None)).unwrap();
    let validator = jsonschema::validator_for(&standing_alone(schema)).unwrap();
    let broken: Vec<_> = validator.iter_errors(&answer).map(|error| error.to_string()).collect();
    assert!(broken.is_empty(), "{query}: {broken:?}");
    Ok(answer)
}

#[track_caller]
fn tells(method: (Ask, &str), query: &str, expected: Value) {
    assert_eq!(told(method, query).unwrap_or_else(|error| panic!("{query}: {error:?}")), expected, "{query}");
}

#[track_caller]
fn names(method: (Ask, &str), query: &str, expected: &[&str]) {
    match told(method, query) {
        Err(ApiError::Fields { wrong, .. }) => {
            let wrong: Vec<_> = wrong.iter().map(|wrong| &*wrong.property).collect();
            assert_eq!(wrong, expected, "{query}");
        }
        other => panic!("{query}: {other:?}"),
    }
}

#[test]
fn brands_by_category() {
    let jawa = json!({"brand_id": "3", "name": "Jawa", "name_ru": "Ява"});
    let lada = json!({"brand_id": "1", "name": "LADA", "name_ru": "Лада"});
    let nobody = json!({"brand_id": "4", "name": "Nobody"});
    tells(BRANDS, "", json!({"brands": [jawa, lada, nobody]}));
    tells(BRANDS, "category=A", json!({"brands": [jawa]}));
    tells(BRANDS, "category=C&brand_id=3", json!({"brands": [lada]}));
    tells(BRANDS, "category=E", json!({"brands": []}));
    names(BRANDS, "category=a", &["category"]);
    names(BRANDS, "category=A&category=A", &["category"]);
}

#[test]
fn models_of_a_brand_by_category() {
    let old = json!({"model_id": "7", "name": "2107", "vehicle_type": ["B"]});
    let largus = json!({"model_id": "5", "name": "Largus", "name_ru": "Ларгус", "vehicle_type": ["B", "C"]});
    tells(MODELS, "brand_id=1", json!({"brand_id": "1", "models": [old, largus]}));
    tells(MODELS, "brand_id=1&category=C", json!({"brand_id": "1", "models": [largus]}));
    tells(MODELS, "brand_id=1&category=D", json!({"brand_id": "1", "models": []}));
    // The merged brand's id is echoed.
    tells(MODELS, "brand_id=2&category=B", json!({"brand_id": "2", "models": [old, largus]}));
    names(MODELS, "", &["brand_id"]);
    names(MODELS, "brand_id=&category=X", &["brand_id", "category"]);
    for unknown in ["brand_id=12", "brand_id=5", "brand_id=LADA", "brand_id=01"] {
        assert!(matches!(told(MODELS, unknown), Err(ApiError::UnknownBrand)), "{unknown}");
    }
}

#[test]
fn years_of_a_model_by_category() {
    tells(YEARS, "model_id=7", json!({"brand_id": "1", "model_id": "7", "years": [1982, 1983]}));
    tells(YEARS, "model_id=5&category=C", json!({"brand_id": "1", "model_id": "5", "years": [2024, 2025]}));
    tells(YEARS, "model_id=5&category=A", json!({"brand_id": "1", "model_id": "5", "years": []}));
    tells(YEARS, "model_id=6", json!({"brand_id": "1", "model_id": "6", "years": [2024, 2025]}));
    names(YEARS, "category=", &["model_id", "category"]);
    for unknown in ["model_id=1", "model_id=12", "model_id=Largus"] {
        assert!(matches!(told(YEARS, unknown), Err(ApiError::UnknownModel)), "{unknown}");
    }
}

#[test]
fn powers_of_a_model_and_year() {
    tells(POWERS, "model_id=7&year=1982", json!({"model_id": "7", "powers": [72.7, 74], "year": 1982}));
    tells(POWERS, "model_id=6&year=2025", json!({"model_id": "6", "powers": [90, 106], "year": 2025}));
    for year in [1900, 1981, 1984, 2100] {
        let query = format!("model_id=7&year={year}");
        tells(POWERS, &query, json!({"model_id": "7", "powers": [], "year": year}));
    }
    names(POWERS, "", &["model_id", "year"]);
    names(POWERS, "model_id=12&year=2101", &["year"]);
    assert!(matches!(told(POWERS, "model_id=12&year=2024"), Err(ApiError::UnknownModel)));
}

#[test]
fn modifications_of_a_model_year_and_power() {
    let estate = json!({"id": 9, "name": "1.6, Универсал"});
    let van = json!({"id": 10, "name": "1.6, Фургон"});
    let asked = |year: i16, power: &str| format!("model_id=5&year={year}&power={power}");
    for power in ["90", "90.0", "90.00"] {
        tells(MODIFICATIONS, &asked(2024, power), json!({"modifications": [estate, van]}));
    }
    tells(MODIFICATIONS, &asked(2025, "90"), json!({"modifications": [estate]}));
    tells(MODIFICATIONS, "model_id=6&year=2025&power=90", json!({"modifications": [estate]}));
    for nothing in
        [asked(2023, "90"), asked(2026, "90"), asked(2024, "91"), "model_id=7&year=1982&power=74".into()]
    {
        tells(MODIFICATIONS, &nothing, json!({"modifications": []}));
    }
    names(MODIFICATIONS, "", &["model_id", "year", "power"]);
    names(MODIFICATIONS, "model_id=5&year=MMXX&power=ninety", &["year", "power"]);
    let unknown = told(MODIFICATIONS, "model_id=12&year=2024&power=90");
    assert!(matches!(unknown, Err(ApiError::UnknownModel)));
}

#[test]
fn everything_by_categories() {
    let jawa = json!({"brand_id": "3", "name": "Jawa", "name_ru": "Ява", "models": [
        {"model_id": "8", "name": "350", "vehicle_types": ["A"], "years": [{"year": 1973, "engine_powers": [22]}]},
    ]});
    let largus = json!({"model_id": "5", "name": "Largus", "name_ru": "Ларгус", "vehicle_types": ["B", "C"], "years": [
        {"year": 2024, "engine_powers": [90, 106]},
        {"year": 2025, "engine_powers": [90, 106]},
    ]});
    let old = json!({"model_id": "7", "name": "2107", "vehicle_types": ["B"], "years": [
        {"year": 1982, "engine_powers": [72.7, 74]},
        {"year": 1983, "engine_powers": [72.7, 74]},
    ]});
    let lada = |models: Value| json!({"brand_id": "1", "name": "LADA", "name_ru": "Лада", "models": models});
    let nobody = json!({"brand_id": "4", "name": "Nobody", "models": []});
    tells(SYNC_ALL, "", json!({"brands": [jawa, lada(json!([old, largus])), nobody]}));
    tells(SYNC_ALL, "category=C", json!({"brands": [lada(json!([largus]))]}));
    tells(SYNC_ALL, "category=C&category=A", json!({"brands": [jawa, lada(json!([largus]))]}));
    tells(SYNC_ALL, "category=D,E", json!({"brands": []}));
    tells(SYNC_ALL, "category=A,B,C,D,E", json!({"brands": [jawa, lada(json!([old, largus]))]}));
    names(SYNC_ALL, "category=A,,B", &["category"]);
    names(SYNC_ALL, "category=A&category=f", &["category"]);
}

#[test]
fn what_breaks_the_contract_is_found() {
    let is_good = |schema: &str, answer: Value| {
        jsonschema::validator_for(&standing_alone(schema)).unwrap().is_valid(&answer)
    };
    let listed = |model: Value| json!({"brand_id": "1", "models": [model]});
    assert!(is_good("ModelsAnswer", listed(json!({"model_id": "2", "name": "x"}))));
    assert!(!is_good("ModelsAnswer", listed(json!({"model_id": 2, "name": "x"}))));
    assert!(!is_good("ModelsAnswer", listed(json!({"model_id": "2", "name": "x", "vehicle_type": ["F"]}))));
    assert!(!is_good("ModelsAnswer", listed(json!({"model_id": "2", "name": "x", "name_ru": null}))));
    assert!(is_good("YearsAnswer", json!({"model_id": "2", "years": []})));
    assert!(!is_good("YearsAnswer", json!({"model_id": "2", "years": ["2015"]})));
    assert!(!is_good("PowersAnswer", json!({"model_id": "2", "year": 2015, "powers": ["150"]})));
    assert!(!is_good("PowersAnswer", json!({"model_id": "2", "year": 2015, "powers": [-1]})));
    assert!(!is_good("ModificationsAnswer", json!({"modifications": [{"id": "1", "name": "x"}]})));
    let synced = |model: Value| json!({"brands": [{"brand_id": "1", "name": "x", "models": [model]}]});
    let whole = json!({"model_id": "2", "name": "x", "vehicle_types": ["A"], "years": []});
    assert!(is_good("SyncAllAnswer", synced(whole.clone())));
    for name in ["model_id", "name", "vehicle_types", "years"] {
        let mut without = whole.clone();
        without.as_object_mut().unwrap().remove(name);
        assert!(!is_good("SyncAllAnswer", synced(without)), "{name}");
    }
    let year = json!({"model_id": "2", "name": "x", "vehicle_types": ["A"], "years": [{"year": 2015}]});
    assert!(!is_good("SyncAllAnswer", synced(year)));
}
