//! Every insurer that has a simulator sells a policy over HTTP, alone: what one wire lacks, no other hides.
//!
//! What is the same with all of them stands in `journey`; here is what each must be able to do, and what two of them
//! do in a way of their own.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use veer_contract::{Manifest, OperationKind};
use veer_simulator::{Knobs, Wire, Yandex};

use crate::{
    harness::{Client, House, Settings, eventually, plan, request, yandex},
    journey::{approved, assert_is_pdf, confirmed, press, sold, wish},
};

/// These mail their policies, and hand out no file.
const WITHOUT_FILES: [Wire; 2] = [Wire::Elmarket, Wire::VskBus];

/// A test for each, so that each is named where it fails and none waits for another's start.
macro_rules! each_alone_from_the_quote_to_the_credited_sale {
    ($($test:ident: $wire:ident;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                sells(Wire::$wire).await;
            }
        )*

        #[test]
        fn no_insurer_is_left_out() {
            assert_eq!(Wire::INSURERS, &[$(Wire::$wire),*]);
        }
    };
}

each_alone_from_the_quote_to_the_credited_sale! {
    alfastrah_sells_a_policy: Alfastrah;
    ingosstrakh_sells_a_policy: Ingosstrakh;
    renessans_sells_a_policy: Renessans;
    vsk_sells_a_policy: Vsk;
    soglasie_sells_a_policy: Soglasie;
    tinkoff_sells_a_policy: Tinkoff;
    elmarket_sells_a_policy: Elmarket;
    obrazets_sells_a_policy: Obrazets;
    vsk_bus_sells_a_policy: VskBus;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aggregators_offers_are_in_companies_names_and_any_of_them_is_sold() {
    let (house, yandex) = open(Wire::Elmarket).await;
    let client = &house.client;
    let answer = client.calculate(&request::sample()).await;
    let offers = answer["offers"].as_array().expect("offers");
    let companies = &manifest(Wire::Elmarket).companies;
    assert_eq!(offers.len(), companies.len(), "a healthy aggregator has a price of each: {answer}");
    let shown = |offer: &Value| (offer["partner"]["code"].as_i64(), offer["partner"]["name"].clone());
    let known: BTreeSet<_> =
        companies.values().map(|company| (company.partner_code, company.name.as_str())).collect();
    let named: BTreeSet<_> = offers
        .iter()
        .filter_map(|offer| Some((offer["partner"]["code"].as_i64()?, offer["partner"]["name"].as_str()?)))
        .collect();
    assert_eq!(named, known, "each company has one offer, in its own name and under its own code");

    let dearest = offers.last().expect("an offer");
    let last = sell(client, &yandex, Wire::Elmarket, request::id(&request::sample()), dearest).await;
    assert_eq!(shown(&last), shown(dearest), "it stays the company's to the end");
    let closed = client.poll(request::id(&request::sample())).await.body;
    for offer in closed["offers"].as_array().expect("offers") {
        let is_sold = offer["offer_id"] == dearest["offer_id"];
        assert_eq!(offer["status"], if is_sold { "CLOSED_PAID" } else { "CLOSED_OTHER_OFFER" }, "{offer}");
    }
    assert_eq!(house.simulation.insurers()[0].sales().iter().filter(|sale| sale.paid.is_some()).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_clients_get_a_code_by_sms_the_final_price_is_declined_with_the_reason() {
    let house = furnished(Wire::VskBus, plan::quick(), |_| {}).await;
    let client = &house.client;
    let answer = client.calculate(&request::sample()).await;
    let offer = &answer["offers"][0];
    assert_eq!(offer["status"], "PRE_CALC_READY", "{answer}");
    assert!(text(offer, "message").contains("кодом из СМС"), "it is said with the price: {offer}");

    let request_id = request::id(&request::sample()).to_owned();
    let last = eventually("it is declined", async || {
        let offer = client.offer(&request_id, text(offer, "offer_id")).await.body;
        (offer["status"] != "PRE_CALC_READY").then_some(offer)
    })
    .await;
    assert_eq!(last["status"], "REJECTED", "{last}");
    let message = text(&last, "message");
    assert!(message.contains("кодом из СМС") && message.contains("Выберите другое предложение"), "{last}");
    let (_, figures) = client.operate("/metrics").await;
    let declined = figures.lines().find(|line| {
        ["veer_verdicts_total", "\"vsk_bus\"", "\"finalise\"", "\"asks_for_more\""]
            .iter()
            .all(|it| line.contains(it))
    });
    assert!(declined.is_some_and(|line| line.ends_with(" 1")), "verdict 202: {declined:?}");
    // Nobody got an SMS in vain.
    assert_eq!(house.received("vsk_bus", "SavePolicy").len(), 0);
    let refused = client.confirm(&json!({ "request_id": request_id, "offer_id": last["offer_id"] })).await;
    assert_eq!((refused.status, &refused.body["properties"][0]["property"]), (400, &"offer_id".into()));
}

/// One insurer, one policy.
async fn sells(wire: Wire) {
    let (house, yandex) = open(wire).await;
    let client = &house.client;
    let (request_id, offer) = approved(client, &request::sample()).await;
    let sold = sell(client, &yandex, wire, &request_id, &offer).await;
    let calculation = client.poll(&request_id).await.body;
    assert_eq!(calculation["status"], "CLOSED", "{}: {calculation}", wire.name());
    let ours: Vec<_> =
        house.simulation.insurers()[0].sales().into_iter().filter(|sale| sale.paid.is_some()).collect();
    assert_eq!(ours.len(), 1, "{}: {ours:?}", wire.name());
    let number = format!("{} {}", text(&sold, "policy_series"), text(&sold, "policy_number"));
    assert!(number.ends_with(&ours[0].policy), "{}: {number} is not {}", wire.name(), ours[0].policy);
}

/// Buys an offer whose price is final, with its first cross-sale where it has one; the offer when all is over.
async fn sell(client: &Client, yandex: &Yandex, wire: Wire, request_id: &str, offer: &Value) -> Value {
    let offer_id = text(offer, "offer_id");
    let option = &offer["upsales"][0]["options"][0];
    let mut wish = wish(request_id, offer);
    if !option["id"].is_number() {
        wish["upsales"] = json!([]);
    }
    let paying = confirmed(client, &wish).await;
    let total = price(offer) + option["price"].as_f64().unwrap_or(0.0);
    assert!((price(&paying) - total).abs() < 0.005, "{}: {paying}", wire.name());
    if manifest(wire).operations.contains(&OperationKind::Draft) {
        let draft = eventually("the draft is there", async || {
            let draft = client.draft(request_id, offer_id).await.body;
            (draft["status"] == "success").then_some(draft)
        });
        assert_is_pdf(&draft.await);
    } else {
        assert_eq!(client.draft(request_id, offer_id).await.status, 404, "{} has no drafts", wire.name());
    }
    let before = client.policy(request_id, offer_id).await.body;
    assert_eq!((&before["status"], before.get("file")), (&"PAYMENT_READY".into(), None));

    press(text(&paying, "payment_url"), "pay").await;
    if WITHOUT_FILES.contains(&wire) {
        let policy = eventually("the policy is issued", async || {
            let policy = client.policy(request_id, offer_id).await.body;
            policy["policy_start_date"].is_string().then_some(policy)
        })
        .await;
        assert_eq!((&policy["status"], policy.get("file")), (&"CLOSED_PAID".into(), None), "{}", wire.name());
    } else {
        assert_is_pdf(&sold(client, request_id, offer_id).await);
    }
    let last = client.offer(request_id, offer_id).await.body;
    assert_eq!(last["status"], "CLOSED_PAID", "{}: {last}", wire.name());

    eventually("the sale is counted", async || (!yandex.credited().is_empty()).then_some(())).await;
    let credited = yandex.credited();
    assert_eq!((credited.len(), credited[0].offer_id.as_str()), (1, offer_id), "{}", wire.name());
    assert_eq!(Value::from(credited[0].amount.as_json_number()), last["price"], "{}", wire.name());
    assert_eq!(credited[0].is_upsaled.unwrap_or(false), option["id"].is_number(), "{}", wire.name());
    last
}

/// The insurer alone, healthy, with a partner that counts sales; set up so that it can sell.
async fn open(wire: Wire) -> (House, Yandex) {
    let yandex = yandex().await;
    // Where this is looked at, the default says that clients sign with a code, which nobody here can know.
    let knobs = Knobs { sms_code: false, ..plan::quick() };
    let house = furnished(wire, knobs, |settings| {
        settings.confirm_to(&yandex, "get");
        if wire == Wire::VskBus {
            settings.set("insurers.vsk_bus.settings.sms_code", "none");
        }
    })
    .await;
    (house, yandex)
}

async fn furnished(wire: Wire, knobs: Knobs, change: impl FnOnce(&mut Settings)) -> House {
    let house = House::furnished(plan::of([(wire.name(), knobs)]), |settings, _| change(settings)).await;
    // One of them answers by calls of its own alone.
    house.simulation.notify(&format!("http://{}", house.client.partner));
    house
}

fn manifest(wire: Wire) -> &'static Manifest {
    veer_insurers::find(wire.name()).expect("an adapter").manifest()
}

fn price(offer: &Value) -> f64 {
    offer["price"].as_f64().unwrap_or_else(|| panic!("no price: {offer}"))
}

fn text<'v>(of: &'v Value, key: &str) -> &'v str {
    of[key].as_str().unwrap_or_else(|| panic!("no {key}: {of}"))
}
