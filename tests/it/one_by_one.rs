//! Offers appear one by one, each insurer's with its own status, and nothing that was shown is taken back.

use std::collections::BTreeMap;

use serde_json::Value;
use veer_simulator::{Fault, Wire};

use crate::harness::{House, eventually, plan, request};

/// What one poll shows of one insurer.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    offer_id: String,
    status: String,
    price: Option<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_appear_one_by_one_and_none_goes_back() {
    let latencies = [("alfastrah", 300), ("ingosstrakh", 1200), ("renessans", 2500)];
    let house = House::open(plan::of(latencies.map(|(code, millis)| (code, plan::slow(millis))))).await;
    let id = house.client.accepted(&request::sample()).await;
    let mut polls: Vec<(String, BTreeMap<i64, Seen>)> = Vec::new();
    eventually("the calculation is final", async || {
        let answer = house.client.poll(&id).await.body;
        let poll = (text(&answer["status"]), seen(&answer));
        let last = poll.0 != "PARTNER_CALCULATION_IN_PROGRESS";
        if polls.last() != Some(&poll) {
            polls.push(poll);
        }
        last.then_some(())
    })
    .await;

    for pair in polls.windows(2) {
        for (code, before) in &pair[0].1 {
            let after = pair[1].1.get(code).unwrap_or_else(|| panic!("{code} vanished: {polls:#?}"));
            assert_eq!(before.offer_id, after.offer_id, "{polls:#?}");
            assert!(rank(&before.status) <= rank(&after.status), "{polls:#?}");
            assert!(before.price.is_none() || before == after, "{polls:#?}");
        }
    }
    let priced = |seen: &BTreeMap<i64, Seen>| seen.values().filter(|offer| offer.price.is_some()).count();
    let in_progress = |count: usize| {
        polls.iter().any(|(status, offers)| {
            status == "PARTNER_CALCULATION_IN_PROGRESS" && priced(offers) == count && offers.len() == 3
        })
    };
    assert!(in_progress(0) && in_progress(1) && in_progress(2), "{polls:#?}");
    let polled =
        |seen: &BTreeMap<i64, Seen>| seen.get(&3).is_some_and(|it| it.status == "PRE_CALC_IN_PROGRESS");
    assert!(polls.iter().any(|(_, seen)| polled(seen)), "{polls:#?}");
    let (status, last) = polls.last().expect("a poll");
    assert_eq!((status.as_str(), priced(last)), ("CALCULATION_READY", 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_hanging_insurer_keeps_nobody_waiting_and_is_closed_at_the_end() {
    futures::future::join_all(plan::WIRES.map(with_one_hanging)).await;
}

async fn with_one_hanging(hanging: Wire) {
    let knobs = |wire: Wire| if wire == hanging { plan::faulty(Fault::Hang) } else { plan::quick() };
    let insurers = plan::of(plan::WIRES.map(|wire| (wire.name(), knobs(wire))));
    let house = House::furnished(insurers, |settings, _| {
        settings.set("calculation.budget", "5s");
    })
    .await;
    let id = house.client.accepted(&request::sample()).await;
    eventually("the others' offers are there", async || {
        let answer = house.client.poll(&id).await.body;
        assert_eq!(answer["status"], "PARTNER_CALCULATION_IN_PROGRESS", "{answer}");
        (seen(&answer).values().filter(|offer| offer.price.is_some()).count() == 2).then_some(())
    })
    .await;
    let answer = house.client.finished(&id).await;
    assert_eq!(answer["status"], "CALCULATION_READY");
    let offers = answer["offers"].as_array().expect("offers");
    let statuses: Vec<_> = offers.iter().map(|offer| text(&offer["status"])).collect();
    assert_eq!(statuses, ["PRE_CALC_READY", "PRE_CALC_READY", "CLOSED_TIMEOUT"]);
    assert!(offers[2]["message"].is_string() && offers[2]["price"].is_null(), "{answer}");
    assert_eq!(house.client.explain(&id).await.verdict(hanging.name()), 404);
}

fn seen(answer: &Value) -> BTreeMap<i64, Seen> {
    let offer = |offer: &Value| {
        let price = offer["price"].is_number().then(|| offer["price"].to_string());
        let code = offer["partner"]["code"].as_i64().expect("a code");
        (code, Seen { offer_id: text(&offer["offer_id"]), status: text(&offer["status"]), price })
    };
    answer["offers"].as_array().expect("offers").iter().map(offer).collect()
}

fn rank(status: &str) -> usize {
    let order = ["CREATED", "PRE_CALC_SENT", "PRE_CALC_IN_PROGRESS", "PRE_CALC_READY"];
    order.iter().position(|known| *known == status).unwrap_or_else(|| panic!("{status} has no place here"))
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
