//! A cross-sale that must be taken: no policy without it, whether cross-sales were asked for or not.

use serde_json::{Value, json};
use veer_simulator::Knobs;

use crate::harness::{Answer, Client, House, eventually, plan, request};

const INSURERS: [&str; 3] = ["alfastrah", "ingosstrakh", "renessans"];

#[tokio::test(flavor = "multi_thread")]
async fn no_policy_is_sold_without_it_and_with_it_for_the_price_of_both() {
    at_each_insurer(async |insurer| {
        let house = requiring(insurer).await;
        let client = &house.client;
        let body = request::sample();
        let offer = approved(client, &body).await;
        let [required, _] = of_both_kinds(&offer);
        let asked = house.simulation.journal().len();

        let refused = client.confirm(&wish(&body, &offer, json!([]))).await;
        assert_eq!(wrong(&refused), ["upsales"], "{insurer}");
        let message = refused.body["properties"][0]["message"].as_str().expect("a message");
        assert!(message.contains(required["id"].as_str().expect("an id")), "{message}");
        let mut unsaid = wish(&body, &offer, json!([]));
        unsaid.as_object_mut().expect("an object").remove("upsales");
        assert_eq!(wrong(&client.confirm(&unsaid).await), ["upsales"], "{insurer}");
        assert_eq!(house.simulation.journal().len(), asked, "{insurer} was told of a wrong selection");

        let paying = confirmed(client, &wish(&body, &offer, json!([taken(required)]))).await;
        assert_is_billed_with(&paying, &offer, required);
        assert_eq!(bills(&house), 1, "{insurer}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_shown_and_taken_where_cross_sales_are_not_allowed_and_the_others_are_not() {
    at_each_insurer(async |insurer| {
        let house = requiring(insurer).await;
        let client = &house.client;
        // What is not shown below is known from here.
        let elsewhere = client.calculate(&request::sample()).await;
        let [_, ordinary] = of_both_kinds(&elsewhere["offers"][0]);

        let mut body = request::again();
        body["is_cross_allowed"] = json!(false);
        let offer = approved(client, &body).await;
        let [required] = &offer["upsales"].as_array().expect("upsales")[..] else { panic!("{offer}") };
        assert_eq!(required["is_required"], true, "{offer}");

        let refused = client.confirm(&wish(&body, &offer, json!([taken(ordinary), taken(required)]))).await;
        assert_eq!(wrong(&refused), ["upsales[0].upsale_id"], "{insurer}");
        let message = refused.body["properties"][0]["message"].as_str().expect("a message");
        assert!(message.contains("is_cross_allowed"), "{message}");
        let refused = client.confirm(&wish(&body, &offer, json!([taken(ordinary)]))).await;
        assert_eq!(wrong(&refused), ["upsales[0].upsale_id", "upsales"], "{insurer}");
        assert_eq!(bills(&house), 0, "{insurer} was told of a wrong selection");

        let paying = confirmed(client, &wish(&body, &offer, json!([taken(required)]))).await;
        assert_is_billed_with(&paying, &offer, required);
        assert_eq!(bills(&house), 1, "{insurer}");
    })
    .await;
}

// === what is common ===

/// Insurers make their callers wait between questions, so all are tried at once.
async fn at_each_insurer(sell: impl AsyncFn(&'static str)) {
    futures::future::join_all(INSURERS.map(|insurer| sell(insurer))).await;
}

/// A house whose one insurer sells no policy without one of its ordinary cross-sales.
async fn requiring(insurer: &str) -> House {
    let knobs = Knobs { required_cross_sale: true, ..plan::quick() };
    House::open(plan::of([(insurer, knobs)])).await
}

/// The one offer, with its final price.
async fn approved(client: &Client, body: &Value) -> Value {
    let answer = client.calculate(body).await;
    let offer_id = answer["offers"][0]["offer_id"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let offer = eventually("the price is final", async || {
        let offer = client.offer(request::id(body), offer_id).await;
        assert_eq!(offer.status, 200, "{offer:?}");
        (offer.body["status"] == "APPROVED").then_some(offer.body)
    })
    .await;
    // Of the pool all cross-sales are mandatory, and dropping one is no mistake: another behaviour.
    assert_ne!(offer["is_reinsurance_pool"], true, "{offer}");
    offer
}

/// The required cross-sale of an offer and an ordinary one.
#[track_caller]
fn of_both_kinds(offer: &Value) -> [&Value; 2] {
    let upsales = offer["upsales"].as_array().expect("upsales");
    let of = |required: bool| upsales.iter().find(|sale| sale["is_required"] == required);
    [of(true), of(false)].map(|found| found.unwrap_or_else(|| panic!("{offer}")))
}

fn taken(sale: &Value) -> Value {
    json!({"upsale_id": sale["id"], "option_id": sale["options"][0]["id"]})
}

fn wish(body: &Value, offer: &Value, upsales: Value) -> Value {
    json!({"request_id": body["request_id"], "offer_id": offer["offer_id"], "upsales": upsales})
}

/// Confirms until the payment link is there.
async fn confirmed(client: &Client, wish: &Value) -> Value {
    eventually("the payment link is there", async || {
        let answer = client.confirm(wish).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        (answer.body["status"] == "PAYMENT_READY").then_some(answer.body)
    })
    .await
}

#[track_caller]
fn assert_is_billed_with(paying: &Value, offer: &Value, sale: &Value) {
    assert!(paying["payment_url"].as_str().is_some_and(|page| page.starts_with("http")), "{paying}");
    let price = |of: &Value| of["price"].as_f64().expect("a price");
    let total = price(offer) + price(&sale["options"][0]);
    assert!((price(paying) - total).abs() < 0.005, "{total} in {paying}");
}

/// The fields that a 400 names.
#[track_caller]
fn wrong(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 400, "{answer:?}");
    let named = answer.body["properties"].as_array().into_iter().flatten();
    named.map(|wrong| wrong["property"].as_str().expect("text")).collect()
}

/// How many bills the insurer wrote.
fn bills(house: &House) -> usize {
    house.simulation.insurers()[0].sales().iter().map(|sale| sale.bills).sum()
}
