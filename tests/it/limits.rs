//! An insurer's limits are kept, and whoever comes too late is told so.

use serde_json::json;
use veer_simulator::Fault;

use crate::harness::{House, eventually, plan, request};

#[tokio::test(flavor = "multi_thread")]
async fn over_the_rate_limit_an_insurer_is_skipped_with_verdict_300() {
    let house = House::furnished(plan::of([("ingosstrakh", plan::quick())]), |settings, _| {
        settings.set("insurers.ingosstrakh.lanes.create.rate", rate("1/h"));
    })
    .await;
    let answer = house.client.calculate(&request::about_car(1)).await;
    assert_eq!(answer["status"], "CALCULATION_READY");
    let (answer, explained) = house.client.calculate_explained(&request::about_car(2)).await;
    assert_eq!(explained.verdict("ingosstrakh"), 300);
    assert!(explained.detail("ingosstrakh").contains("rate limit"), "{explained:?}");
    assert_eq!((&answer["status"], &answer["offers"]), (&json!("NO_CALCULATION_AVAILABLE"), &json!([])));
    assert_eq!(house.received("ingosstrakh", "GetTariff").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rate_limit_is_the_insurers_own() {
    let house = House::furnished(plan::healthy(), |settings, _| {
        settings.set("insurers.renessans.lanes.create.rate", rate("1/h"));
    })
    .await;
    let (_, explained) = house.client.calculate_explained(&request::about_car(1)).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 0), ("ingosstrakh", 0), ("renessans", 0)]);
    let (answer, explained) = house.client.calculate_explained(&request::about_car(2)).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 0), ("ingosstrakh", 0), ("renessans", 300)]);
    assert_eq!(answer["offers"].as_array().map(Vec::len), Some(2));
    assert_eq!(house.received("renessans", "calculate").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_permit_in_time_an_insurer_is_skipped_with_verdict_302() {
    let house = House::furnished(plan::of([("ingosstrakh", plan::faulty(Fault::Hang))]), |settings, _| {
        settings.set("calculation.budget", "3s").set("insurers.ingosstrakh.lanes.create.concurrent", 1);
    })
    .await;
    let first = house.client.accepted(&request::about_car(1)).await;
    eventually("the first call is under way", async || {
        (!house.received("ingosstrakh", "GetTariff").is_empty()).then_some(())
    })
    .await;
    let (answer, explained) = house.client.calculate_explained(&request::about_car(2)).await;
    assert_eq!(explained.verdict("ingosstrakh"), 302);
    assert_eq!((&answer["status"], &answer["offers"]), (&json!("NO_CALCULATION_AVAILABLE"), &json!([])));
    house.client.finished(&first).await;
    assert_eq!(house.client.explain(&first).await.verdict("ingosstrakh"), 404);
    assert_eq!(house.simulation.insurer("ingosstrakh").expect("an insurer").most_calls_at_once(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn never_more_calls_are_under_way_than_the_lane_allows() {
    let house = House::furnished(plan::of([("alfastrah", plan::slow(100))]), |settings, _| {
        settings.set("insurers.alfastrah.lanes.create.concurrent", 3);
    })
    .await;
    for (answer, _) in house.client.calculate_about(12).await {
        assert_eq!(answer["status"], "CALCULATION_READY");
    }
    assert_eq!(house.simulation.insurer("alfastrah").expect("an insurer").most_calls_at_once(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_budget_cuts_a_slow_insurer_off_with_verdict_404() {
    let house = House::furnished(plan::all(&plan::slow(120_000)), |settings, _| {
        settings.set("calculation.budget", "2s");
    })
    .await;
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 404), ("ingosstrakh", 404), ("renessans", 404)]);
    assert_eq!(answer["status"], "CALCULATION_ERROR");
    let offers = answer["offers"].as_array().expect("offers");
    assert_eq!(offers.len(), 3);
    assert!(offers.iter().all(|offer| offer["status"] == "CLOSED_TIMEOUT" && offer["message"].is_string()));
}

fn rate(limit: &str) -> toml::Value {
    toml::Value::Array(vec![limit.into()])
}
