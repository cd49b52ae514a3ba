//! How a calculation ends: an offer makes it ready, a no makes it empty, failures alone make it an error.

use serde_json::Value;
use veer_simulator::{Fault, Knobs};

use crate::harness::{House, plan, request};

#[tokio::test(flavor = "multi_thread")]
async fn where_every_insurer_declines_there_is_no_offer_and_each_says_why() {
    let house = House::open(plan::all(&plan::declining())).await;
    for (answer, explained) in house.client.calculate_about(4).await {
        assert_eq!(answer["status"], "NO_CALCULATION_AVAILABLE");
        for (insurer, verdict) in explained.verdicts() {
            // One wire may wish that an underwriter looks at it.
            assert!(verdict == 200 || (verdict == 202 && insurer == "alfastrah"), "{explained:?}");
        }
        let offers = answer["offers"].as_array().expect("offers");
        assert_eq!(statuses(&answer), ["REJECTED"; 3]);
        assert!(
            offers.iter().all(|offer| offer["message"].as_str().is_some_and(|it| it.chars().count() > 9))
        );
        assert!(offers.iter().all(|offer| offer["price"].is_null()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registrys_no_and_the_wrong_data_are_told_apart_from_a_plain_no() {
    let house = House::open(plan::all(&Knobs { taxi: false, ..plan::quick() })).await;
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(answer["status"], "NO_CALCULATION_AVAILABLE");
    assert_eq!((explained.verdict("ingosstrakh"), explained.verdict("renessans")), (200, 200));
    let offers = answer["offers"].as_array().expect("offers");
    assert!(offers.iter().all(|offer| offer["message"] == "Такси не страхуется"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_every_insurer_fails_the_calculation_is_an_error() {
    let house = House::open(plan::all(&plan::faulty(Fault::Nulls))).await;
    let answer = house.client.calculate(&request::sample()).await;
    assert_eq!(answer["status"], "CALCULATION_ERROR");
    assert_eq!(statuses(&answer), ["OFFER_ERROR"; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_no_among_failures_is_an_answer() {
    let mut insurers = plan::all(&plan::faulty(Fault::Nulls));
    insurers.insurers[1].knobs = plan::declining();
    let answer = House::open(insurers).await.client.calculate(&request::sample()).await;
    assert_eq!(answer["status"], "NO_CALCULATION_AVAILABLE");
    assert_eq!(statuses(&answer), ["OFFER_ERROR", "REJECTED", "OFFER_ERROR"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_offer_among_failures_and_noes_makes_it_ready() {
    let mut insurers = plan::all(&plan::quick());
    insurers.insurers[0].knobs = plan::declining();
    insurers.insurers[1].knobs = plan::faulty(Fault::Nulls);
    let answer = House::open(insurers).await.client.calculate(&request::sample()).await;
    assert_eq!(answer["status"], "CALCULATION_READY");
    assert_eq!(statuses(&answer), ["PRE_CALC_READY", "REJECTED", "OFFER_ERROR"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_nobody_believes_is_verdict_501_and_is_not_shown() {
    let house = House::furnished(plan::healthy(), |settings, _| {
        settings.set("upstream.offer_range.max_price", 101);
    })
    .await;
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 501), ("ingosstrakh", 501), ("renessans", 501)]);
    assert_eq!(answer["status"], "CALCULATION_ERROR");
    assert_eq!(statuses(&answer), ["OFFER_ERROR"; 3]);
    assert!(!answer.to_string().contains("price") && answer["drivers"].is_null(), "{answer}");
}

fn statuses(answer: &Value) -> Vec<&str> {
    let offers = answer["offers"].as_array().expect("offers").iter();
    offers.map(|offer| offer["status"].as_str().expect("a status")).collect()
}
