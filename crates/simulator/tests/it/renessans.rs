//! renessans: form fields or JSON, create then poll, keys in varying case.

use serde_json::json;
use veer_simulator::{Knobs, Latency, Polls};

use crate::{
    client::{self, Renessans},
    risks,
};

#[tokio::test]
async fn the_example_is_priced_after_its_polls() {
    let simulation = client::with(Knobs { polls: Polls { min: 3, max: 3 }, ..Knobs::default() }).await;
    let (answer, polls) = Renessans::new(&simulation).calculate(&risks::renessans()).await;
    assert_eq!(polls, 3);
    assert_eq!(answer["result"], true, "{answer}");
    let response = &answer["data"]["response"];
    let premium = response["premium"].as_f64().unwrap();
    assert!((1000.0..60_000.0).contains(&premium), "{premium}");
    assert!(response["kbm"][0]["kbm"].as_str().unwrap().parse::<f64>().is_ok());
}

#[tokio::test]
async fn a_calculation_is_not_ready_before_its_latency() {
    let latency = Latency::Fixed { time: std::time::Duration::from_secs(600) };
    let simulation =
        client::with(Knobs { latency, polls: Polls { min: 1, max: 1 }, ..Knobs::default() }).await;
    let renessans = Renessans::new(&simulation);
    let created = renessans.create(&risks::renessans()).await;
    let id = created["data"][0]["id"].as_str().unwrap();
    for _ in 0..3 {
        let polled = renessans.poll(id).await;
        assert_eq!(polled["result"], true);
        assert_eq!(polled["data"]["response"], json!({}), "no price yet");
    }
}

#[tokio::test]
async fn json_is_taken_as_well_and_gives_the_same_price() {
    let simulation = client::fast().await;
    let renessans = Renessans::new(&simulation);
    let (by_form, _) = renessans.calculate(&risks::renessans()).await;
    let body = json!({
        "key": renessans.insurer.key, "dateStart": "2023-12-01", "period": 12, "purpose": "Такси",
        "limitDrivers": 1, "isJuridical": 0, "codeKladr": "7700000000000",
        "owner": {"lastname": "Иванов", "name": "Иван", "middlename": "Иванович", "birthday": "1980-06-12",
            "document": {"typeofdocument": "RussianPassport", "series": "1234", "number": "567890"}},
        "car": {"make": "Toyota", "model": "Camry", "category": "B", "power": 150,
            "documents": {"vin": risks::VIN}},
        "drivers": [{"lastname": "Иванов", "name": "Иван", "birthday": "1980-06-12",
            "license": {"series": "77АА", "number": "123456", "dateBeginDrive": "2015-06-10"}}],
    });
    let url = format!("{}calculate/", renessans.insurer.base_url);
    let request = renessans.http.post(url).header("Content-Type", "application/json").body(body.to_string());
    let created = client::lower(client::json(request.send().await.unwrap()).await);
    let id = created["data"][0]["id"].as_str().unwrap();
    let premium = loop {
        let polled = renessans.poll(id).await;
        if polled["data"]["status"] == "done" {
            assert!(polled["data"]["response"].get("kbm").is_none(), "КБМ was not asked for");
            break polled["data"]["response"]["premium"].clone();
        }
    };
    assert_eq!(premium, by_form["data"]["response"]["premium"]);
}

#[tokio::test]
async fn both_spellings_of_the_keys_occur() {
    let simulation = client::fast().await;
    let renessans = Renessans::new(&simulation);
    let mut capitals = std::collections::BTreeSet::new();
    for _ in 0..16 {
        let text = renessans.send(&risks::renessans()).await.unwrap().text().await.unwrap();
        assert!(text.contains("\"Data\":[{\"") == text.contains("\"Message\":\"ok\""), "{text}");
        capitals.insert(text.contains("\"Data\""));
    }
    assert_eq!(capitals.len(), 2);
}

#[tokio::test]
async fn a_wrong_key_and_an_unknown_id_are_a_plain_false() {
    let simulation = client::fast().await;
    let renessans = Renessans::new(&simulation);
    let url = format!("{}calculate/1/?key=wrong", renessans.insurer.base_url);
    let refused = client::json(renessans.http.get(url).send().await.unwrap()).await;
    assert_eq!(refused["result"], false);
    assert!(simulation.journal().is_empty());
    let unknown = renessans.poll("1").await;
    assert_eq!(unknown["result"], false);
    assert!(unknown["message"].as_str().unwrap().contains("не найден"));
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let simulation = client::fast().await;
    let renessans = Renessans::new(&simulation);
    for (field, value, named) in [
        ("purpose", "taxi", "purpose"),
        ("codeKladr", "77", "codeKladr"),
        ("car[make]", "ЗАЗ", "car.make"),
        ("car[model]", "Вперёд", "car.model"),
        ("car[model]", "Прочие", "car.MarkAndModelString"),
        ("car[power]", "много", "car.power"),
        ("owner[birthday]", "12.06.1980", "owner.birthday"),
        ("drivers[0][license][number]", "", "drivers.0.license.number"),
    ] {
        let mut fields = risks::renessans();
        let place = fields.iter().position(|(name, _)| *name == field).unwrap();
        fields[place].1 = value;
        let answer = renessans.create(&fields).await;
        assert_eq!(answer["result"], false, "{field} = {value}");
        assert!(answer["message"].as_str().unwrap().contains(named), "{answer}");
    }
}

#[tokio::test]
async fn a_model_that_is_not_listed_goes_by_its_words() {
    let simulation = client::fast().await;
    let mut fields = risks::renessans();
    fields.retain(|(name, _)| *name != "car[model]");
    fields.extend([("car[model]", "Прочие"), ("car[MarkAndModelString]", "Toyota Crown")]);
    let (answer, _) = Renessans::new(&simulation).calculate(&fields).await;
    assert_eq!(answer["result"], true, "{answer}");
}
