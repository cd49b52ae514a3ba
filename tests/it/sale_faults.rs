//! Insurers that fail in the middle of a sale: what made nothing may be tried again, what may have made
//! something is asked after, and nothing is made twice.

use std::collections::BTreeMap;

use serde_json::Value;
use veer_simulator::{Fault, Faults, Knobs, Outcome};

use crate::{
    harness::{Client, House, eventually, plan, request},
    journey::{approved, confirmed, press, sold, wish},
};

/// An insurer, its call that applies for the final price, its call that applies for the policy, and the one
/// that makes the payment link.
const CALLS: [(&str, &str, &str, &str); 3] = [
    ("alfastrah", "eosago", "payment", "payment"),
    ("ingosstrakh", "CreateAgreement", "MakeEOsago", "CreateBill"),
    ("renessans", "create/segment", "create/application", "acquiring"),
];

async fn open(insurer: &str) -> House {
    House::furnished(plan::of([(insurer, plan::quick())]), |settings, _| {
        settings.set("offers.patience", "2s");
    })
    .await
}

/// Every call of that operation goes wrong in this way.
fn failing(operation: &str, fault: Fault) -> Knobs {
    let faults = BTreeMap::from([(operation.to_owned(), Faults::default().with(fault, 1.0))]);
    Knobs { faults_of: faults, ..plan::quick() }
}

/// How often the operation was carried out.
fn made(house: &House, insurer: &str, operation: &str) -> usize {
    let not_done = |outcome: Outcome| {
        matches!(outcome, Outcome::Faulted(Fault::Error | Fault::TooMany | Fault::RegistryDown))
    };
    house.received(insurer, operation).into_iter().filter(|call| !not_done(call.outcome)).count()
}

async fn priced(client: &Client) -> (String, Value) {
    let body = request::sample();
    let answer = client.calculate(&body).await;
    let offer = answer["offers"].as_array().into_iter().flatten().find(|offer| offer["price"].is_number());
    (request::id(&body).to_owned(), offer.unwrap_or_else(|| panic!("{answer}")).clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_is_down_costs_no_offer_however_often_it_is_asked() {
    futures::future::join_all(CALLS.map(async |(insurer, applies, insures, _)| {
        let house = open(insurer).await;
        let client = &house.client;
        let (request_id, offer) = priced(client).await;
        let offer_id = offer["offer_id"].as_str().expect("an id");
        house.simulation.set_knobs(insurer, failing(applies, Fault::RegistryDown)).expect("knobs");
        for _ in 0..3 {
            let told = eventually("the failure is told", async || {
                let offer = client.offer(&request_id, offer_id).await.body;
                offer["message"].is_string().then_some(offer)
            })
            .await;
            assert_eq!(told["status"], "PRE_CALC_READY", "{insurer}: {told}");
        }
        house.simulation.set_knobs(insurer, plan::quick()).expect("knobs");
        let (request_id, offer) = approved(client, &request::sample()).await;

        if insures != "payment" {
            house.simulation.set_knobs(insurer, failing(insures, Fault::RegistryDown)).expect("knobs");
            for _ in 0..2 {
                let told = client.confirm(&wish(&request_id, &offer)).await.body;
                assert_eq!(told["status"], "PAYMENT_LINK_FAILED", "{insurer}: {told}");
            }
            house.simulation.set_knobs(insurer, plan::quick()).expect("knobs");
        }
        let paying = confirmed(client, &wish(&request_id, &offer)).await;
        press(paying["payment_url"].as_str().expect("a page"), "pay").await;
        sold(client, &request_id, offer_id).await;
        assert_eq!((made(&house, insurer, applies), made(&house, insurer, insures)), (1, 1), "{insurer}");
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_whose_answer_is_lost_is_asked_for_again_and_the_application_stands() {
    futures::future::join_all(CALLS.map(async |(insurer, applies, insures, links)| {
        let house = open(insurer).await;
        let client = &house.client;
        let (request_id, offer) = approved(client, &request::sample()).await;
        house.simulation.set_knobs(insurer, failing(links, Fault::Truncated)).expect("knobs");
        let told = client.confirm(&wish(&request_id, &offer)).await.body;
        assert_eq!(told["status"], "PAYMENT_LINK_FAILED", "{insurer}: {told}");
        house.simulation.set_knobs(insurer, plan::quick()).expect("knobs");
        confirmed(client, &wish(&request_id, &offer)).await;
        assert_eq!(made(&house, insurer, applies), 1, "{insurer}");
        if insures != "payment" {
            assert_eq!(made(&house, insurer, insures), 1, "{insurer}");
        }
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_whose_answer_is_lost_is_asked_after_or_given_up_and_never_sent_again() {
    futures::future::join_all(CALLS.map(async |(insurer, applies, insures, _)| {
        let house = open(insurer).await;
        let client = &house.client;
        let (request_id, offer) = priced(client).await;
        let offer_id = offer["offer_id"].as_str().expect("an id");
        house.simulation.set_knobs(insurer, failing(applies, Fault::Truncated)).expect("knobs");
        let last = eventually("the final price is there, or given up", async || {
            let offer = client.offer(&request_id, offer_id).await.body;
            (offer["status"] != "PRE_CALC_READY").then_some(offer)
        })
        .await;
        let can_be_asked = insurer == "alfastrah";
        let expected = if can_be_asked { "APPROVED" } else { "OFFER_ERROR" };
        assert_eq!(last["status"], expected, "{insurer}: {last}");
        assert_eq!(made(&house, insurer, applies), 1, "{insurer}");
        if insurer != "ingosstrakh" {
            return;
        }
        // Of the order to insure, Ingosstrakh can be asked.
        let house = open(insurer).await;
        let client = &house.client;
        let (request_id, offer) = approved(client, &request::sample()).await;
        house.simulation.set_knobs(insurer, failing(insures, Fault::Truncated)).expect("knobs");
        confirmed(client, &wish(&request_id, &offer)).await;
        assert_eq!(made(&house, insurer, insures), 1, "{insurer}");
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_does_not_come_holds_no_policy_back() {
    for (insurer, file) in [("alfastrah", "print"), ("ingosstrakh", "GetDocument"), ("renessans", "pdf")] {
        let house = open(insurer).await;
        let client = &house.client;
        let (request_id, offer) = approved(client, &request::sample()).await;
        let offer_id = offer["offer_id"].as_str().expect("an id");
        let paying = confirmed(client, &wish(&request_id, &offer)).await;
        house.simulation.set_knobs(insurer, failing(file, Fault::Error)).expect("knobs");
        press(paying["payment_url"].as_str().expect("a page"), "pay").await;
        eventually("the policy has its number", async || {
            let offer = client.offer(&request_id, offer_id).await.body;
            (offer["status"] == "CLOSED_PAID" && offer["policy_number"].is_string()).then_some(())
        })
        .await;
        assert!(client.policy(&request_id, offer_id).await.body.get("file").is_none(), "{insurer}");
        house.simulation.set_knobs(insurer, plan::quick()).expect("knobs");
        sold(client, &request_id, offer_id).await;
    }
}
