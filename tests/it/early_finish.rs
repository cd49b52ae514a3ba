//! A calculation that is complete enough is shown as ready while insurers are still asked; what they bring joins it.

use serde_json::{Value, json};
use tempfile::TempDir;
use veer_simulator::{Knobs, Polls, Simulation};

use crate::{
    harness::{Client, House, Process, Settings, eventually, plan, request},
    told_insurers::{declines, offers, open, prices},
};

const READY: &str = "CALCULATION_READY";
const RUNNING: &str = "PARTNER_CALCULATION_IN_PROGRESS";

#[tokio::test(flavor = "multi_thread")]
async fn so_many_offers_are_enough_and_a_late_one_joins() {
    let house = open(&["a", "b", "c"], |settings| {
        settings.set("calculation.complete.offers", 2);
    })
    .await;
    let id = house.client.accepted(&request::sample()).await;
    offers(&house, "a", 5000, true).await;
    eventually("one is not enough", async || {
        let answer = house.client.poll(&id).await.body;
        (prices(&answer) == [(1, 5000)]).then(|| assert_eq!(answer["status"], RUNNING))
    })
    .await;
    offers(&house, "b", 6000, true).await;
    let answer = house.client.finished(&id).await;
    assert_eq!((&answer["status"], prices(&answer)), (&json!(READY), vec![(1, 5000), (2, 6000)]));
    assert_eq!(house.client.status(&id).await.body["status"], READY);

    let explained = house.client.explain(&id).await;
    let calculation = &explained.0["calculations"][0];
    assert_eq!((&calculation["finished"], &calculation["early"]["rule"]), (&json!(false), &json!("offers")));
    assert!(explained.of("c")["verdict"].is_null(), "{explained:?}");
    assert_eq!((explained.count("c", "complete"), explained.count("a", "complete")), (1, 0), "{explained:?}");

    offers(&house, "c", 4000, true).await;
    let answer = whole(&house.client, &id).await;
    assert_eq!((&answer["status"], prices(&answer)), (&json!(READY), vec![(1, 5000), (2, 6000), (3, 4000)]));
    assert_eq!(house.client.explain(&id).await.verdicts(), [("a", 0), ("b", 0), ("c", 0)]);
    assert_eq!(figure(&house.client, "veer_early_finishes_total{rule=\"offers\"}").await, "1");
    assert_eq!(figure(&house.client, "veer_early_finishes_total{rule=\"after\"}").await, "0");
    assert_eq!(figure(&house.client, "veer_late_offers_total").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slow_ones_are_not_waited_for_once_the_others_have_ended() {
    let house = open(&["a", "b", "c"], |settings| {
        settings.set("calculation.complete.fast_answered", true).set("insurers.c.slow", true);
    })
    .await;
    let id = house.client.accepted(&request::sample()).await;
    declines(&house, "a").await;
    offers(&house, "b", 6000, false).await;
    eventually("a fast one has offered and goes on", async || {
        let answer = house.client.poll(&id).await.body;
        (prices(&answer) == [(2, 6000)]).then(|| assert_eq!(answer["status"], RUNNING))
    })
    .await;
    offers(&house, "b", 5500, true).await;
    assert_eq!(house.client.finished(&id).await["status"], READY);
    let explained = house.client.explain(&id).await;
    assert_eq!(explained.0["calculations"][0]["early"]["rule"], "fast_answered", "{explained:?}");
    declines(&house, "c").await;
    assert_eq!(whole(&house.client, &id).await["status"], READY);
    assert_eq!(house.client.explain(&id).await.verdict("c"), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_soft_deadline_one_offer_is_enough() {
    let house = open(&["a", "b"], |settings| {
        settings.set("calculation.complete.after", "500ms");
    })
    .await;
    let id = house.client.accepted(&request::sample()).await;
    offers(&house, "a", 5000, true).await;
    assert_eq!(prices(&house.client.finished(&id).await), [(1, 5000)]);
    let explained = house.client.explain(&id).await;
    assert_eq!(explained.0["calculations"][0]["early"]["rule"], "after", "{explained:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_soft_deadline_the_first_offer_is_enough() {
    let house = open(&["a", "b"], |settings| {
        settings.set("calculation.complete.after", "1ms");
    })
    .await;
    let id = house.client.accepted(&request::sample()).await;
    declines(&house, "a").await;
    ended(&house.client, &id, "a").await;
    assert_eq!(house.client.poll(&id).await.body["status"], RUNNING);
    offers(&house, "b", 7000, false).await;
    assert_eq!(prices(&house.client.finished(&id).await), [(2, 7000)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_offer_nothing_is_complete() {
    let house = open(&["a", "b"], |settings| {
        settings
            .set("calculation.complete.fast_answered", true)
            .set("calculation.complete.offers", 1)
            .set("calculation.complete.after", "1ms")
            .set("insurers.b.slow", true);
    })
    .await;
    let id = house.client.accepted(&request::sample()).await;
    declines(&house, "a").await;
    ended(&house.client, &id, "a").await;
    assert_eq!(house.client.poll(&id).await.body["status"], RUNNING);
    declines(&house, "b").await;
    assert_eq!(house.client.finished(&id).await["status"], "NO_CALCULATION_AVAILABLE");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_called_ready_stays_so_where_its_only_offer_is_taken_back() {
    let mut house = open(&["a", "b"], |settings| {
        settings.set("calculation.complete.offers", 1);
    })
    .await;
    let id = house.client.accepted(&request::sample()).await;
    offers(&house, "a", 5000, false).await;
    assert_eq!(house.client.finished(&id).await["status"], READY);
    declines(&house, "a").await;
    declines(&house, "b").await;
    let answer = whole(&house.client, &id).await;
    assert_eq!((&answer["status"], prices(&answer)), (&json!(READY), vec![(1, -1)]));
    assert_eq!(answer["offers"][0]["status"], "REJECTED");
    house.restart().await;
    assert_eq!(house.client.poll(&id).await.body["status"], READY);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_is_said_after_a_restart_and_late_offers_still_join() {
    let mut house = open(&["a", "b"], |settings| {
        settings.set("calculation.complete.offers", 1);
    })
    .await;
    let id = house.client.accepted(&request::sample()).await;
    offers(&house, "a", 5000, true).await;
    house.client.finished(&id).await;
    // The rule is gone, and what was said by it is not.
    house
        .restart_with(|settings| {
            settings.remove("calculation.complete.offers");
        })
        .await;
    let answer = house.client.poll(&id).await.body;
    assert_eq!((&answer["status"], prices(&answer)), (&json!(READY), vec![(1, 5000)]));
    assert_eq!(house.client.explain(&id).await.0["calculations"][0]["finished"], false);
    offers(&house, "b", 4000, true).await;
    let answer = whole(&house.client, &id).await;
    assert_eq!((&answer["status"], prices(&answer)), (&json!(READY), vec![(1, 5000), (2, 4000)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_can_be_taken_while_others_are_still_asked() {
    let knobs = Knobs { polls: Polls { min: 99, max: 99 }, ..plan::quick() };
    let plan = plan::of([("alfastrah", plan::quick()), ("renessans", knobs)]);
    let house = House::furnished(plan, |settings, _| {
        settings.set("calculation.complete.offers", 1);
    })
    .await;
    let (id, offer) = crate::journey::approved(&house.client, &request::sample()).await;
    let paying = crate::journey::confirmed(&house.client, &crate::journey::wish(&id, &offer)).await;
    crate::journey::press(paying["payment_url"].as_str().expect("a page"), "pay").await;
    crate::journey::sold(&house.client, &id, offer["offer_id"].as_str().expect("an id")).await;
    assert_eq!(house.client.poll(&id).await.body["status"], "CLOSED");
    assert_eq!(house.client.explain(&id).await.0["calculations"][0]["finished"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_takes_back_nothing_that_was_said() {
    let knobs = Knobs { polls: Polls { min: 5, max: 5 }, ..plan::quick() };
    let plan = plan::of([("alfastrah", plan::quick()), ("renessans", knobs)]);
    let simulation = Simulation::start(plan).await.expect("simulated insurers");
    let mut settings = Settings::of(&simulation);
    settings.set("calculation.complete.offers", 1);
    let folder = TempDir::with_prefix("veer-test-").expect("a folder");
    let process = Process::start(&settings, folder.path()).await;
    let id = process.client.accepted(&request::sample()).await;
    let said = process.client.finished(&id).await;
    assert_eq!(said["status"], READY);
    // An application that is on its way at that moment would be given up.
    eventually("the other one is asked whether it is ready", async || {
        let calls = simulation.journal().into_iter().filter(|call| call.insurer == "renessans");
        calls.skip_while(|call| !call.creates).any(|call| !call.creates).then_some(())
    })
    .await;
    process.kill();
    let process = Process::start(&settings, folder.path()).await;
    let answer = process.client.poll(&id).await.body;
    assert_eq!(answer["status"], READY);
    let shown =
        |answer: &Value| prices(answer).into_iter().filter(|(_, price)| *price > 0).collect::<Vec<_>>();
    // The other one may have offered meanwhile.
    assert!(shown(&said).iter().all(|offer| shown(&answer).contains(offer)), "{said}\n{answer}");
    let answer = whole(&process.client, &id).await;
    assert_eq!((&answer["status"], shown(&answer).len()), (&json!(READY), 2), "{answer}");
}

/// Returns when the insurer has its verdict.
async fn ended(client: &Client, id: &str, insurer: &str) {
    eventually("it has ended", async || {
        client.explain(id).await.of(insurer)["verdict"].is_u64().then_some(())
    })
    .await;
}

/// The answer once every insurer has ended. Until then its status does not change.
async fn whole(client: &Client, id: &str) -> Value {
    eventually("every insurer has ended", async || {
        assert_eq!(client.poll(id).await.body["status"], READY);
        (client.explain(id).await.0["calculations"][0]["finished"] == true).then_some(())
    })
    .await;
    client.poll(id).await.body
}

/// The value of one series.
async fn figure(client: &Client, series: &str) -> String {
    let (_, metrics) = client.operate("/metrics").await;
    let value = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("{series} is not in\n{metrics}")).to_owned()
}
