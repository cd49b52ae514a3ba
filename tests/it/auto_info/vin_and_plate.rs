//! The numbers that a vehicle is found by: how they may be written, and which is asked for when.

use reqwest::Method;
use serde_json::json;
use veer_contract::{Step, domain::FoundVehicle, operation::VehicleQuery};

use super::{
    PLATE, UNKNOWN, VIN, ask, avtocod, outcomes,
    source::{Answers, by_plate, camry, never},
    with, with_settings,
};
use crate::harness::House;

#[tokio::test(flavor = "multi_thread")]
async fn all_writings_of_a_number_are_one_question_about_one_vehicle() {
    let house = House::open(avtocod()).await;
    let found = ask(&house.client, &format!("vin={VIN}")).await;
    assert_eq!(found.status, 200, "{found:?}");
    assert_eq!(
        (&found.body["brand"]["name"], &found.body["model"]["name"]),
        (&json!("Toyota"), &json!("Camry"))
    );
    assert_eq!((&found.body["year"], &found.body["engine_power"]), (&json!(2020), &json!(150)));
    assert_eq!((&found.body["vin"], &found.body["category"]), (&json!(VIN), &json!("B")));
    assert!(found.body["car_documents"].is_array());
    for writing in ["xta 21099-0-Y2765439", "ХТА21О99ОУ2765439"] {
        assert_eq!(ask(&house.client, &format!("vin={writing}")).await, found, "{writing}");
    }
    assert_eq!(house.received("avtocod", "reports/_make").len(), 1);

    let by_plate = ask(&house.client, &format!("car_number={PLATE}")).await;
    assert_eq!(by_plate.status, 200, "{by_plate:?}");
    assert_eq!(
        (&by_plate.body["car_number"], &by_plate.body["model"]),
        (&json!(PLATE), &found.body["model"])
    );
    for writing in ["a 123 бb 777", "А-123-БВ/777RUS"] {
        assert_eq!(ask(&house.client, &format!("car_number={writing}")).await, by_plate, "{writing}");
    }
    assert_eq!(house.received("avtocod", "reports/_make").len(), 2);
    assert_eq!(outcomes(&house.client).await, [("cached", 4), ("found", 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_looked_up_is_named() {
    let (house, _) = with([("register", Answers::new(|_| Step::done(camry())))]).await;
    let named = async |query: &str| {
        let answer = ask(&house.client, query).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        let wrong = answer.body["properties"].as_array().expect("properties").clone();
        wrong.iter().map(|it| it["property"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(named("").await, ["vin"]);
    assert_eq!(named("vin=&car_number=").await, ["vin"]);
    assert_eq!(named("vin=LN130-0128818&car_number=7").await, ["vin", "car_number"]);
    assert_eq!(named("vin=LN130-0128818").await, ["vin"]);
    let stranger = house.client.with_token("nobody");
    assert_eq!(ask(&stranger, &format!("vin={VIN}")).await.status, 403);
    let posted = house.client.ask(Method::POST, "/auto/info", Some("{}".into())).await.expect("an answer");
    assert_eq!(posted.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plate_is_asked_for_where_nobody_knows_the_vin() {
    let both = format!("vin={VIN}&car_number={PLATE}");
    let (house, asked) = with([("register", by_plate(camry()))]).await;
    let answer = ask(&house.client, &both).await;
    assert_eq!(
        (answer.status, &answer.body["vin"], &answer.body["car_number"]),
        (200, &json!(VIN), &json!(PLATE))
    );
    assert_eq!(asked("register"), [VehicleQuery::Vin(VIN.into()), VehicleQuery::Plate(PLATE.into())]);

    let another = FoundVehicle { vin: Some(UNKNOWN.into()), ..camry() };
    let (house, _) = with([("register", by_plate(another))]).await;
    assert_eq!(ask(&house.client, &both).await.status, 404, "another vehicle has the plate now");
    assert_eq!(ask(&house.client, &format!("car_number={PLATE}")).await.status, 200);

    let without_vin = FoundVehicle { vin: None, body_number: Some("ACV400000001".into()), ..camry() };
    let (house, _) = with([("register", by_plate(without_vin))]).await;
    assert_eq!(ask(&house.client, &both).await.status, 404, "another vehicle may have the plate now");
    let answer = ask(&house.client, &format!("car_number={PLATE}")).await;
    assert_eq!((answer.status, &answer.body["body_number"]), (200, &json!("ACV400000001")), "{answer:?}");
    assert!(answer.body.get("vin").is_none(), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plate_finds_the_vehicle_beside_what_is_no_vin() {
    let (house, asked) = with([("register", by_plate(camry()))]).await;
    let answer = ask(&house.client, &format!("vin=LN130-0128818&car_number={PLATE}")).await;
    assert_eq!((answer.status, &answer.body["vin"]), (200, &json!(VIN)), "{answer:?}");
    assert_eq!(asked("register"), [VehicleQuery::Plate(PLATE.into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vehicle_without_any_number_is_a_404() {
    let (house, _) = with([("register", by_plate(FoundVehicle { vin: None, ..camry() }))]).await;
    assert_eq!(ask(&house.client, &format!("car_number={PLATE}")).await.status, 404);
    assert_eq!(outcomes(&house.client).await, [("unmapped", 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vin_that_nobody_answers_leaves_time_for_the_plate() {
    let slow = Answers::new(|query| match query {
        VehicleQuery::Vin(_) => never(),
        VehicleQuery::Plate(_) => Step::done(camry()),
    });
    let (house, asked) = with_settings([("slow", slow)], |settings| {
        settings.set("dictionary.look_up", "4s");
    })
    .await;
    let answer = ask(&house.client, &format!("vin={VIN}&car_number={PLATE}")).await;
    assert_eq!((answer.status, &answer.body["vin"]), (200, &json!(VIN)), "{answer:?}");
    assert_eq!(asked("slow"), [VehicleQuery::Vin(VIN.into()), VehicleQuery::Plate(PLATE.into())]);
}
