//! Insurers' own calls that conversations wait for: none is lost, whenever it comes, and none does harm.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::Method;
use tokio::{io::AsyncWriteExt, net::TcpStream};
use veer_contract::{Context, Event, Next, Step};

use crate::{
    harness::{House, eventually, plan, request},
    scripted::{Recorder, Said, Scripted, awaiting, call, manifest, offer},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_comes_while_its_conversation_waits_leads_on() {
    let (house, waits) = open(one).await;
    let id = house.client.accepted(&request::sample()).await;
    waits.come_to(1).await;
    assert_eq!(tell(&house, "c-1", 5000).await, 200);
    assert_eq!(prices(&house, &id).await, [5000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_comes_before_its_conversation_waits_is_kept_for_it() {
    let (house, _) = open(one).await;
    assert_eq!(tell(&house, "c-1", 5000).await, 200);
    let id = house.client.accepted(&request::sample()).await;
    assert_eq!(prices(&house, &id).await, [5000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_told_before_a_restart_is_heard_after_it() {
    let (mut house, waits) = open(one).await;
    assert_eq!(tell(&house, "c-1", 5000).await, 200);
    house.restart().await;
    let id = house.client.accepted(&request::sample()).await;
    assert_eq!(prices(&house, &id).await, [5000]);
    // Dealt with, it is not heard again.
    house.restart().await;
    let other = house.client.accepted(&request::again()).await;
    waits.come_to(2).await;
    assert_eq!(tell(&house, "c-1", 7000).await, 200);
    assert_eq!(prices(&house, &other).await, [7000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_waits_goes_on_waiting_after_a_restart() {
    let (mut house, waits) = open(one).await;
    let id = house.client.accepted(&request::sample()).await;
    waits.come_to(1).await;
    house.restart().await;
    assert_eq!(tell(&house, "c-1", 5000).await, 200);
    assert_eq!(prices(&house, &id).await, [5000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_heard_in_their_order_and_one_that_comes_twice_once() {
    let (house, waits) = open(two).await;
    for roubles in [5000, 5000, 6000, 5000] {
        assert_eq!(tell(&house, "c-1", roubles).await, 200);
    }
    let id = house.client.accepted(&request::sample()).await;
    assert_eq!(prices(&house, &id).await, [5000, 6000]);
    // And those that come when all is over.
    assert_eq!(tell(&house, "c-1", 6000).await, 200);
    let other = house.client.accepted(&request::again()).await;
    waits.come_to(3).await;
    assert_eq!(tell(&house, "c-1", 7000).await, 200);
    assert_eq!(tell(&house, "c-1", 8000).await, 200);
    assert_eq!(prices(&house, &other).await, [7000, 8000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_heard_is_heard_again_where_a_restart_goes_back_to_before_it() {
    let insurer = Recorder::start(&[]).await;
    insurer.be_silent(true);
    let (mut house, _) = open_at(&insurer.base_url(), one_then_a_question).await;
    let id = house.client.accepted(&request::sample()).await;
    assert_eq!(tell(&house, "c-1", 5000).await, 200);
    eventually("it asks because of the call", async || (!insurer.requests().is_empty()).then_some(())).await;
    // That question is given up with the gateway, and nothing that came of the call was kept.
    insurer.be_silent(false);
    house.restart().await;
    assert_eq!(prices(&house, &id).await, [5000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_lies_behind_a_kept_place_is_not_waited_for_again() {
    let (mut house, waits) = open(one_then_another).await;
    let id = house.client.accepted(&request::sample()).await;
    waits.come_to(1).await;
    assert_eq!(tell(&house, "c-1", 5000).await, 200);
    // It has heard the first, and waits for the second: that place is kept, so the first lies behind it.
    waits.come_to(2).await;
    house.restart().await;
    assert_eq!(tell(&house, "c-2", 6000).await, 200);
    assert_eq!(prices(&house, &id).await, [6000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_caller_hangs_up_is_heard_when_it_comes_again() {
    let (house, waits) = open(eight_in_turn).await;
    let id = house.client.accepted(&request::sample()).await;
    waits.come_to(1).await;
    // Cut off sooner and later, so that some are while they are written down: whether they were taken is anybody's
    // guess.
    for number in 0..8 {
        let body = told(&format!("c-{number}"), 5000);
        let head = "POST /insurers/rogue/callback?key=secret HTTP/1.1\r\nhost: x\r\ncontent-length:";
        let call = format!("{head} {}\r\n\r\n{body}", body.len());
        let mut stream = TcpStream::connect(house.client.partner).await.expect("a connection");
        stream.write_all(call.as_bytes()).await.expect("a call");
        tokio::time::sleep(Duration::from_millis(number)).await;
        stream.set_zero_linger().expect("an end without a farewell");
    }
    for number in 0..8 {
        assert_eq!(tell(&house, &format!("c-{number}"), 5000).await, 200);
    }
    assert_eq!(prices(&house, &id).await, [5000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_not_proven_is_not_kept() {
    let (house, waits) = open(one).await;
    let address = format!("http://{}/insurers/rogue/callback?key=wrong", house.client.partner);
    let body = "{\"about\": \"c-1\", \"price\": 1}";
    let answer = house.client.stranger(Method::POST, &address, |request| request.body(body)).await;
    assert_eq!(answer.status, 403);
    let id = house.client.accepted(&request::sample()).await;
    waits.come_to(1).await;
    assert_eq!(tell(&house, "c-1", 5000).await, 200);
    assert_eq!(prices(&house, &id).await, [5000]);
}

/// Waits for one call and offers what it says.
fn one(_: &str, event: Option<Event<'_>>, _: &Context<'_>) -> Said {
    match event {
        Some(Event::Callback(reply)) => Step::done(offer("a", price(&reply.text()))),
        _ => awaiting("c-1", "asked"),
    }
}

/// Waits for two calls about the same and offers what each says.
fn two(state: &str, event: Option<Event<'_>>, _: &Context<'_>) -> Said {
    match (state, event) {
        ("once", Some(Event::Callback(reply))) => Step::done(offer("b", price(&reply.text()))),
        (_, Some(Event::Callback(reply))) => {
            awaiting("c-1", "once").emitting(offer("a", price(&reply.text())))
        }
        _ => awaiting("c-1", "asked"),
    }
}

/// Waits for eight calls, each about something else, and offers what the last one says.
fn eight_in_turn(state: &str, event: Option<Event<'_>>, _: &Context<'_>) -> Said {
    let heard = state.parse().map_or(0, |heard: u8| heard + 1);
    match event {
        Some(Event::Callback(reply)) if heard == 8 => Step::done(offer("a", price(&reply.text()))),
        _ => awaiting(&format!("c-{heard}"), &heard.to_string()),
    }
}

/// Waits for one call, asks because of it, and offers what it said.
fn one_then_a_question(state: &str, event: Option<Event<'_>>, _: &Context<'_>) -> Said {
    match event {
        Some(Event::Callback(reply)) => Step::call(call(), price(&reply.text()).to_string()),
        Some(Event::Replies(_)) => Step::done(offer("a", state.parse().expect("a price"))),
        _ => awaiting("c-1", "asked"),
    }
}

/// Waits for one call, then for another about something else, and offers what the second says.
fn one_then_another(state: &str, event: Option<Event<'_>>, _: &Context<'_>) -> Said {
    match (state, event) {
        ("once", Some(Event::Callback(reply))) => Step::done(offer("a", price(&reply.text()))),
        (_, Some(Event::Callback(_))) => awaiting("c-2", "once"),
        _ => awaiting("c-1", "asked"),
    }
}

fn price(body: &str) -> i64 {
    serde_json::from_str::<serde_json::Value>(body).expect("JSON")["price"].as_i64().expect("a price")
}

/// How often conversations have said that they wait.
struct Waits(Arc<AtomicUsize>);

impl Waits {
    async fn come_to(&self, often: usize) {
        eventually("they wait", async || (self.0.load(Ordering::Relaxed) >= often).then_some(())).await;
        assert_eq!(self.0.load(Ordering::Relaxed), often);
    }
}

async fn open(
    says: impl Fn(&str, Option<Event<'_>>, &Context<'_>) -> Said + Send + Sync + 'static,
) -> (House, Waits) {
    open_at("http://127.0.0.1:9/", says).await
}

async fn open_at(
    base_url: &str,
    says: impl Fn(&str, Option<Event<'_>>, &Context<'_>) -> Said + Send + Sync + 'static,
) -> (House, Waits) {
    let counted = Arc::new(AtomicUsize::new(0));
    let waits = Waits(counted.clone());
    let says = move |state: &str, event: Option<Event<'_>>, cx: &Context<'_>| {
        let said = says(state, event, cx);
        counted.fetch_add(usize::from(matches!(said.next, Next::Await { .. })), Ordering::Relaxed);
        said
    };
    let rogue = Scripted::new(&manifest("rogue", "", ""), 1, says).built_in();
    let house = House::with_adapters(plan::of([]), &[rogue], |settings, _| {
        settings.set("insurers.rogue.base_url", base_url).set("server.stop_grace", "300ms");
    })
    .await;
    (house, waits)
}

/// The insurer tells a price.
async fn tell(house: &House, about: &str, roubles: i64) -> u16 {
    let address = format!("http://{}/insurers/rogue/callback?key=secret", house.client.partner);
    let body = told(about, roubles);
    house.client.stranger(Method::POST, &address, |request| request.body(body)).await.status
}

fn told(about: &str, roubles: i64) -> String {
    format!("{{\"about\": \"{about}\", \"price\": {roubles}}}")
}

async fn prices(house: &House, id: &str) -> Vec<i64> {
    let answer = house.client.finished(id).await;
    let offers = answer["offers"].as_array().expect("offers");
    offers.iter().map(|offer| offer["price"].as_f64().expect("a price") as i64).collect()
}
