//! What a report says of a vehicle, in the words of the source's own dictionary and in a register's.

use serde_json::{Value, json};

use super::register::Vehicle;
use crate::draws::Draws;

/// From this year on vehicles have an electronic passport.
const ELECTRONIC: u64 = 2020;

/// The content of the report; `None` for a number that nobody knows.
pub(super) fn of(vehicle: Option<&Vehicle>, world: &Draws) -> Value {
    let Some(vehicle) = vehicle else { return unknown() };
    let draws = world.with("papers").with(&vehicle.vin);
    let Vehicle { vin, plate, category, brand, model, year, power } = vehicle;
    let passport = if *year < ELECTRONIC {
        format!("99ОО{:06}", draws.below("passport", 1_000_000))
    } else {
        // The first and the sixth digit tell kinds.
        format!("199901{:09}", draws.below("passport", 1_000_000_000))
    };
    // Only who is registered has a certificate, and a plate.
    let certificate = plate.as_ref().map(|_| format!("99{:08}", draws.below("certificate", 100_000_000)));
    let mark = named(brand);
    let id = format!("ID_MARK_{}", key(mark));
    json!({
        "identifiers": {"vehicle": {
            "vin": vin, "reg_num": plate, "sts": certificate, "pts": passport, "body": vin, "chassis": null,
        }},
        "tech_data": {
            "_comment": "Характеристики ТС",
            "brand": {
                "id": id,
                "name": {"original": format!("{brand} {model}").to_uppercase(), "normalized": mark},
            },
            "model": {
                "id": format!("{id}_MODEL_{}", key(model)),
                "name": {"original": model.to_uppercase(), "normalized": model},
            },
            "year": year,
            "engine": {"power": {"hp": power, "kw": null}},
        },
        "additional_info": {"vehicle": {
            "category": {"code": category},
            "passport": {"date": {"receive": format!("{year}-06-15 00:00:00")}},
            "sts": {"date": {"receive": certificate.map(|_| format!("{}-02-03 00:00:00", year + 1))}},
        }},
    })
}

fn unknown() -> Value {
    let name = json!({"original": null, "normalized": null});
    json!({
        "identifiers": {"vehicle": {"vin": null, "reg_num": null}},
        "tech_data": {"brand": {"id": null, "name": name}, "model": {"id": null, "name": name}, "year": null},
    })
}

/// The source calls one brand by its two names.
fn named(brand: &str) -> &str {
    if brand == "Lada" { "Lada (ВАЗ)" } else { brand }
}

/// `Land Cruiser` as `LAND_CRUISER`.
fn key(name: &str) -> String {
    let upper = name.to_uppercase();
    let words = upper.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brand_has_its_word_and_its_code() {
        let vehicle = Vehicle {
            vin: "ZZZ1".into(),
            plate: None,
            category: "B".into(),
            brand: "Lada".into(),
            model: "1111 Ока".into(),
            year: 2006,
            power: 90,
        };
        let content = of(Some(&vehicle), &Draws::new(1));
        assert_eq!(content["tech_data"]["brand"]["name"]["normalized"], "Lada (ВАЗ)");
        assert_eq!(content["tech_data"]["model"]["id"], "ID_MARK_LADA_ВАЗ_MODEL_1111_ОКА");
        assert!(content["identifiers"]["vehicle"]["sts"].is_null(), "no plate, no certificate");
    }
}
