//! The vehicle in a report's content, whose every part may be missing, null or masked.

use veer_contract::{
    domain::{Coefficient, FoundVehicle, InsurerVehicle, Personal},
    operation::VehicleQuery,
};

use super::{papers, request::latin};
use crate::{dictionary, loose::Loose};

/// Reads what a report tells of the vehicle that was asked for. Without a brand it tells of none.
pub(super) fn read(content: Loose<'_>, query: &VehicleQuery) -> FoundVehicle {
    let tech = content.get("tech_data");
    let numbers = content.get("identifiers").get("vehicle");
    let (asked_vin, asked_plate) = match query {
        VehicleQuery::Vin(vin) => (Some(vin.clone()), None),
        VehicleQuery::Plate(plate) => (None, Some(plate.clone())),
    };
    let vin = number(numbers.get("vin")).or(asked_vin);
    // Often the VIN once more, half of it in Cyrillic: insurers take that for a contradiction.
    let other_than_vin = |value: Loose<'_>| {
        let is_vin = |other: &Personal<String>| {
            vin.as_ref().is_some_and(|vin| latin(vin.as_str()) == latin(other.as_str()))
        };
        number(value).filter(|other| !is_vin(other))
    };
    FoundVehicle {
        vehicle: vehicle(tech, content),
        modification: only_modification(tech),
        year: tech.get("year").integer().and_then(|year| i16::try_from(year).ok()).filter(|year| *year > 0),
        engine_power: horsepower(tech.get("engine").get("power").get("hp")),
        plate: number(numbers.get("reg_num")).or(asked_plate),
        body_number: other_than_vin(numbers.get("body")),
        chassis_number: other_than_vin(numbers.get("chassis")),
        documents: papers::read(numbers, content.get("additional_info").get("vehicle")),
        vin,
    }
}

fn vehicle(tech: Loose<'_>, content: Loose<'_>) -> InsurerVehicle {
    let category = content.get("additional_info").get("vehicle").get("category").get("code");
    InsurerVehicle {
        brand: name(tech.get("brand")),
        model: name(tech.get("model")),
        category: category.text().and_then(|text| dictionary::category(&text).known()),
        brand_code: there(tech.get("brand").get("id").trimmed()),
        code: there(tech.get("model").get("id").trimmed()),
        years: None,
    }
}

/// The name in the source's own dictionary, else as a register writes it, brand and model often in one.
fn name(of: Loose<'_>) -> String {
    let name = of.get("name");
    there(name.get("normalized").trimmed()).unwrap_or_else(|| name.get("original").trimmed())
}

/// The modification, where the report has not several to choose from.
fn only_modification(tech: Loose<'_>) -> Option<String> {
    let bodies = tech.get("generations").items().flat_map(|generation| generation.get("bodies").items());
    let mut names = bodies
        .flat_map(|body| body.get("modifications").items())
        .filter_map(|modification| there(modification.get("name").trimmed()));
    let first = names.next()?;
    names.all(|other| other == first).then_some(first)
}

fn horsepower(value: Loose<'_>) -> Option<Coefficient> {
    value.number()?.coefficient().filter(|power| *power > Coefficient::from_ten_thousandths(0))
}

/// A number that is whole: accounts without the right to it are shown stars.
pub(super) fn number(value: Loose<'_>) -> Option<Personal<String>> {
    there(value.trimmed()).filter(|text| !text.contains('*')).map(Personal::new)
}

fn there(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn by_plate(content: &Value) -> FoundVehicle {
        read(Loose::of(content), &VehicleQuery::Plate("А001АА777".into()))
    }

    #[test]
    fn names_are_the_sources_own_and_a_registers_only_without_those() {
        let normalized =
            json!({"tech_data": {"brand": {"name": {"original": "Кiа Riо", "normalized": "Kia"}}}});
        assert_eq!(by_plate(&normalized).vehicle.brand, "Kia");
        let original =
            json!({"tech_data": {"brand": {"name": {"original": " KIA RIO ", "normalized": null}}}});
        assert_eq!(by_plate(&original).vehicle.brand, "KIA RIO");
        assert_eq!(by_plate(&Value::Null).vehicle, InsurerVehicle::default());
    }

    #[test]
    fn masked_and_repeated_numbers_are_left_out() {
        let number = |vin: &str, body: &str| {
            let found = by_plate(&json!({"identifiers": {"vehicle": {"vin": vin, "body": body}}}));
            (found.vin.is_some(), found.body_number.is_some())
        };
        assert_eq!(number("Z94C0000000000001", "Z94С0000000000001"), (true, false));
        assert_eq!(number("Z94C************1", "KCA275-0000000"), (false, true));
        let found = by_plate(&json!({"identifiers": {"vehicle": {"reg_num": "А******77"}}}));
        assert_eq!(found.plate, Some("А001АА777".into()), "the plate that was asked for");
    }

    #[test]
    fn one_modification_is_a_fact_and_several_are_none() {
        let generations = |names: &[&str]| {
            let modifications: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
            let generations = json!([{"bodies": [{"modifications": modifications}]}]);
            by_plate(&json!({"tech_data": {"generations": generations}})).modification
        };
        assert_eq!(generations(&["1.6 AT"]).as_deref(), Some("1.6 AT"));
        assert_eq!(generations(&["1.6 AT", "1.4 MT"]), None);
        assert_eq!(generations(&[]), None);
    }

    #[test]
    fn numbers_may_be_texts_and_nothing_is_made_of_nonsense() {
        let tech = |year: Value, power: Value| {
            let found = by_plate(&json!({"tech_data": {"year": year, "engine": {"power": {"hp": power}}}}));
            (found.year, found.engine_power.map(Coefficient::as_json_number))
        };
        assert_eq!(tech(json!("2015"), json!("106.8")), (Some(2015), serde_json::Number::from_f64(106.8)));
        assert_eq!(tech(json!(0), json!(0)), (None, None));
        assert_eq!(tech(json!("new"), json!(-5)), (None, None));
    }
}
