//! The same risk, asked again: where the operator allows it, the insurer hears of it once.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use veer_contract::{Context, Decline, Event, Fault, FaultKind, Next, Step};

use crate::{
    harness::{Client, Explained, House, Settings, eventually, plan, request},
    journey,
    scripted::{Recorder, Said, Scripted, call, manifest, offer},
};

/// An insurer that keeps its answers back, and the gateway in front of it.
struct Stage {
    house: House,
    insurer: Recorder,
    open: Arc<AtomicBool>,
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_ask_at_once_are_one_call_and_a_third_is_none() {
    let stage = Stage::open("5m", |_| done()).await;
    let client = &stage.house.client;
    let first = client.accepted(&request::again()).await;
    stage.is_asked(1).await;
    // Another account's request for the same car.
    let other = client.with_token("other-token");
    let second = other.accepted(&request::again()).await;
    stage.says(&other, &second, "joined").await;
    let waiting = other.poll(&second).await.body;
    assert_eq!(statuses(&waiting), ["PRE_CALC_SENT"], "its risk was asked: {waiting}");
    stage.answers();

    let answers = [client.finished(&first).await, other.finished(&second).await];
    let third = client.calculate(&request::again()).await;
    let [first, second] = [client.explain(&first).await, client.explain(&second).await];
    assert_eq!(stage.insurer.requests().len(), 1);
    for answer in answers.iter().chain([&third]) {
        assert_eq!(answer["status"], "CALCULATION_READY", "{answer}");
        assert_eq!(prices(answer), prices(&answers[0]));
    }
    let ids: std::collections::BTreeSet<String> =
        answers.iter().chain([&third]).flat_map(|answer| texts(answer, "offer_id")).collect();
    assert_eq!(ids.len(), 6, "every calculation has its own ids");
    let third = client.explain(third["request_id"].as_str().expect("an id")).await;
    for (explained, called, joined, reused) in [(&first, 1, 0, 0), (&second, 0, 1, 0), (&third, 0, 0, 1)] {
        assert_eq!(explained.verdict("twin"), 0);
        let counted = ["called", "joined", "reused"].map(|what| explained.count("twin", what));
        assert_eq!(counted, [called, joined, reused], "{explained:?}");
    }
    // Whose the other one was is nobody's business, its age is.
    assert!(entry(&second, "joined")["age_ms"].is_number());
    assert!(!second.of("twin").to_string().contains("demo"), "{second:?}");

    let metrics = client.operate("/metrics").await.1;
    for series in [
        "veer_upstream_calls_total{insurer=\"twin\",lane=\"create\",outcome=\"ok\"} 1",
        "veer_quotes_shared_total{insurer=\"twin\",how=\"joined\"} 1",
        "veer_quotes_shared_total{insurer=\"twin\",how=\"reused\"} 1",
        "veer_verdicts_total{insurer=\"twin\",operation=\"quote\",verdict=\"offered\"} 3",
    ] {
        assert!(metrics.contains(series), "{series} is not in\n{metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_risk_is_asked_by_itself() {
    let stage = Stage::open("5m", |_| done()).await;
    stage.answers();
    for number in 0..2 {
        stage.house.client.calculate(&request::about_car(number)).await;
    }
    let mut tomorrow = request::about_car(1);
    tomorrow["policy_start_date"] = json!("2027-03-01T00:00:00Z");
    stage.house.client.calculate(&tomorrow).await;
    assert_eq!(stage.insurer.requests().len(), 3);
    stage.house.client.calculate(&request::about_car(0)).await;
    assert_eq!(stage.insurer.requests().len(), 3, "the first one is still known");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_operator_says_nothing_everybody_asks() {
    let stage = Stage::furnished(|_| {}, |_| done()).await;
    stage.answers();
    for _ in 0..2 {
        let (_, explained) = stage.house.client.calculate_explained(&request::again()).await;
        assert_eq!((explained.count("twin", "called"), explained.count("twin", "reused")), (1, 0));
    }
    assert_eq!(stage.insurer.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_is_told_to_both_in_the_insurers_words_and_asked_for_anew_later() {
    let no = |_| Step::decline(Decline::declined("Не страхуем такси"));
    let stage = Stage::open("5m", no).await;
    let (first, second) = stage.two().await;
    stage.answers();
    for id in [&first, &second] {
        let answer = stage.house.client.finished(id).await;
        assert_eq!(answer["status"], "NO_CALCULATION_AVAILABLE", "{answer}");
        assert_eq!(texts(&answer, "message"), ["Не страхуем такси"]);
        assert_eq!(stage.house.client.explain(id).await.verdict("twin"), 200);
    }
    assert_eq!(stage.insurer.requests().len(), 1);
    stage.house.client.calculate(&request::again()).await;
    assert_eq!(stage.insurer.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_first_one_fails_the_second_asks() {
    let only_the_second = |begun: usize| match begun {
        1 => Step::fail(Fault::new(FaultKind::InsurerError, "it broke")),
        _ => done(),
    };
    let stage = Stage::open("5m", only_the_second).await;
    let (first, second) = stage.two().await;
    stage.answers();
    let client = &stage.house.client;
    assert_eq!(client.finished(&first).await["status"], "CALCULATION_ERROR");
    assert_eq!(client.finished(&second).await["status"], "CALCULATION_READY");
    assert_eq!(client.explain(&first).await.verdict("twin"), 405);
    let explained = client.explain(&second).await;
    let counted = ["joined", "joined_in_vain", "called"].map(|what| explained.count("twin", what));
    assert_eq!((explained.verdict("twin"), counted), (0, [1, 1, 1]), "{explained:?}");
    assert_eq!(stage.insurer.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_first_ones_time_is_over_the_second_asks() {
    let never_for_the_first = |begun: usize| match begun {
        1 => waits(),
        _ => done(),
    };
    let budget = |settings: &mut Settings| {
        settings.set("calculation.budget", "4s").set("insurers.twin.reuse", "5m");
    };
    let stage = Stage::furnished(budget, never_for_the_first).await;
    stage.answers();
    let client = &stage.house.client;
    let first = client.accepted(&request::again()).await;
    stage.is_asked(1).await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let second = client.accepted(&request::again()).await;
    stage.says(client, &second, "joined").await;
    assert_eq!(client.finished(&second).await["status"], "CALCULATION_READY");
    assert_eq!(client.explain(&first).await.verdict("twin"), 404);
    assert_eq!(stage.insurer.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_a_follower_asks_by_itself() {
    let mut stage = Stage::open("5m", |_| done()).await;
    let (first, second) = stage.two().await;
    stage.house.restart().await;
    stage.is_asked(2).await;
    stage.answers();
    for id in [&first, &second] {
        let answer = stage.house.client.finished(id).await;
        assert_eq!((&answer["status"], prices(&answer).len()), (&json!("CALCULATION_READY"), 2), "{answer}");
    }
    let explained = stage.house.client.explain(&second).await;
    assert_eq!(explained.count("twin", "called"), 1, "{explained:?}");
    assert_eq!(stage.insurer.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_is_handed_on_ends_with_the_one_that_was_made() {
    let insurers = plan::of([("ingosstrakh", plan::quick()), ("renessans", plan::quick())]);
    let house = House::furnished(insurers, |settings, _| {
        settings.set("insurers.ingosstrakh.reuse", "5m");
    })
    .await;
    let (_, first) = house.client.calculate_explained(&request::again()).await;
    let (_, second) = house.client.calculate_explained(&request::again()).await;
    assert_eq!(second.count("ingosstrakh", "reused"), 1, "{second:?}");
    // The other one's ends a day after this very calculation.
    let [handed_on, own] = ["ingosstrakh", "renessans"].map(|code| expires(&second, code));
    assert!(expires(&first, "ingosstrakh") <= handed_on && handed_on < own, "{second:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_calculations_of_one_quote_are_sold() {
    let house = House::furnished(plan::of([("ingosstrakh", plan::quick())]), |settings, _| {
        settings.set("insurers.ingosstrakh.reuse", "5m");
    })
    .await;
    let mut pages = Vec::new();
    for body in [request::again(), request::again()] {
        let (request_id, offer) = journey::approved(&house.client, &body).await;
        let paying = journey::confirmed(&house.client, &journey::wish(&request_id, &offer)).await;
        let page = paying["payment_url"].as_str().expect("a page").to_owned();
        journey::press(&page, "pay").await;
        let offer_id = offer["offer_id"].as_str().expect("an id");
        assert_eq!(journey::sold(&house.client, &request_id, offer_id).await["status"], "CLOSED_PAID");
        pages.push(page);
    }
    assert_ne!(pages[0], pages[1]);
    assert_eq!(house.received("ingosstrakh", "GetTariff").len(), 1);
}

// === impl Stage ===

impl Stage {
    /// What the insurer allows to be reused for so long says `ends`, told how many conversations were begun.
    async fn open(reuse: &'static str, ends: impl Fn(usize) -> Said + Send + Sync + 'static) -> Self {
        let allow = |settings: &mut Settings| {
            settings.set("insurers.twin.reuse", reuse);
        };
        Self::furnished(allow, ends).await
    }

    async fn furnished(
        change: impl FnOnce(&mut Settings),
        ends: impl Fn(usize) -> Said + Send + Sync + 'static,
    ) -> Self {
        let (open, begun) = (Arc::new(AtomicBool::new(false)), AtomicUsize::new(0));
        let may_answer = open.clone();
        let says = move |state: &str, event: Option<Event<'_>>, _: &Context<'_>| match event {
            None => {
                let number = begun.fetch_add(1, Ordering::SeqCst) + 1;
                Step::call(call(), number.to_string())
            }
            Some(_) if !may_answer.load(Ordering::SeqCst) => waiting(state),
            Some(_) => match ends(state.parse().expect("a number")) {
                Step { next: Next::Wait { .. }, .. } => waiting(state),
                end => end,
            },
        };
        let twin = Scripted::new(&manifest("twin", "", ""), 1, says).built_in();
        let insurer = Recorder::start(&[]).await;
        let house = House::with_adapters(plan::of([]), &[twin], |settings, _| {
            settings.set("insurers.twin.base_url", insurer.base_url());
            change(settings);
        })
        .await;
        Self { house, insurer, open }
    }

    /// From now on it says how conversations end.
    fn answers(&self) {
        self.open.store(true, Ordering::SeqCst);
    }

    /// Two calculations of one risk, the second one waiting for the first.
    async fn two(&self) -> (String, String) {
        let client = &self.house.client;
        let first = client.accepted(&request::again()).await;
        self.is_asked(1).await;
        let second = client.accepted(&request::again()).await;
        self.says(client, &second, "joined").await;
        (first, second)
    }

    async fn is_asked(&self, times: usize) {
        eventually("the insurer is asked", async || (self.insurer.requests().len() == times).then_some(()))
            .await;
    }

    /// Waits for that line on the timeline.
    async fn says(&self, client: &Client, id: &str, what: &str) {
        eventually(what, async || (client.explain(id).await.count("twin", what) == 1).then_some(())).await;
    }
}

/// Two offers, and the end.
fn done() -> Said {
    Step { emit: vec![offer("a", 5000), offer("b", 6000)], next: Next::Done }
}

/// It has no answer yet.
fn waits() -> Said {
    waiting("")
}

fn waiting(state: &str) -> Said {
    Step::wait(std::time::Duration::from_millis(50), state.to_owned())
}

fn entry<'a>(explained: &'a Explained, what: &str) -> &'a Value {
    let timeline = explained.of("twin")["timeline"].as_array().expect("a timeline");
    timeline.iter().find(|entry| entry["what"] == what).expect("it is there")
}

/// When an insurer's offer ends.
fn expires(explained: &Explained, insurer: &str) -> jiff::Timestamp {
    let offers = explained.0["calculations"][0]["offers"].as_array().expect("offers");
    let offer = offers.iter().find(|offer| offer["insurer"] == insurer).expect("its offer");
    offer["expires"].as_str().and_then(|time| time.parse().ok()).expect("a time")
}

fn texts(answer: &Value, key: &str) -> Vec<String> {
    let offers = answer["offers"].as_array().into_iter().flatten();
    offers.filter_map(|offer| offer[key].as_str()).map(str::to_owned).collect()
}

fn statuses(answer: &Value) -> Vec<String> {
    texts(answer, "status")
}

fn prices(answer: &Value) -> Vec<f64> {
    answer["offers"].as_array().into_iter().flatten().filter_map(|offer| offer["price"].as_f64()).collect()
}
