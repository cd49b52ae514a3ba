//! An insurer that answers by calls of its own alone, and tells of failures in the same way: what made nothing may be
//! tried again, a link that failed is asked for again, and nothing is made twice.

use std::{collections::BTreeMap, net::TcpListener, time::Duration};

use serde_json::Value;
use veer_simulator::{Fault, Faults, Knobs, Replies};

use crate::{
    harness::{House, Settings, eventually, plan, request},
    journey::{approved, confirmed, press, wish},
};

const BUS: &str = "vsk_bus";

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_fails_is_asked_for_again_and_the_application_stands() {
    link_fails(&mut open(|_| {}).await, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_fails_is_asked_for_again_after_a_restart_too() {
    link_fails(&mut open(|_| {}).await, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_is_down_costs_no_offer_however_often_it_is_told() {
    register_is_down(&mut open(|_| {}).await, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_is_down_costs_no_offer_where_the_gateway_is_restarted_too() {
    register_is_down(&mut open(|_| {}).await, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_is_told_after_a_restart_is_the_same_failure() {
    // The insurer calls the address that it was told before the restart.
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let mut house = open(|settings| {
        settings.set("partner.listen", format!("127.0.0.1:{port}")).set("offers.confirm_patience", "1s");
    })
    .await;
    let (request_id, offer_id) = priced(&house).await;
    set(&house, late(failing("SavePolicy", Fault::RegistryDown)));
    house.client.offer(&request_id, &offer_id).await;
    eventually("it is sent", async || (sent(&house, "SavePolicy") == 1).then_some(())).await;
    restart(&mut house).await;
    told(&house, &request_id, &offer_id).await;
    set(&house, healthy());
    let (_, offer) = approved(&house.client, &request::sample()).await;

    let wish = wish_of(&request_id, &offer);
    set(&house, Knobs { link_fails: 1.0, ..healthy() });
    house.client.confirm(&wish).await;
    no_link(&house, &wish).await;
    set(&house, late(Knobs { link_fails: 1.0, ..healthy() }));
    house.client.confirm(&wish).await;
    eventually("it is sent", async || (sent(&house, "BuyPolicy") == 2).then_some(())).await;
    restart(&mut house).await;
    no_link(&house, &wish).await;
    set(&house, healthy());
    sells_one(&house, &wish, &offer_id).await;
    assert_eq!((sent(&house, "SignPolicy"), sent(&house, "BuyPolicy")), (1, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_of_which_it_is_open_whether_it_was_made_is_not_sent_again() {
    let house = open(|settings| {
        settings.set("offers.finalise_budget", "2s");
    });
    let house = house.await;
    let (request_id, offer_id) = priced(&house).await;
    set(&house, failing("SavePolicy", Fault::Malformed));
    told(&house, &request_id, &offer_id).await;
    set(&house, healthy());
    eventually("another try is over", async || {
        house.client.offer(&request_id, &offer_id).await;
        let (_, figures) = house.client.operate("/metrics").await;
        let over = figures.lines().find(|line| {
            line.starts_with("veer_verdicts_total")
                && line.contains("finalise")
                && line.contains("out_of_budget")
        });
        over.is_some_and(|line| !line.ends_with(" 0")).then_some(())
    })
    .await;
    let offer = house.client.offer(&request_id, &offer_id).await.body;
    assert_eq!((&offer["status"], sent(&house, "SavePolicy")), (&"PRE_CALC_READY".into(), 1), "{offer}");
}

/// Links fail, again and again, then one comes and is paid.
async fn link_fails(house: &mut House, restarts: bool) {
    let (request_id, offer) = approved(&house.client, &request::sample()).await;
    let wish = wish_of(&request_id, &offer);
    // The same words each time, and each of them twice.
    set(house, Knobs { link_fails: 1.0, ..healthy() });
    for tries in 1..=3 {
        let told = house.client.confirm(&wish).await.body;
        assert_eq!(told["status"], "PAYMENT_LINK_FAILED", "{told}");
        assert_eq!(sent(house, "BuyPolicy"), tries);
        if restarts {
            restart(house).await;
        }
    }
    set(house, healthy());
    sells_one(house, &wish, offer["offer_id"].as_str().expect("an id")).await;
    assert_eq!((sent(house, "SignPolicy"), sent(house, "BuyPolicy")), (1, 4));
}

/// The registry is down for the final price, again, and for the policy, again; then one is sold.
async fn register_is_down(house: &mut House, restarts: bool) {
    let (request_id, offer_id) = priced(house).await;
    set(house, failing("SavePolicy", Fault::RegistryDown));
    for tries in 1..=3 {
        eventually("it is tried", async || {
            told(house, &request_id, &offer_id).await;
            (sent(house, "SavePolicy") >= tries).then_some(())
        })
        .await;
        if restarts {
            restart(house).await;
        }
    }
    set(house, healthy());
    let (_, offer) = approved(&house.client, &request::sample()).await;

    set(house, failing("SignPolicy", Fault::RegistryDown));
    let wish = wish_of(&request_id, &offer);
    for tries in 1..=2 {
        let told = house.client.confirm(&wish).await.body;
        assert_eq!(told["status"], "PAYMENT_LINK_FAILED", "{told}");
        assert_eq!(sent(house, "SignPolicy"), tries);
        if restarts {
            restart(house).await;
        }
    }
    set(house, healthy());
    sells_one(house, &wish, &offer_id).await;
    assert_eq!(sent(house, "SignPolicy"), 3);
}

/// The link comes, the policy is paid, and the insurer has that one application and no other.
async fn sells_one(house: &House, wish: &Value, offer_id: &str) {
    let paying = confirmed(&house.client, wish).await;
    press(paying["payment_url"].as_str().expect("a page"), "pay").await;
    let request_id = wish["request_id"].as_str().expect("an id");
    eventually("it is sold", async || {
        let offer = house.client.offer(request_id, offer_id).await.body;
        (offer["status"] == "CLOSED_PAID").then_some(())
    })
    .await;
    let sales = house.simulation.insurers()[0].sales();
    assert_eq!(sales.len(), 1, "{sales:?}");
}

/// The insurer alone, with an account whose clients sign without a code; each of its calls comes twice.
async fn open(change: impl FnOnce(&mut Settings)) -> House {
    let house = House::furnished(plan::of([(BUS, healthy())]), |settings, _| {
        settings.set("insurers.vsk_bus.settings.sms_code", "none").set("offers.patience", "1s");
        change(settings);
    });
    let house = house.await;
    house.simulation.notify(&format!("http://{}", house.client.partner));
    house
}

async fn restart(house: &mut House) {
    house.restart().await;
    house.simulation.notify(&format!("http://{}", house.client.partner));
}

fn healthy() -> Knobs {
    let replies = Replies { copies: 2, ..Replies::default() };
    Knobs { sms_code: false, cross_sales: false, replies, ..plan::quick() }
}

/// It calls back after the gateway was restarted.
fn late(knobs: Knobs) -> Knobs {
    let replies = Replies { delay: Duration::from_secs(3), ..knobs.replies };
    Knobs { replies, ..knobs }
}

/// Every message of that name goes wrong in this way.
fn failing(message: &str, fault: Fault) -> Knobs {
    let faults = BTreeMap::from([(message.to_owned(), Faults::default().with(fault, 1.0))]);
    Knobs { faults_of: faults, ..healthy() }
}

fn set(house: &House, knobs: Knobs) {
    house.simulation.set_knobs(BUS, knobs).expect("knobs");
}

/// How often a message of that name came to the insurer.
fn sent(house: &House, message: &str) -> usize {
    house.received(BUS, message).len()
}

/// An offer that has its first price.
async fn priced(house: &House) -> (String, String) {
    let body = request::sample();
    let answer = house.client.calculate(&body).await;
    let offer_id = answer["offers"][0]["offer_id"].as_str().unwrap_or_else(|| panic!("{answer}"));
    (request::id(&body).to_owned(), offer_id.to_owned())
}

/// Looks until the final price could not be had.
async fn told(house: &House, request_id: &str, offer_id: &str) {
    let told = eventually("the failure is told", async || {
        let offer = house.client.offer(request_id, offer_id).await.body;
        offer["message"].is_string().then_some(offer)
    })
    .await;
    assert_eq!(told["status"], "PRE_CALC_READY", "{told}");
}

/// Looks until no link came.
async fn no_link(house: &House, wish: &Value) {
    let [request_id, offer_id] = ["request_id", "offer_id"].map(|key| wish[key].as_str().expect("an id"));
    let told = eventually("the failure is told", async || {
        let offer = house.client.offer(request_id, offer_id).await.body;
        let message = offer["message"].as_str().unwrap_or_default();
        message.contains("Ссылка на оплату не получена").then_some(offer)
    })
    .await;
    assert_eq!(told["status"], "PAYMENT_LINK_FAILED", "{told}");
}

/// It has no cross-sales.
fn wish_of(request_id: &str, offer: &Value) -> Value {
    let mut wish = wish(request_id, offer);
    wish["upsales"] = Value::Array(Vec::new());
    wish
}
