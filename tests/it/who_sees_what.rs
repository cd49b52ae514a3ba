//! Which offers a partner sees, and which only an operator knows of.

use serde_json::{Value, json};
use veer_simulator::Fault;

use crate::harness::{House, eventually, plan, request};

#[tokio::test(flavor = "multi_thread")]
async fn skipped_insurers_are_told_to_operators_only() {
    let house = House::furnished(plan::healthy(), |settings, _| {
        settings.set("insurers.renessans.enabled", false);
        settings.vehicles.clear();
    })
    .await;
    let id = house.client.accepted(&request::sample()).await;
    let answer = house.client.finished(&id).await;
    assert_eq!(partners(&answer), [1]);
    assert_eq!(house.client.status(&id).await.body["offers"].as_array().map(Vec::len), Some(1));
    let explained = house.client.explain(&id).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 0), ("ingosstrakh", 102), ("renessans", 100)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choosy_account_sees_offers_with_a_price_and_nothing_else() {
    let insurers = plan::of([
        ("alfastrah", plan::quick()),
        ("ingosstrakh", plan::declining()),
        ("renessans", plan::quick()),
        ("alfastrah-2", plan::faulty(Fault::Nulls)),
    ]);
    let house = House::open(insurers).await;
    let choosy = house.client.with_token("choosy-token");
    let id = choosy.accepted(&request::sample()).await;
    let first = eventually("an offer is there", async || {
        let answer = choosy.poll(&id).await.body;
        (answer["offers"] != json!([])).then_some(answer)
    })
    .await;
    assert_eq!(partners(&first), [1], "{first}");
    let answer = choosy.finished(&id).await;
    assert_eq!(partners(&answer), [1, 3], "{answer}");
    assert_eq!(choosy.status(&id).await.body["offers"].as_array().map(Vec::len), Some(2));

    // The same risk, asked by an account that sees everything.
    let answer = house.client.calculate(&request::sample()).await;
    assert_eq!(partners(&answer), [1, 2, 3, 103], "{answer}");

    // What its list does not show is unknown to it by name, too.
    let hidden = choosy.status(&id).await.body["offers"].as_array().map(Vec::len);
    assert_eq!(hidden, Some(2));
    let explained = choosy.explain(&id).await;
    let offers = explained.0["calculations"].as_array().expect("calculations").iter();
    let choosys = offers.filter(|calculation| calculation["account"] == "choosy");
    let offers: Vec<_> = choosys.flat_map(|it| it["offers"].as_array().expect("offers")).collect();
    assert_eq!(offers.len(), 4, "{explained:?}");
    for offer in offers {
        let offer_id = offer["offer_id"].as_str().expect("an id");
        let expected = if offer["price"].is_number() { 200 } else { 404 };
        assert_eq!(choosy.policy(&id, offer_id).await.status, expected, "{offer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_every_step_of_every_insurer() {
    let house = House::open(plan::healthy()).await;
    let (_, explained) = house.client.calculate_explained(&request::sample()).await;
    // A challenge and a price; a tariff; a creation and a poll.
    let called = ["alfastrah", "ingosstrakh", "renessans"].map(|insurer| explained.count(insurer, "called"));
    assert_eq!(called, [2, 1, 2], "{explained:?}");
    let timeline = explained.of("renessans")["timeline"].as_array().expect("a timeline");
    let pauses = timeline.iter().filter(|entry| entry["what"] == "waited" && entry["cause"] == "poll");
    assert_eq!(pauses.count(), 1, "{explained:?}");
    for insurer in ["alfastrah", "ingosstrakh", "renessans"] {
        for what in ["started", "offered", "ended"] {
            assert_eq!(explained.count(insurer, what), 1, "{what}: {explained:?}");
        }
    }
    let (status, _) = house.client.operate("/calculations/17").await;
    assert_eq!(status, 400);
    let (status, _) = house.client.operate(&format!("/calculations/{}", uuid::Uuid::new_v4())).await;
    assert_eq!(status, 404);
}

fn partners(answer: &Value) -> Vec<i64> {
    let offers = answer["offers"].as_array().expect("offers").iter();
    let mut codes: Vec<_> = offers.map(|offer| offer["partner"]["code"].as_i64().expect("a code")).collect();
    codes.sort_unstable();
    codes
}
