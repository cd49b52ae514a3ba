//! An insurer that fails is left alone for a while, and asked again; one that says no is not.

use serde_json::{Value, json};
use veer_simulator::{Fault, Simulation};

use crate::{
    harness::{Client, House, Settings, eventually, plan, request},
    journey::{approved, confirmed, press, sold, wish},
};

/// Blocks after two failures in a row, for an hour.
fn strict(settings: &mut Settings, _: &Simulation) {
    let key = |key: &str| format!("upstream.breaker.{key}");
    settings.set(&key("in_a_row"), 2).set(&key("pause"), "1h").set(&key("longest_pause"), "1h");
    settings.set("upstream.repeats", 0);
}

/// The value of a metric.
async fn metric(client: &Client, series: &str) -> f64 {
    let (_, text) = client.operate("/metrics").await;
    let line = text.lines().find_map(|line| line.strip_prefix(series));
    line.and_then(|value| value.trim().parse().ok()).unwrap_or_else(|| panic!("{series} is not in\n{text}"))
}

async fn state(client: &Client, insurer: &str, lane: &str) -> f64 {
    metric(client, &format!("veer_breaker_state{{insurer=\"{insurer}\",lane=\"{lane}\"}}")).await
}

async fn blocked(client: &Client, insurer: &str, lane: &str, mode: &str) -> f64 {
    let labels = format!("insurer=\"{insurer}\",lane=\"{lane}\",mode=\"{mode}\"");
    metric(client, &format!("veer_breaker_blocked_total{{{labels}}}")).await
}

/// The breakers that have something to tell.
async fn breakers(client: &Client) -> Vec<Value> {
    let (status, body) = client.operate("/incidents").await;
    assert_eq!(status, 200, "{body}");
    let body: Value = serde_json::from_str(&body).expect("JSON");
    body["breakers"].as_array().expect("a list").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insurer_that_keeps_failing_is_left_alone_with_verdict_301_and_the_others_are_asked() {
    let mut plan = plan::healthy();
    plan.insurers[1].knobs = plan::faulty(Fault::Error);
    let house = House::furnished(plan, |settings, _| {
        let key = |key: &str| format!("insurers.ingosstrakh.lanes.create.breaker.{key}");
        settings.set(&key("in_a_row"), 3).set(&key("pause"), "1m").set("upstream.repeats", 0);
    })
    .await;
    for car in 0..3 {
        let (_, explained) = house.client.calculate_explained(&request::about_car(car)).await;
        assert_eq!(explained.verdicts(), [("alfastrah", 0), ("ingosstrakh", 405), ("renessans", 0)]);
    }
    let (answer, explained) = house.client.calculate_explained(&request::about_car(3)).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 0), ("ingosstrakh", 301), ("renessans", 0)]);
    let detail = explained.detail("ingosstrakh");
    for words in [
        "the breaker of the lane `create` has been blocking since 20",
        "3 calls in a row failed, the last with 405 server_error",
        "a call may try at 20",
    ] {
        assert!(detail.contains(words), "`{words}` is not in {detail}");
    }
    assert_eq!(explained.count("ingosstrakh", "blocked"), 1);
    assert_eq!(answer["offers"].as_array().map(Vec::len), Some(2), "who was not asked is not listed");
    assert_eq!(house.received("ingosstrakh", "GetTariff").len(), 3);

    assert_eq!(state(&house.client, "ingosstrakh", "create").await, 2.0);
    assert_eq!(blocked(&house.client, "ingosstrakh", "create", "on").await, 1.0);
    assert_eq!(state(&house.client, "alfastrah", "create").await, 0.0);
    let told = breakers(&house.client).await;
    let [one] = &told[..] else { panic!("{told:?}") };
    assert_eq!((&one["insurer"], &one["lane"]), (&json!("ingosstrakh"), &json!("create")));
    assert_eq!((&one["state"], &one["why"]["failures"]), (&json!("blocked"), &json!(3)));
    assert!(one["since"].is_string() && one["until"].is_string(), "{one}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_pause_it_is_asked_again_and_when_it_is_well_all_calls_pass() {
    let broken = plan::of([("ingosstrakh", plan::faulty(Fault::Error))]);
    let house = House::furnished(broken, |settings, simulation| {
        strict(settings, simulation);
        settings.set("upstream.breaker.pause", "200ms").set("upstream.breaker.longest_pause", "400ms");
    })
    .await;
    let verdict = async || {
        let (_, explained) = house.client.calculate_explained(&request::again()).await;
        explained.verdict("ingosstrakh")
    };
    assert_eq!((verdict().await, verdict().await), (405, 405));
    eventually("a call tries, and fails too", async || (verdict().await == 405).then_some(())).await;
    house.simulation.set_knobs("ingosstrakh", plan::quick()).expect("knobs");
    eventually("the breaker lets pass", async || {
        assert!([0, 301].contains(&verdict().await));
        breakers(&house.client).await.is_empty().then_some(())
    })
    .await;
    assert_eq!(verdict().await, 0);
    assert_eq!(state(&house.client, "ingosstrakh", "create").await, 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insurer_that_declines_everything_is_never_blocked() {
    let house = House::furnished(plan::all(&plan::declining()), |settings, simulation| {
        strict(settings, simulation);
        settings.set("upstream.breaker.sample", 2).set("upstream.breaker.percent", 1);
    })
    .await;
    for (_, explained) in house.client.calculate_about(8).await {
        for (insurer, verdict) in explained.verdicts() {
            assert!([200, 202].contains(&verdict), "{insurer} ended with {verdict}");
        }
    }
    assert!(breakers(&house.client).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_answers_that_the_adapter_does_not_understand_count_too() {
    let house = House::furnished(plan::of([("alfastrah", plan::faulty(Fault::Malformed))]), strict).await;
    for verdict in [500, 500, 301] {
        let (_, explained) = house.client.calculate_explained(&request::again()).await;
        assert_eq!(explained.verdict("alfastrah"), verdict, "{explained:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_dry_run_every_call_goes_and_what_would_have_been_blocked_is_counted() {
    let broken = plan::of([("alfastrah", plan::faulty(Fault::Malformed))]);
    let house = House::furnished(broken, |settings, simulation| {
        strict(settings, simulation);
        settings.set("upstream.breaker.mode", "dry-run");
    })
    .await;
    let mut lines = Vec::new();
    for _ in 0..4 {
        let (_, explained) = house.client.calculate_explained(&request::again()).await;
        assert_eq!(explained.verdict("alfastrah"), 500, "{explained:?}");
        lines.push(explained.count("alfastrah", "blocked"));
    }
    assert_eq!(lines, [0, 0, 1, 1]);
    assert_eq!(blocked(&house.client, "alfastrah", "create", "dry-run").await, 2.0);
    assert_eq!(blocked(&house.client, "alfastrah", "create", "on").await, 0.0);
    assert_eq!(state(&house.client, "alfastrah", "create").await, 0.0, "nothing is blocked");
    let told = breakers(&house.client).await;
    assert_eq!((&told[0]["mode"], &told[0]["state"]), (&json!("dry-run"), &json!("blocked")), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_the_breaker_refuses_was_never_sent_and_can_be_sent_later() {
    let mut house = House::furnished(plan::of([("renessans", plan::quick())]), |settings, simulation| {
        strict(settings, simulation);
        settings.set("offers.patience", "2s");
    })
    .await;
    let body = request::sample();
    let answer = house.client.calculate(&body).await;
    let offer_id = answer["offers"][0]["offer_id"].as_str().expect("an offer").to_owned();
    house.simulation.set_knobs("renessans", plan::faulty(Fault::Error)).expect("knobs");
    for verdict in [405, 405, 301] {
        let (_, explained) = house.client.calculate_explained(&request::again()).await;
        assert_eq!(explained.verdict("renessans"), verdict, "{explained:?}");
    }
    house.simulation.set_knobs("renessans", plan::quick()).expect("knobs");
    let told = eventually("the refusal is told", async || {
        let offer = house.client.offer(request::id(&body), &offer_id).await.body;
        offer["message"].is_string().then_some(offer)
    })
    .await;
    assert_eq!(told["status"], "PRE_CALC_READY", "{told}");
    let applied = |house: &House| house.received("renessans", "create/segment").len();
    assert_eq!(applied(&house), 0);

    // After a start calls pass: what was not sent is sent, once.
    house.restart().await;
    eventually("the price is final", async || {
        let offer = house.client.offer(request::id(&body), &offer_id).await.body;
        (offer["status"] == "APPROVED").then_some(())
    })
    .await;
    assert_eq!(applied(&house), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_learnt_although_the_lane_was_blocked_while_it_was_asked_after() {
    let house = House::furnished(plan::of([("renessans", plan::quick())]), |settings, simulation| {
        strict(settings, simulation);
        settings.set("upstream.breaker.pause", "1s").set("upstream.breaker.longest_pause", "1s");
    })
    .await;
    let client = &house.client;
    let (request_id, offer) = approved(client, &request::sample()).await;
    let paying = confirmed(client, &wish(&request_id, &offer)).await;
    house.simulation.set_knobs("renessans", plan::faulty(Fault::Error)).expect("knobs");
    eventually("a question about the payment is refused", async || {
        (blocked(client, "renessans", "payment", "on").await > 0.0).then_some(())
    })
    .await;
    house.simulation.set_knobs("renessans", plan::quick()).expect("knobs");
    press(paying["payment_url"].as_str().expect("a page"), "pay").await;
    sold(client, &request_id, offer["offer_id"].as_str().expect("an id")).await;
}
