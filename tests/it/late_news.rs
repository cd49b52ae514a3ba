//! News that come late, twice or against each other: money is never lost sight of, and nothing is made
//! twice.

use serde_json::{Value, json};
use veer_simulator::{Callbacks, Hold, Knobs, Yandex};

use crate::{
    harness::{Client, House, eventually, plan, request, yandex},
    journey::{approved, confirmed, press, sold, wish},
};

const INSURERS: [&str; 3] = ["alfastrah", "ingosstrakh", "renessans"];

async fn open(insurer: &str, knobs: Knobs, settings: &[(&str, &str)]) -> (House, Yandex) {
    let yandex = yandex().await;
    let house = House::furnished(plan::of([(insurer, knobs)]), |file, _| {
        file.confirm_to(&yandex, "post");
        for (key, value) in settings {
            file.set(key, *value);
        }
    })
    .await;
    house.simulation.notify(&format!("http://{}", house.client.partner));
    (house, yandex)
}

fn page(offer: &Value) -> &str {
    offer["payment_url"].as_str().unwrap_or_else(|| panic!("no page: {offer}"))
}

async fn status(client: &Client, request_id: &str, offer_id: &str, wanted: &str) {
    eventually(&format!("the offer is {wanted}"), async || {
        let offer = client.offer(request_id, offer_id).await.body;
        (offer["status"] == wanted).then_some(())
    })
    .await;
}

async fn credited(yandex: &Yandex, count: usize) {
    eventually("every sale is counted", async || (yandex.credited().len() >= count).then_some(())).await;
    assert_eq!(yandex.credited().len(), count, "{:#?}", yandex.credited());
}

/// Without its cross-sales.
fn bare(wish: &Value) -> Value {
    let mut bare = wish.clone();
    bare["upsales"] = json!([]);
    bare
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_offer_that_is_cancelled_while_it_is_confirmed_stays_cancelled() {
    for insurer in ["ingosstrakh", "renessans"] {
        let knobs = Knobs { pool: 1.0, hold: Hold { share: 1.0, polls: 1 }, ..plan::quick() };
        let (house, _yandex) = open(insurer, knobs, &[("offers.confirm_patience", "50ms")]).await;
        let client = &house.client;
        let (request_id, offer) = approved(client, &request::sample()).await;
        let wish = wish(&request_id, &offer);
        client.confirm(&wish).await;
        let dropped = client.confirm(&bare(&wish)).await;
        assert!(dropped.body["message"].as_str().is_some_and(|it| it.contains("отменено")), "{dropped:?}");
        let offer_id = offer["offer_id"].as_str().expect("an id");
        eventually("the insurer has made its link or gave up", async || {
            let explained = client.explain(&request_id).await;
            (explained.0["calculations"][0]["offers"][0]["confirming"] == false).then_some(())
        })
        .await;
        let last = client.offer(&request_id, offer_id).await.body;
        assert!(last.get("payment_url").is_none() && last["status"] != "PAYMENT_READY", "{insurer}: {last}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_of_two_offers_that_were_paid_are_sold_and_credited() {
    let yandex = yandex().await;
    let house = House::furnished(
        plan::of([("alfastrah", plan::quick()), ("renessans", plan::quick())]),
        |file, _| {
            file.confirm_to(&yandex, "get");
        },
    )
    .await;
    let client = &house.client;
    let body = request::sample();
    let calculation = client.calculate(&body).await;
    let request_id = request::id(&body);
    let mut paying = Vec::new();
    for offer in calculation["offers"].as_array().expect("offers") {
        let wish = json!({ "request_id": request_id, "offer_id": offer["offer_id"] });
        paying.push(confirmed(client, &wish).await);
    }
    // Paid within one pause of the questions: one of them is heard of first.
    tokio::join!(press(page(&paying[0]), "pay"), press(page(&paying[1]), "pay"));
    credited(&yandex, 2).await;
    for offer in &paying {
        sold(client, request_id, offer["offer_id"].as_str().expect("an id")).await;
    }
    let (_, metrics) = client.operate("/metrics").await;
    let late = metrics.lines().find_map(|line| line.strip_prefix("veer_late_payments_total "));
    assert_eq!(late, Some("1"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_is_paid_after_its_time_is_sold_when_the_insurer_calls() {
    futures::future::join_all(INSURERS.map(paid_after_its_time)).await;
}

async fn paid_after_its_time(insurer: &str) {
    let callbacks = Callbacks { share: 1.0, copies: 2, ..Callbacks::default() };
    let (house, yandex) = open(
        insurer,
        Knobs { callbacks, ..plan::quick() },
        &[("offers.valid", "20s"), ("offers.payment_poll", "50ms"), ("offers.payment_poll_longest", "50ms")],
    )
    .await;
    let client = &house.client;
    let (request_id, offer) = approved(client, &request::sample()).await;
    let offer_id = offer["offer_id"].as_str().expect("an id");
    let paying = confirmed(client, &wish(&request_id, &offer)).await;
    status(client, &request_id, offer_id, "CLOSED_TIMEOUT").await;
    // The last looks are over, so only the insurer's call can bring it to light.
    eventually("nobody asks any more", async || {
        let before = house.simulation.journal().len();
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
        (house.simulation.journal().len() == before).then_some(())
    })
    .await;
    press(page(&paying), "pay").await;
    sold(client, &request_id, offer_id).await;
    credited(&yandex, 1).await;
    assert_eq!(client.offer(&request_id, offer_id).await.body["status"], "CLOSED_TIMEOUT", "{insurer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_link_is_watched_through_a_restart_in_the_middle_of_a_new_confirmation() {
    let insurer = "renessans";
    let (mut house, yandex) = open(insurer, plan::quick(), &[("offers.confirm_patience", "50ms")]).await;
    let (request_id, offer) = approved(&house.client, &request::sample()).await;
    let offer_id = offer["offer_id"].as_str().expect("an id").to_owned();
    let wish = wish(&request_id, &offer);
    let first = confirmed(&house.client, &wish).await;
    let held = Knobs { hold: Hold { share: 1.0, polls: 9999 }, ..plan::quick() };
    house.simulation.set_knobs(insurer, held).expect("knobs");
    let second = house.client.confirm(&bare(&wish)).await.body;
    assert!(second.get("payment_url").is_none(), "{second}");
    house.restart().await;
    press(page(&first), "pay").await;
    sold(&house.client, &request_id, &offer_id).await;
    credited(&yandex, 1).await;
    assert_eq!(yandex.credited()[0].is_upsaled, Some(true), "the link that was paid was the first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_that_comes_back_needs_no_application_of_its_own() {
    let (house, _yandex) = open("renessans", plan::quick(), &[]).await;
    let client = &house.client;
    let (request_id, offer) = approved(client, &request::sample()).await;
    let wish = wish(&request_id, &offer);
    confirmed(client, &wish).await;
    confirmed(client, &bare(&wish)).await;
    confirmed(client, &wish).await;
    assert_eq!(house.received("renessans", "create/application").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_was_given_up_ends_with_its_offer() {
    let (house, yandex) = open("alfastrah", plan::quick(), &[("offers.valid", "12s")]).await;
    let client = &house.client;
    let (request_id, offer) = approved(client, &request::sample()).await;
    let offer_id = offer["offer_id"].as_str().expect("an id");
    let paying = confirmed(client, &wish(&request_id, &offer)).await;
    press(page(&paying), "cancel").await;
    status(client, &request_id, offer_id, "PAYMENT_CANCELLED").await;
    status(client, &request_id, offer_id, "CLOSED_TIMEOUT").await;
    let refused = client.confirm(&wish(&request_id, &offer)).await;
    assert_eq!((refused.status, &refused.body["properties"][0]["property"]), (400, &"offer_id".into()));
    assert!(yandex.received().is_empty());
}
