//! The request's own vehicle, looked up by each of its numbers.

use serde_json::Value;

use super::{VEHICLE_PATH, tree::Tree};
use crate::cli::rehearse::{
    ask::Ask,
    check::{self, list, text},
    contract::VEHICLE,
    exchange::Exchange,
    fault::{Fault, Verdict},
    stage::Stage,
};

/// Numbers that say which vehicle it is; one of them must be there.
const NUMBERS: [&str; 3] = ["vin", "body_number", "chassis_number"];

pub(super) async fn play(stage: &mut Stage, tree: &Tree) {
    let vehicle = stage.request.body["vehicle"].clone();
    for field in ["vin", "car_number"] {
        let name = format!("{VEHICLE_PATH} by {field}");
        match text(&vehicle, field) {
            "" => stage.skip(&name, "the request's vehicle has none"),
            number => {
                let ask = Ask::get(VEHICLE_PATH).query(field, number);
                stage.ask(&name, ask, |got| known_or_not(got, tree, field, number)).await;
            }
        }
    }
}

/// A vehicle that nobody knows is a 404, which is an answer as well.
fn known_or_not(got: &Exchange, tree: &Tree, field: &str, number: &str) -> Verdict {
    if got.status() == 404 {
        return Verdict::from(check::refusal(got, 404)).and_tell(|| "nobody knows the vehicle".into());
    }
    let vehicle = got.json();
    let mut faults = check::body(got, &VEHICLE);
    if faults.is_empty() {
        faults = says(vehicle, tree, field, number);
    }
    let told = || format!("{} {}", text(&vehicle["brand"], "name"), text(&vehicle["model"], "name"));
    Verdict::from(faults).and_tell(told)
}

/// What its fields say to each other, to the question and to the tree.
fn says(vehicle: &Value, tree: &Tree, field: &str, number: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    match text(vehicle, field) {
        "" => faults.push(Fault::of(field, "must be there: it was asked for")),
        told if written_alike(told) != written_alike(number) => {
            faults.push(Fault::of(field, "must be the one that was asked for"));
        }
        _ => {}
    }
    let has = |field: &str| !text(vehicle, field).is_empty();
    if !NUMBERS.iter().any(|field| has(field)) {
        faults.push(Fault::new("one of vin, body_number and chassis_number must be there"));
    }
    let sts = list(vehicle, "car_documents").iter().any(|document| text(document, "document_type") == "sts");
    if sts && field != "car_number" && !has("car_number") {
        faults.push(Fault::of("car_number", "must be there where a document is an sts"));
    }
    // A tree that is none was told of already.
    if tree.emptiness().is_none() {
        let (brand, model) = (text(&vehicle["brand"], "brand_id"), text(&vehicle["model"], "model_id"));
        faults.extend(tree.lacks(brand, model));
    }
    faults
}

/// A number as it is compared: case, blanks and the alphabet of look-alike letters are the writer's own.
fn written_alike(number: &str) -> String {
    const CYRILLIC: &str = "АВЕКМНОРСТУХ";
    const LATIN: &str = "ABEKMHOPCTYX";
    let letters = number.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase);
    letters
        .map(|c| CYRILLIC.chars().zip(LATIN.chars()).find(|pair| pair.0 == c).map_or(c, |it| it.1))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const VIN: &str = "XTA210990Y2765439";

    fn vehicle() -> Value {
        json!({
            "vin": VIN,
            "car_number": "А123БВ777",
            "brand": { "brand_id": "1", "name": "LADA" },
            "model": { "model_id": "7", "name": "Vesta" },
            "car_documents": [{ "document_type": "sts" }],
        })
    }

    fn told(field: &str, number: &str, change: impl FnOnce(&mut Value)) -> Vec<String> {
        let models = json!([{ "model_id": "7", "name": "Vesta" }]);
        let tree = Tree(json!({ "brands": [{ "brand_id": "1", "name": "LADA", "models": models }] }));
        let mut vehicle = vehicle();
        change(&mut vehicle);
        says(&vehicle, &tree, field, number).iter().map(Fault::to_string).collect()
    }

    fn without(vehicle: &mut Value, field: &str) {
        vehicle.as_object_mut().unwrap().remove(field);
    }

    #[test]
    fn the_number_that_was_asked_for_comes_back_in_any_writing() {
        assert_eq!(told("vin", &VIN.to_lowercase(), |_| {}), [""; 0]);
        assert_eq!(told("car_number", "a 123 бb 777", |_| {}), [""; 0]);
        let other = told("vin", "XTA210990Y2765430", |_| {});
        assert_eq!(other, ["vin: must be the one that was asked for"]);
        let none = told("car_number", "А123БВ777", |vehicle| without(vehicle, "car_number"));
        assert_eq!(none, ["car_number: must be there: it was asked for"]);
    }

    #[test]
    fn a_vehicle_has_a_number_and_with_an_sts_a_plate() {
        let nameless = told("car_number", "А123БВ777", |vehicle| without(vehicle, "vin"));
        assert_eq!(nameless, ["one of vin, body_number and chassis_number must be there"]);
        let body = told("car_number", "А123БВ777", |vehicle| {
            without(vehicle, "vin");
            vehicle["body_number"] = "LN130-0128818".into();
        });
        assert_eq!(body, [""; 0]);
        let bare = told("vin", VIN, |vehicle| without(vehicle, "car_number"));
        assert_eq!(bare, ["car_number: must be there where a document is an sts"]);
        let passport = told("vin", VIN, |vehicle| {
            without(vehicle, "car_number");
            vehicle["car_documents"][0]["document_type"] = "pts".into();
        });
        assert_eq!(passport, [""; 0]);
    }

    #[test]
    fn its_ids_are_the_dictionarys() {
        let odd = told("vin", VIN, |vehicle| vehicle["model"]["model_id"] = "8".into());
        assert_eq!(odd, ["model.model_id: 8 is no model of that brand in sync-all"]);
    }
}
