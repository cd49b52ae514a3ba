//! A load balancer sends a request to any replica: whichever it is, the answer is that of the one that works on the
//! calculation, from the first poll to the policy.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    harness::{Client, eventually, request, yandex},
    journey,
    replicas::Stage,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_calculation_is_polled_sold_and_fetched_at_a_replica_that_does_not_work_on_it() {
    let mut stage = Stage::set("10s").await;
    let yandex = yandex().await;
    stage.settings.confirm_to(&yandex, "get");
    let (owner, other) = (stage.start().await, stage.start().await);
    let id = owner.client.accepted(&request::sample()).await;
    // Nothing of it is finished, so nothing of it can come from the store's end.
    let poll = other.client.poll(&id).await;
    assert_eq!((poll.status, &poll.body["status"]), (200, &"PARTNER_CALCULATION_IN_PROGRESS".into()));
    assert_eq!(other.client.status(&id).await.status, 200);
    let answer = other.client.finished(&id).await;
    assert_eq!(answer, owner.client.poll(&id).await.body);
    let (offer_id, offer) = approved(&other.client, &id, &answer).await;
    let body = json!({
        "request_id": id,
        "offer_id": offer_id,
        "upsales": [{ "upsale_id": offer["upsales"][0]["id"], "option_id": offer["upsales"][0]["options"][0]["id"] }],
    });
    // What is wrong is told in the same words.
    let wrong = json!({ "request_id": id, "offer_id": "none" });
    let (there, here) = (owner.client.confirm(&wrong).await, other.client.confirm(&wrong).await);
    assert_eq!((there.status, &there.body["errors"]), (400, &here.body["errors"]));
    let page = eventually("the link is there", async || {
        let answer = other.client.confirm(&body).await.body;
        Some(answer["payment_url"].as_str()?.to_owned())
    })
    .await;
    let paid = reqwest::Client::builder().no_proxy().build().expect("a client").post(page);
    let paid = paid.header("content-type", "application/x-www-form-urlencoded").body("action=pay");
    assert!(paid.send().await.expect("a page").status().is_success());
    eventually("the policy is there", async || {
        let target = format!("/osago/offer?request_id={id}&offer_id={offer_id}");
        let offer = other.client.ask(Method::GET, &target, None).await?.body;
        (offer["status"] == "CLOSED_PAID").then_some(())
    })
    .await;
    let sold = journey::sold(&other.client, &id, &offer_id).await;
    journey::assert_is_pdf(&sold);
    eventually("the sale is counted", async || (!yandex.credited().is_empty()).then_some(())).await;
    assert_eq!(yandex.credited().len(), 1);
    // A stranger gets no further than at the owner's own door.
    assert_eq!(other.client.with_token("nobody").poll(&id).await.status, 403);
    // Neither does one who names a calculation of nobody's.
    let unknown = other.client.poll("6f9619ff-8b86-4d01-b42d-00cf4fc964ff").await;
    assert_eq!(unknown.status, 404);
    stage.no_application_twice();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_polled_elsewhere_is_polled_here_when_the_other_one_has_stopped() {
    let stage = Stage::set("2m").await;
    let (owner, other) = (stage.start().await, stage.start().await);
    let id = owner.client.accepted(&request::sample()).await;
    // It knows where it is.
    assert_eq!(other.client.poll(&id).await.status, 200);
    stage.asked("alfastrah").await;
    owner.terminate();
    let (status, log) = owner.ended().await;
    assert!(status.success(), "{status}\n{log}");
    let answer = other.client.finished(&id).await;
    assert_eq!(answer["status"], "CALCULATION_READY", "{answer}");
    let (_, offer) = approved(&other.client, &id, &answer).await;
    assert!(offer["price"].is_number(), "{offer}");
    stage.no_application_twice();
}

/// The first insurer's offer, once its price is final.
async fn approved(client: &Client, id: &str, answer: &Value) -> (String, Value) {
    let offers = answer["offers"].as_array().expect("offers");
    let offer = offers.iter().find(|offer| offer["partner"]["code"] == 1).expect("an offer");
    let offer_id = offer["offer_id"].as_str().expect("an id").to_owned();
    let offer = eventually("the price is final", async || {
        let offer = client.offer(id, &offer_id).await.body;
        (offer["status"] == "APPROVED").then_some(offer)
    })
    .await;
    (offer_id, offer)
}
