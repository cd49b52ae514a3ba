//! alfastrah: REST JSON behind HTTP Digest.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use veer_simulator::{Knobs, Wire};

use crate::{
    client::{self, Alfastrah},
    risks,
};

#[tokio::test]
async fn the_example_is_priced_by_the_edition_in_force_at_its_start() {
    let simulation = client::fast().await;
    let (status, answer) = Alfastrah::new(&simulation).calculate(&risks::alfastrah()).await;
    assert_eq!(status, 200, "{answer}");
    let coefficient = |name: &str| -> Decimal {
        let rows = answer["coefficients"].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == name).unwrap();
        row["value"].as_str().unwrap().parse().unwrap()
    };
    let (least, most) = (Decimal::from(1490), Decimal::from(15756));
    assert!((least..=most).contains(&coefficient("ТБ")), "the taxis' corridor of 2022-09-13");
    assert_eq!(coefficient("КТ").to_string(), "1.64", "Красноярск before 2025");
    assert_eq!(coefficient("КВС").to_string(), "0.94", "43 years old, 8 behind the wheel");
    assert_eq!(coefficient("КМ").to_string(), "1.4");
    let rows = answer["coefficients"].as_array().unwrap().iter();
    let product: Decimal =
        rows.map(|row| row["value"].as_str().unwrap().parse::<Decimal>().unwrap()).product();
    let premium = product.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize();
    let details = &answer["calculation_details"];
    assert_eq!(details["insurance_premium"].to_string(), premium.to_string());
    assert_eq!(details["success"], true);
    assert_eq!(answer["drivers"][0]["kbm"], details["kbm_value"]);
    assert_eq!(answer["insurance_contract"]["end_date"], "2024-11-30 23:59:59");
}

#[tokio::test]
async fn calls_without_good_credentials_are_challenged() {
    let simulation = client::fast().await;
    let alfastrah = Alfastrah::new(&simulation);
    let response = alfastrah.once("wapi/dictionary/vehicle/mark", None).await.unwrap();
    assert_eq!(response.status(), 401);
    let challenge = response.headers()["WWW-Authenticate"].to_str().unwrap().to_owned();
    assert!(challenge.starts_with("Digest realm=") && challenge.contains("qop=\"auth\""), "{challenge}");
    assert!(!challenge.contains("stale"), "{challenge}");
    assert_eq!(alfastrah.once("wapi/dictionary/vehicle/mark", None).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_never_called_stale() {
    let simulation = client::fast().await;
    let url = format!("{}wapi/dictionary/vehicle/mark", client::of(&simulation, Wire::Alfastrah).base_url);
    let forged = "Digest username=\"veer-alfastrah\", realm=\"wapi\", nonce=\"0\", \
        uri=\"/wapi/dictionary/vehicle/mark\", qop=auth, nc=00000001, cnonce=\"0\", response=\"0\"";
    let response = client::http().get(url).header("Authorization", forged).send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert!(!response.headers()["WWW-Authenticate"].to_str().unwrap().contains("stale"));
    assert!(simulation.journal().is_empty(), "such calls are not taken");
}

#[tokio::test]
async fn a_nonce_goes_stale_and_the_new_one_works() {
    let simulation = client::with(Knobs { nonce_calls: 2, ..Knobs::default() }).await;
    let alfastrah = Alfastrah::new(&simulation);
    let mut seen = Vec::new();
    for _ in 0..7 {
        let response = alfastrah.once("wapi/dictionary/vehicle/mark", None).await.unwrap();
        let challenge = response.headers().get("WWW-Authenticate").map(|value| value.to_str().unwrap());
        let stale = challenge.is_some_and(|challenge| challenge.contains("stale=true"));
        seen.push((response.status().as_u16(), stale));
    }
    let (good, stale) = ((200, false), (401, true));
    assert_eq!(seen, [(401, false), good, good, stale, good, good, stale]);
}

#[tokio::test]
async fn names_that_are_not_the_dictionarys_break_the_service() {
    let simulation = client::fast().await;
    let alfastrah = Alfastrah::new(&simulation);
    for (field, value) in [("mark", "Toyota"), ("model", "Camry"), ("model", "CAMRY "), ("mark", "ЗАЗ")] {
        let mut body = risks::alfastrah();
        body["vehicle"][field] = value.into();
        let (status, answer) = alfastrah.calculate(&body).await;
        assert_eq!(status, 500, "{value}: {answer}");
        let text = answer["sub_errors"][0]["message"].as_str().unwrap();
        assert!(text.contains("unrecognized system error"), "{text}");
    }
}

#[tokio::test]
async fn every_missing_field_is_named() {
    let simulation = client::fast().await;
    let mut body = risks::alfastrah();
    body["vehicle"]["power_hp"] = Value::Null;
    body["transport_owner"] = json!({"person": {}});
    body["drivers"] = json!([]);
    let (status, answer) = Alfastrah::new(&simulation).calculate(&body).await;
    assert_eq!(status, 400);
    let text = answer["sub_errors"].to_string();
    for field in ["vehicle.power_hp", "transport_owner.person.last_name", "addresses.0.region", "drivers"] {
        assert!(text.contains(field), "{field} is missing in {text}");
    }
}

#[tokio::test]
async fn the_register_says_the_same_as_the_calculation() {
    let simulation = client::fast().await;
    let alfastrah = Alfastrah::new(&simulation);
    let request = json!({"drivers": risks::alfastrah()["drivers"]});
    let response = alfastrah.send("wapi/osago/kbm/physical", Some(&request)).await.unwrap();
    let register = client::json(response).await;
    let (_, calculation) = alfastrah.calculate(&risks::alfastrah()).await;
    assert_eq!(register["calculated_kbm_value"], calculation["drivers"][0]["kbm"]);
    assert_eq!(register["calculation_details"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn both_forms_of_a_no_occur_and_give_a_reason() {
    let simulation = client::with(Knobs { decline: 1.0, ..Knobs::default() }).await;
    let alfastrah = Alfastrah::new(&simulation);
    let mut forms = std::collections::BTreeSet::new();
    for number in 0..12 {
        let mut body = risks::alfastrah();
        body["vehicle"]["identity"]["vin"] = format!("XTA210990Y27654{number:02}").into();
        let (status, answer) = alfastrah.calculate(&body).await;
        assert_eq!(status, 200);
        let details = &answer["calculation_details"];
        assert!(!details["popup_message"].as_str().unwrap().is_empty());
        assert!(details["insurance_premium"].is_null());
        forms.insert(details["need_underwriter_coordination"].as_bool().unwrap());
    }
    assert_eq!(forms.len(), 2);
}
