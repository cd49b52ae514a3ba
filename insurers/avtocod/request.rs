//! What a report is asked for by.

use serde_json::json;
use veer_contract::{Body, domain::cyrillic_look_alike, operation::VehicleQuery};

use crate::written::cyrillic;

/// The body of the call that makes a report.
///
/// `options` stays empty: without `FORCE` a report that is there already is given again and costs nothing.
pub(super) fn body(query: &VehicleQuery) -> Body {
    let (kind, number) = match query {
        VehicleQuery::Vin(vin) => ("VIN", latin(vin.as_str())),
        VehicleQuery::Plate(plate) => ("GRZ", plain(plate.as_str(), cyrillic)),
    };
    Body::Json(json!({"queryType": kind, "query": number, "options": {}}).to_string())
}

/// A VIN, body or chassis number as the source writes it: upper case, look-alikes in Latin.
pub(super) fn latin(number: &str) -> String {
    plain(number, |text| text.to_uppercase().chars().map(latin_look_alike).collect())
}

fn plain(number: &str, written: impl Fn(&str) -> String) -> String {
    written(number).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn latin_look_alike(letter: char) -> char {
    ('A'..='Z').find(|latin| *latin != letter && cyrillic_look_alike(*latin) == letter).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(query: VehicleQuery) -> String {
        match body(&query) {
            Body::Json(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_number_is_written_in_its_own_alphabet() {
        let vin = written(VehicleQuery::Vin(" хta-21099 0Y2765439".into()));
        assert_eq!(vin, r#"{"options":{},"query":"XTA210990Y2765439","queryType":"VIN"}"#);
        let plate = written(VehicleQuery::Plate("a 123 bc 777".into()));
        assert_eq!(plate, r#"{"options":{},"query":"А123ВС777","queryType":"GRZ"}"#);
    }
}
