//! An insurer in the shadow is asked, checked and recorded, and nobody is shown it or waits for it.

use serde_json::{Value, json};
use veer_simulator::Fault;

use crate::{
    harness::{Client, House, eventually, plan, request},
    told_insurers::{declines, offers, open, prices},
};

#[tokio::test(flavor = "multi_thread")]
async fn it_is_asked_and_recorded_and_shown_to_nobody() {
    let mut house = House::furnished(plan::healthy(), |settings, _| {
        settings.set("insurers.renessans.shadow", true);
    })
    .await;
    let id = house.client.accepted(&request::sample()).await;
    ended(&house.client, &id).await;
    let explained = house.client.explain(&id).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 0), ("ingosstrakh", 0), ("renessans", 0)]);
    assert_eq!(explained.of("renessans")["shadow"], true);
    assert!(explained.of("alfastrah").get("shadow").is_none(), "{explained:?}");
    assert!(explained.count("renessans", "shadow_offered") > 0, "{explained:?}");
    assert_eq!(explained.count("renessans", "offered"), 0, "{explained:?}");
    assert!(!house.received("renessans", "calculate").is_empty());
    for _ in 0..2 {
        let (answer, brief) = (house.client.poll(&id).await.body, house.client.status(&id).await.body);
        let codes: Vec<i64> = prices(&answer).into_iter().map(|(code, _)| code).collect();
        assert_eq!((codes, &answer["status"]), (vec![1, 2], &json!("CALCULATION_READY")));
        assert_eq!(brief["offers"].as_array().map(Vec::len), Some(2), "{brief}");
        let told = house.client.explain(&id).await.0["calculations"][0]["offers"].to_string();
        assert!(!told.contains("renessans"), "{told}");
        // And from the store.
        house.restart().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_it() {
    let house = open(&["a", "b"], |settings| {
        settings.set("insurers.b.shadow", true);
    })
    .await;
    let id = house.client.accepted(&request::sample()).await;
    offers(&house, "a", 5000, true).await;
    let answer = house.client.finished(&id).await;
    assert_eq!((&answer["status"], prices(&answer)), (&json!("CALCULATION_READY"), vec![(1, 5000)]));
    let explained = house.client.explain(&id).await;
    assert!(explained.of("b")["verdict"].is_null(), "{explained:?}");
    assert_eq!(explained.0["calculations"][0]["early"]["rule"], "shown_answered");
    offers(&house, "b", 4000, true).await;
    let answer = ended(&house.client, &id).await;
    assert_eq!((&answer["status"], prices(&answer)), (&json!("CALCULATION_READY"), vec![(1, 5000)]));
    let explained = house.client.explain(&id).await;
    let seen = explained.of("b")["timeline"].as_array().expect("a timeline").clone();
    assert!(seen.iter().any(|line| line["what"] == "shadow_offered" && line["price"] == 4000), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_says_decides_nothing() {
    let house = open(&["a", "b"], |settings| {
        settings.set("insurers.b.shadow", true).set("calculation.complete.offers", 1);
    })
    .await;
    let id = house.client.accepted(&request::sample()).await;
    offers(&house, "b", 4000, false).await;
    eventually("it has offered", async || {
        (house.client.explain(&id).await.count("b", "shadow_offered") == 1).then_some(())
    })
    .await;
    let answer = house.client.poll(&id).await.body;
    assert_eq!((&answer["status"], prices(&answer)), (&json!("PARTNER_CALCULATION_IN_PROGRESS"), vec![]));
    declines(&house, "a").await;
    assert_eq!(house.client.finished(&id).await["status"], "NO_CALCULATION_AVAILABLE");
    offers(&house, "b", 3000, true).await;
    assert_eq!(ended(&house.client, &id).await["status"], "NO_CALCULATION_AVAILABLE");
    assert_eq!(house.client.explain(&id).await.verdicts(), [("a", 200), ("b", 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_failures_are_its_own() {
    let insurers = plan::of([("alfastrah", plan::declining()), ("renessans", plan::faulty(Fault::Nulls))]);
    let house = House::furnished(insurers, |settings, _| {
        settings.set("insurers.renessans.shadow", true);
    })
    .await;
    let id = house.client.accepted(&request::sample()).await;
    let answer = ended(&house.client, &id).await;
    assert_eq!(answer["status"], "NO_CALCULATION_AVAILABLE");
    assert_eq!(answer["offers"].as_array().map(Vec::len), Some(1), "{answer}");
    assert!(house.client.explain(&id).await.verdict("renessans") >= 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_everybody_in_the_shadow_there_is_no_offer_at_once() {
    let house = open(&["a"], |settings| {
        settings.set("insurers.a.shadow", true);
    })
    .await;
    let id = house.client.accepted(&request::sample()).await;
    let answer = house.client.finished(&id).await;
    assert_eq!((&answer["status"], &answer["offers"]), (&json!("NO_CALCULATION_AVAILABLE"), &json!([])));
    offers(&house, "a", 4000, true).await;
    assert_eq!(ended(&house.client, &id).await["status"], "NO_CALCULATION_AVAILABLE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_brings_nothing_out_of_the_shadow_and_nothing_into_it() {
    let mut house = open(&["a", "b"], |settings| {
        settings.set("insurers.b.shadow", true);
    })
    .await;
    let id = house.client.accepted(&request::sample()).await;
    for insurer in ["a", "b"] {
        offers(&house, insurer, 5000, false).await;
    }
    eventually("both have offered", async || {
        let explained = house.client.explain(&id).await;
        let offered = explained.count("a", "offered") + explained.count("b", "shadow_offered");
        (offered == 2).then_some(())
    })
    .await;
    house
        .restart_with(|settings| {
            settings.set("insurers.a.shadow", true).set("insurers.b.shadow", false);
        })
        .await;
    let answer = house.client.poll(&id).await.body;
    assert_eq!(prices(&answer), [(1, 5000)]);
    let other = house.client.accepted(&request::again()).await;
    for insurer in ["a", "b"] {
        let explained = house.client.explain(&id).await;
        assert_eq!(explained.of(insurer)["shadow"] == true, insurer == "b", "{explained:?}");
        let explained = house.client.explain(&other).await;
        assert_eq!(explained.of(insurer)["shadow"] == true, insurer == "a", "{explained:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_in_the_shadow_is_remembered_through_a_restart() {
    let mut house = open(&["a"], |settings| {
        settings.set("insurers.a.shadow", true).set("calculation.budget", "4s");
    })
    .await;
    let id = house.client.accepted(&request::sample()).await;
    offers(&house, "a", 5000, false).await;
    eventually("it has offered", async || {
        (house.client.explain(&id).await.count("a", "shadow_offered") == 1).then_some(())
    })
    .await;
    house.restart().await;
    // It says nothing more: what it offered before is its verdict.
    ended(&house.client, &id).await;
    assert_eq!(house.client.explain(&id).await.verdict("a"), 0);
}

/// The answer once every insurer has ended, those in the shadow too.
async fn ended(client: &Client, id: &str) -> Value {
    eventually("every insurer has ended", async || {
        (client.explain(id).await.0["calculations"][0]["finished"] == true).then_some(())
    })
    .await;
    client.poll(id).await.body
}
