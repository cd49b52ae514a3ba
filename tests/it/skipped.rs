//! Insurers that are not asked: each is told to operators with its reason, none is in the answer.

use serde_json::{Value, json};
use veer_simulator::Simulation;

use crate::harness::{Explained, House, Settings, plan, request};

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_insurer_is_verdict_100() {
    let house = House::furnished(plan::healthy(), |settings, _| {
        settings.set("insurers.renessans.enabled", false);
    })
    .await;
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 0), ("ingosstrakh", 0), ("renessans", 100)]);
    assert_eq!(codes(&answer), [1, 2]);
    assert_eq!(calls(&house, "renessans"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_category_that_nobody_takes_is_verdict_101_and_no_offer_at_all() {
    let house = House::open(plan::healthy()).await;
    let mut body = request::sample();
    body["vehicle"]["category"] = json!("C");
    let (answer, explained) = house.client.calculate_explained(&body).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 101), ("ingosstrakh", 101), ("renessans", 101)]);
    assert_eq!((&answer["status"], &answer["offers"]), (&json!("NO_CALCULATION_AVAILABLE"), &json!([])));
    assert!(house.simulation.journal().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_category_that_some_take_is_verdict_101_of_the_others() {
    let house = House::open(plan::healthy()).await;
    let mut body = request::sample();
    body["vehicle"]["category"] = json!("A");
    let (answer, explained) = house.client.calculate_explained(&body).await;
    assert_eq!(explained.verdict("alfastrah"), 101);
    assert!(!codes(&answer).contains(&1) && calls(&house, "alfastrah") == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vehicle_without_a_code_is_verdict_102_where_codes_are_needed() {
    let unmapped = |settings: &mut Settings, _: &Simulation| settings.vehicles.clear();
    let house = House::furnished(plan::healthy(), unmapped).await;
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 0), ("ingosstrakh", 102), ("renessans", 0)]);
    assert!(explained.detail("ingosstrakh").contains("Toyota Camry"), "{explained:?}");
    assert_eq!(codes(&answer).len(), 2);
    assert_eq!(calls(&house, "ingosstrakh"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_field_is_verdict_103_of_those_who_need_it() {
    let house = House::open(plan::healthy()).await;
    let mut body = request::sample();
    body["vehicle"].as_object_mut().expect("a vehicle").remove("vin");
    let (answer, explained) = house.client.calculate_explained(&body).await;
    assert_eq!(explained.verdict("ingosstrakh"), 103);
    assert_eq!(calls(&house, "ingosstrakh"), 0);
    assert!(!codes(&answer).contains(&2), "{answer}");
    assert!(codes(&answer).contains(&1) || codes(&answer).contains(&3), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_all_are_skipped_each_for_its_own_reason_there_is_no_offer() {
    let house = House::furnished(plan::healthy(), |settings, _| {
        settings.set("insurers.alfastrah.enabled", false).set("insurers.renessans.enabled", false);
        settings.vehicles.clear();
    })
    .await;
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 100), ("ingosstrakh", 102), ("renessans", 100)]);
    assert_eq!((&answer["status"], &answer["offers"]), (&json!("NO_CALCULATION_AVAILABLE"), &json!([])));
    assert!(plan::WIRES.iter().all(|wire| told_why(&explained, wire.name())), "{explained:?}");
}

fn told_why(explained: &Explained, insurer: &str) -> bool {
    explained.of(insurer)["meaning"].as_str().is_some_and(|meaning| !meaning.is_empty())
}

fn codes(answer: &Value) -> Vec<i64> {
    let offers = answer["offers"].as_array().expect("offers").iter();
    let mut codes: Vec<_> = offers.map(|offer| offer["partner"]["code"].as_i64().expect("a code")).collect();
    codes.sort_unstable();
    codes
}

fn calls(house: &House, insurer: &str) -> usize {
    house.simulation.journal().iter().filter(|call| call.insurer == insurer).count()
}
