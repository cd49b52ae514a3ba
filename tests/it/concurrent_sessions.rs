//! Logging in is the gateway's business: a partner never sees a session or a nonce end.

use std::time::Duration;

use veer_simulator::Knobs;

use crate::harness::{House, plan, request};

#[tokio::test(flavor = "multi_thread")]
async fn many_calculations_at_once_log_in_once() {
    let house = House::open(plan::of([("ingosstrakh", plan::slow(50))])).await;
    for (answer, _) in house.client.calculate_about(25).await {
        assert_eq!(answer["status"], "CALCULATION_READY");
    }
    assert_eq!(house.received("ingosstrakh", "Login").len(), 1);
    assert_eq!(house.received("ingosstrakh", "GetTariff").len(), 25);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_after_a_few_calls_is_opened_again_unseen() {
    let house = House::open(plan::of([("ingosstrakh", Knobs { session_calls: 2, ..plan::quick() })])).await;
    // All five codes that mean "log in again" come by.
    for car in 0..12 {
        let answer = house.client.calculate(&request::about_car(car)).await;
        assert_eq!(answer["status"], "CALCULATION_READY", "{answer}");
    }
    assert_eq!(house.received("ingosstrakh", "Login").len(), 6);
    assert_eq!(house.received("ingosstrakh", "GetTariff").len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_over_at_once_is_verdict_407_and_no_endless_logging_in() {
    let knobs = Knobs { session_life: Duration::ZERO, ..plan::quick() };
    let house = House::open(plan::of([("ingosstrakh", knobs)])).await;
    let (_, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdict("ingosstrakh"), 407);
    assert_eq!(house.received("ingosstrakh", "Login").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_for_all_at_once_is_opened_again_once() {
    let house = House::open(plan::of([("ingosstrakh", plan::quick())])).await;
    for _ in 0..2 {
        // Whoever asks now finds the session ended by its calls, and the next one lasts for all.
        let calls = house.received("ingosstrakh", "GetTariff").len();
        let enough = Knobs { session_calls: 10, ..plan::quick() };
        house.simulation.set_knobs("ingosstrakh", enough).expect("knobs");
        for (answer, explained) in house.client.calculate_about(10).await {
            assert_eq!(answer["status"], "CALCULATION_READY", "{explained:?}");
        }
        assert_eq!(house.received("ingosstrakh", "GetTariff").len(), calls + 10);
    }
    assert_eq!(house.received("ingosstrakh", "Login").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_that_goes_stale_after_every_call_is_unseen() {
    let house = House::open(plan::of([("alfastrah", Knobs { nonce_calls: 1, ..plan::quick() })])).await;
    for car in 0..6 {
        let (answer, explained) = house.client.calculate_explained(&request::about_car(car)).await;
        assert_eq!(answer["status"], "CALCULATION_READY", "{explained:?}");
    }
    assert_eq!(house.received("alfastrah", "calculation").len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_serves_many_calculations_at_once() {
    let house = House::open(plan::of([("alfastrah", plan::quick())])).await;
    for (answer, _) in house.client.calculate_about(20).await {
        assert_eq!(answer["status"], "CALCULATION_READY");
    }
    assert_eq!(house.received("alfastrah", "calculation").len(), 20);
}
