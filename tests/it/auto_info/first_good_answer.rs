//! Whose answer is told, in which words, and when it is a 404.

use reqwest::Method;
use serde_json::json;
use veer_contract::{
    Fault, FaultKind, Step,
    domain::{FoundVehicle, InsurerVehicle},
};

use super::{
    VIN, ask, avtocod, outcomes,
    source::{Answers, camry, later, never, unknown},
    with, with_settings,
};
use crate::harness::{House, plan};

#[tokio::test(flavor = "multi_thread")]
async fn the_ids_are_those_of_the_dictionary() {
    let house = House::open(avtocod()).await;
    let found = ask(&house.client, &format!("vin={VIN}")).await;
    let brand = found.body["brand"]["brand_id"].as_str().expect("an id");
    let get =
        async |target: String| house.client.ask(Method::GET, &target, None).await.expect("an answer").body;
    let models = get(format!("/dictionaries/models?brand_id={brand}")).await;
    let model = &found.body["model"];
    let listed =
        models["models"].as_array().expect("models").iter().find(|it| it["model_id"] == model["model_id"]);
    assert_eq!(listed.expect("the model")["name"], model["name"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_good_answer_wins_and_nobody_else_is_waited_for() {
    let hangs = Answers::new(|_| never());
    let powerless = Answers::new(|_| Step::done(FoundVehicle { engine_power: None, ..camry() }));
    let stranger = Answers::new(|_| {
        let vehicle =
            InsurerVehicle { brand: "Nobody".into(), model: "Knows".into(), ..InsurerVehicle::default() };
        Step::done(FoundVehicle { vehicle, ..camry() })
    });
    let good = Answers::new(|_| later());
    let (house, asked) =
        with([("hangs", hangs), ("powerless", powerless), ("stranger", stranger), ("good", good)]).await;
    let answer = ask(&house.client, &format!("vin={VIN}")).await;
    assert_eq!((answer.status, &answer.body["model"]["name"]), (200, &json!("Camry")), "{answer:?}");
    for source in ["hangs", "powerless", "stranger", "good"] {
        assert!(!asked(source).is_empty(), "{source} was not asked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vehicle_that_cannot_be_told_is_a_404() {
    let yearless = Answers::new(|_| Step::done(FoundVehicle { year: None, ..camry() }));
    let (house, _) = with([("register", yearless)]).await;
    assert_eq!(ask(&house.client, &format!("vin={VIN}")).await.status, 404);
    assert_eq!(outcomes(&house.client).await, [("unmapped", 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_does_not_know_it_is_believed_although_another_failed() {
    let fails = Answers::new(|_| Step::fail(Fault::new(FaultKind::RegistryDown, "down")));
    let (house, _) = with([("fails", fails), ("unknowing", Answers::new(|_| unknown()))]).await;
    assert_eq!(ask(&house.client, &format!("vin={VIN}")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_source_the_partner_is_told_so() {
    let house = House::open(plan::of([("alfastrah", plan::quick())])).await;
    let answer = ask(&house.client, &format!("vin={VIN}")).await;
    assert_eq!(answer.status, 404);
    assert!(answer.body["message"].as_str().is_some_and(|it| it.contains("no source")), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_takes_nothing_now_is_not_asked() {
    for (key, value, status) in [("maintenance", "00:00-24:00".into(), 500), ("enabled", false.into(), 404)] {
        let (house, asked) =
            with_settings([("register", Answers::new(|_| Step::done(camry())))], |settings| {
                settings.set(&format!("insurers.register.{key}"), toml::Value::clone(&value));
            })
            .await;
        assert_eq!(ask(&house.client, &format!("vin={VIN}")).await.status, status, "{key}");
        assert!(asked("register").is_empty(), "{key}");
    }
}
