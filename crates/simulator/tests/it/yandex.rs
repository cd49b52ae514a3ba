//! The simulated Yandex over real sockets: it counts, and it goes wrong as wanted.

use std::time::Duration;

use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use veer_contract::domain::Kopecks;
use veer_simulator::{ConfirmedBy, SimulatorError, Yandex, YandexKnobs, YandexPlan};

use crate::client;

const TOKEN: &str = "invented-token";
const PARTNER: &str = "fan-1";
const REQUEST: &str = "0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9";

async fn healthy() -> Yandex {
    Yandex::start(YandexPlan::new(TOKEN, PARTNER)).await.unwrap()
}

async fn with(knobs: YandexKnobs) -> Yandex {
    Yandex::start(YandexPlan { knobs, ..YandexPlan::new(TOKEN, PARTNER) }).await.unwrap()
}

/// The fields of a sound call by GET.
fn sale() -> Vec<(&'static str, &'static str)> {
    vec![
        ("amount", "7072.35"),
        ("counterparty_id", "17"),
        ("offer_id", "offer 1"),
        ("partner_id", PARTNER),
        ("request_id", REQUEST),
    ]
}

/// The same with another value of one field, or with one field more.
fn sale_with<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<(&str, &str)> = sale();
    fields.retain(|(field, _)| *field != name);
    fields.push((name, value));
    fields
}

/// A sound row of a call by POST.
fn row(offer: &str) -> Value {
    json!({"request_id": REQUEST, "offer_id": offer, "counterparty_id": 17, "amount": 7072.35, "is_upsaled": true})
}

fn rows<const N: usize>(data: [Value; N]) -> Value {
    json!({"partner_id": PARTNER, "data": data.to_vec()})
}

fn target(yandex: &Yandex, fields: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    format!("{}?{query}", yandex.confirm_url())
}

async fn send(http: &Client, yandex: &Yandex, fields: &[(&str, &str)]) -> reqwest::Result<Response> {
    http.get(target(yandex, fields)).header("Authorization", format!("OAuth {TOKEN}")).send().await
}

/// Status and body.
async fn get(yandex: &Yandex, fields: &[(&str, &str)]) -> (u16, Value) {
    taken(send(&client::http(), yandex, fields).await.unwrap()).await
}

async fn post(yandex: &Yandex, body: &Value) -> (u16, Value) {
    let request = client::http().post(yandex.confirm_url()).body(body.to_string());
    let request = request.header("Authorization", format!("Bearer {TOKEN}"));
    taken(request.header("Content-Type", "application/json").send().await.unwrap()).await
}

async fn taken(response: Response) -> (u16, Value) {
    (response.status().as_u16(), client::json(response).await)
}

/// Tells of a sale and leaves when it has arrived; an answer would come in that time, and must not.
async fn abandon(yandex: &Yandex) {
    let request = client::http().get(target(yandex, &sale()));
    let mut call = tokio::spawn(request.header("Authorization", format!("OAuth {TOKEN}")).send());
    client::until(|| yandex.received().len() == 1).await;
    let answer = tokio::time::timeout(Duration::from_millis(200), &mut call).await;
    assert!(answer.is_err(), "{answer:?}");
    call.abort();
}

/// The fields that a refusal names.
fn named(body: &Value) -> Vec<&str> {
    let properties = body["properties"].as_array().unwrap();
    properties.iter().map(|problem| problem["property"].as_str().unwrap()).collect()
}

/// Whether each sale received was counted, and what was answered.
fn outcomes(yandex: &Yandex) -> Vec<(bool, Option<u16>)> {
    yandex.received().iter().map(|sale| (sale.counted, sale.answer)).collect()
}

#[tokio::test]
async fn a_sale_told_by_get_is_credited() {
    let yandex = healthy().await;
    assert_eq!(get(&yandex, &sale_with("is_upsaled", "true")).await, (200, json!({"request_id": REQUEST})));
    let credited = yandex.credited();
    assert_eq!(credited, yandex.received());
    let [sale] = &credited[..] else { panic!("{credited:?}") };
    assert_eq!((sale.request_id.as_str(), sale.offer_id.as_str()), (REQUEST, "offer 1"));
    assert_eq!((sale.counterparty_id, sale.amount), (17, Kopecks::new(707_235)));
    assert_eq!((sale.is_upsaled, sale.method, sale.call), (Some(true), ConfirmedBy::Get, 1));
    assert_eq!((sale.counted, sale.answer), (true, Some(200)));
    assert!(yandex.refusals().is_empty() && yandex.contradictions().is_empty());
    yandex.stop().await;
}

#[tokio::test]
async fn sales_told_in_bulk_are_credited_each() {
    let yandex = healthy().await;
    let mut bare = row("b");
    bare.as_object_mut().unwrap().remove("is_upsaled");
    assert_eq!(post(&yandex, &rows([row("a"), bare])).await, (200, json!({})));
    let credited = yandex.credited();
    let told: Vec<_> = credited.iter().map(|sale| (sale.offer_id.as_str(), sale.is_upsaled)).collect();
    assert_eq!(told, [("a", Some(true)), ("b", None)]);
    assert!(credited.iter().all(|sale| sale.method == ConfirmedBy::Post && sale.call == 1));
}

#[tokio::test]
async fn a_sale_told_again_is_taken_and_not_credited_again() {
    let yandex = healthy().await;
    get(&yandex, &sale()).await;
    assert_eq!(get(&yandex, &sale()).await.0, 200);
    let shouted = REQUEST.to_uppercase();
    assert_eq!(get(&yandex, &sale_with("request_id", &shouted)).await.0, 200);
    assert_eq!(post(&yandex, &rows([row("offer 1"), row("offer 1"), row("offer 2")])).await.0, 200);
    assert_eq!(yandex.received().len(), 6);
    let credited: Vec<_> = yandex.credited().into_iter().map(|sale| (sale.offer_id, sale.call)).collect();
    assert_eq!(credited, [("offer 1".into(), 1), ("offer 2".into(), 4)]);
    assert!(yandex.contradictions().is_empty());
}

#[tokio::test]
async fn the_same_offer_of_another_calculation_is_another_sale() {
    let yandex = healthy().await;
    get(&yandex, &sale()).await;
    get(&yandex, &sale_with("request_id", "1b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9")).await;
    assert_eq!(yandex.credited().len(), 2);
}

#[tokio::test]
async fn a_sale_told_otherwise_is_refused_and_listed() {
    let yandex = healthy().await;
    get(&yandex, &sale()).await;
    for (field, value) in [("amount", "7072.36"), ("counterparty_id", "18")] {
        let (status, body) = get(&yandex, &sale_with(field, value)).await;
        assert_eq!((status, named(&body)), (409, vec![field]));
    }
    let contradictions = yandex.contradictions();
    assert_eq!(contradictions.len(), 2);
    assert_eq!(contradictions[0].first, yandex.credited()[0]);
    assert_eq!(contradictions[0].again.amount, Kopecks::new(707_236));
    assert_eq!(contradictions[1].again.counterparty_id, 18);
    assert_eq!(outcomes(&yandex), [(true, Some(200)), (false, Some(409)), (false, Some(409))]);
    assert_eq!(yandex.credited().len(), 1);
}

#[tokio::test]
async fn a_contradiction_in_bulk_counts_nothing() {
    let yandex = healthy().await;
    let mut other = row("a");
    other["amount"] = json!(1);
    let (status, body) = post(&yandex, &rows([row("a"), row("b"), other])).await;
    assert_eq!((status, named(&body)), (409, vec!["data[2].amount"]));
    assert!(yandex.credited().is_empty());
    assert_eq!(outcomes(&yandex), [(false, Some(409)); 3]);
    let contradictions = yandex.contradictions();
    assert_eq!((contradictions.len(), contradictions[0].first.counted), (1, false));
    assert_eq!(post(&yandex, &rows([row("a"), row("b")])).await.0, 200);
    assert_eq!(yandex.credited().len(), 2);
}

#[tokio::test]
async fn the_token_is_demanded_in_either_way() {
    let yandex = healthy().await;
    let http = client::http();
    let with = async |header: Option<&str>| {
        let mut request = http.get(target(&yandex, &sale()));
        if let Some(header) = header {
            request = request.header("Authorization", header);
        }
        request.send().await.unwrap().status().as_u16()
    };
    let wrong = [None, Some("OAuth other"), Some("Basic invented-token"), Some(TOKEN), Some("OAuth ")];
    for header in wrong {
        assert_eq!(with(header).await, 403, "{header:?}");
    }
    assert_eq!(http.post(yandex.confirm_url()).send().await.unwrap().status(), 403);
    assert!(yandex.received().is_empty());
    let refusals = yandex.refusals();
    assert!(refusals.iter().all(|refusal| refusal.status == 403), "{refusals:?}");
    assert_eq!(refusals.len(), wrong.len() + 1);
    assert_eq!(with(Some("OAuth invented-token")).await, 200);
    assert_eq!(with(Some("bearer invented-token")).await, 200);
    assert_eq!(yandex.credited().len(), 1);
}

#[tokio::test]
async fn every_wrong_field_of_a_get_is_named() {
    let yandex = healthy().await;
    let wrong = [
        ("amount", "7072,35"),
        ("amount", "7072.355"),
        ("amount", "0"),
        ("counterparty_id", "seventeen"),
        ("counterparty_id", ""),
        ("offer_id", " "),
        ("partner_id", "fan-2"),
        ("request_id", "42"),
        ("is_upsaled", "1"),
        ("policy_id", "1"),
    ];
    for (field, value) in wrong {
        let (status, body) = get(&yandex, &sale_with(field, value)).await;
        assert_eq!((status, named(&body)), (400, vec![field]), "{value}");
    }
    let mut twice = sale();
    twice.push(("amount", "7072.35"));
    assert_eq!(named(&get(&yandex, &twice).await.1), ["amount"]);
    for (index, (field, _)) in sale().into_iter().enumerate() {
        let mut fields = sale();
        fields.remove(index);
        let (status, body) = get(&yandex, &fields).await;
        assert_eq!((status, named(&body)), (400, vec![field]));
    }
    let mut all = named(&get(&yandex, &[]).await.1).into_iter().map(str::to_owned).collect::<Vec<_>>();
    all.sort();
    assert_eq!(all, ["amount", "counterparty_id", "offer_id", "partner_id", "request_id"]);
    assert!(yandex.credited().is_empty());
    let refusals = yandex.refusals();
    assert_eq!(refusals.len(), wrong.len() + 1 + 5 + 1);
    assert!(refusals[0].problems[0].starts_with("amount: must be an amount"), "{refusals:?}");
}

#[tokio::test]
async fn every_wrong_field_of_a_bulk_is_named_and_nothing_counts() {
    let yandex = healthy().await;
    let mut wrong = row("b");
    wrong["amount"] = json!("7072.35");
    let (status, body) = post(&yandex, &rows([row("a"), wrong, row("c")])).await;
    assert_eq!((status, named(&body)), (400, vec!["data[1].amount"]));
    assert!(yandex.credited().is_empty());
    assert_eq!(outcomes(&yandex), [(false, Some(400)); 2], "the rows that could be read are written down");

    let fields = [
        ("amount", json!(7072.351)),
        ("amount", json!(-1)),
        ("counterparty_id", json!("17")),
        ("counterparty_id", json!(17.5)),
        ("offer_id", json!(1)),
        ("request_id", json!("r")),
        ("is_upsaled", json!("true")),
        ("is_upsaled", Value::Null),
        ("policy_id", json!(1)),
    ];
    for (field, value) in fields {
        let mut wrong = row("b");
        wrong[field] = value.clone();
        let (status, body) = post(&yandex, &rows([wrong])).await;
        assert_eq!((status, named(&body)), (400, vec![format!("data[0].{field}").as_str()]), "{value}");
    }
    let bodies = [
        (json!([]), "body"),
        (json!({"partner_id": PARTNER}), "data"),
        (rows([]), "data"),
        (rows([json!(1)]), "data[0]"),
        (json!({"partner_id": "fan-2", "data": [row("a")]}), "partner_id"),
        (json!({"data": [row("a")]}), "partner_id"),
        (json!({"partner_id": PARTNER, "data": [row("a")], "token": 1}), "token"),
    ];
    for (body, field) in bodies {
        let (status, answer) = post(&yandex, &body).await;
        assert_eq!((status, named(&answer)), (400, vec![field]), "{body}");
    }
    assert!(yandex.credited().is_empty());
}

#[tokio::test]
async fn a_bulk_that_is_not_called_json_is_refused() {
    let yandex = healthy().await;
    let request = client::http().post(yandex.confirm_url()).header("Authorization", format!("OAuth {TOKEN}"));
    let (status, body) = taken(request.body(rows([row("a")]).to_string()).send().await.unwrap()).await;
    assert_eq!((status, named(&body)), (400, vec!["Content-Type"]));
}

#[tokio::test]
async fn nothing_else_is_served() {
    let yandex = healthy().await;
    let http = client::http();
    assert_eq!(http.put(yandex.confirm_url()).send().await.unwrap().status(), 405);
    assert_eq!(http.get(format!("{}/more", yandex.confirm_url())).send().await.unwrap().status(), 404);
    assert!(yandex.refusals().is_empty());
}

#[tokio::test]
async fn refusals_are_not_counted_and_end() {
    let yandex = with(YandexKnobs { refuse: 2, ..YandexKnobs::default() }).await;
    assert_eq!(get(&yandex, &sale()).await.0, 500);
    assert_eq!(get(&yandex, &sale_with("amount", "-1")).await.0, 400, "wrong calls spend no knob");
    assert_eq!(post(&yandex, &rows([row("a"), row("b")])).await.0, 500, "a bulk spends one");
    assert_eq!(yandex.knobs().refuse, 0);
    assert_eq!(get(&yandex, &sale()).await.0, 200);
    yandex.set(YandexKnobs { refuse: 1, refuse_status: 429, ..YandexKnobs::default() }).unwrap();
    assert_eq!(get(&yandex, &sale()).await.0, 429);
    let refused = |status| (false, Some(status));
    assert_eq!(
        outcomes(&yandex),
        [refused(500), refused(500), refused(500), (true, Some(200)), refused(429)]
    );
    assert_eq!(yandex.credited().len(), 1);
    assert_eq!(yandex.refusals().len(), 1, "what the knobs refuse is not the caller's fault");
}

#[tokio::test]
async fn a_call_met_with_silence_may_have_been_counted_or_not() {
    for time_out_counted in [false, true] {
        let yandex = with(YandexKnobs { time_out: 1, time_out_counted, ..YandexKnobs::default() }).await;
        abandon(&yandex).await;
        assert_eq!(outcomes(&yandex), [(time_out_counted, None)]);
        assert_eq!(get(&yandex, &sale()).await.0, 200);
        assert_eq!(outcomes(&yandex)[1], (!time_out_counted, Some(200)));
        assert_eq!(yandex.credited().len(), 1);
    }
}

#[tokio::test]
async fn stopping_ends_the_silence() {
    let yandex = with(YandexKnobs { time_out: 1, ..YandexKnobs::default() }).await;
    let request = client::http().get(target(&yandex, &sale()));
    let call = tokio::spawn(request.header("Authorization", format!("OAuth {TOKEN}")).send());
    client::until(|| yandex.received().len() == 1).await;
    tokio::time::timeout(Duration::from_secs(15), yandex.stop()).await.expect("stopping does not hang");
    assert!(!call.await.unwrap().unwrap_err().is_timeout());
}

#[tokio::test]
async fn a_lost_answer_was_counted() {
    let yandex = with(YandexKnobs { lose_answer: 2, ..YandexKnobs::default() }).await;
    let lost = send(&client::http(), &yandex, &sale()).await.unwrap_err();
    assert!(lost.is_request() && !lost.is_timeout(), "{lost:?}");
    assert_eq!(outcomes(&yandex), [(true, None)]);
    assert!(send(&client::http(), &yandex, &sale_with("amount", "1")).await.is_err());
    assert_eq!(yandex.contradictions().len(), 1, "a contradiction is listed, also where nobody is told");
    assert_eq!(get(&yandex, &sale()).await.0, 200);
    assert_eq!(outcomes(&yandex), [(true, None), (false, None), (false, Some(200))]);
    assert_eq!(yandex.credited().len(), 1);
}

#[tokio::test]
async fn of_a_lost_answer_not_one_byte_arrives() {
    let yandex = with(YandexKnobs { lose_answer: 1, ..YandexKnobs::default() }).await;
    let url = url::Url::parse(&target(&yandex, &sale())).unwrap();
    let address = url.socket_addrs(|| None).unwrap()[0];
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let (path, query) = (url.path(), url.query().unwrap());
    let request =
        format!("GET {path}?{query} HTTP/1.1\r\nHost: {address}\r\nAuthorization: OAuth {TOKEN}\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), socket.read_to_end(&mut answer));
    // Closed or reset, either is an end.
    let _ = read.await.expect("the connection ends");
    assert_eq!(String::from_utf8_lossy(&answer), "");
    assert_eq!(yandex.credited().len(), 1);
}

#[tokio::test]
async fn a_slow_yandex_counts_before_it_answers() {
    let yandex = with(YandexKnobs { delay: Duration::from_secs(600), ..YandexKnobs::default() }).await;
    abandon(&yandex).await;
    assert_eq!(outcomes(&yandex), [(true, Some(200))]);
    yandex.set(YandexKnobs { delay: Duration::from_millis(1), ..YandexKnobs::default() }).unwrap();
    assert_eq!(get(&yandex, &sale()).await.0, 200);
    assert_eq!(yandex.credited().len(), 1);
}

#[tokio::test]
async fn many_at_once_credit_a_sale_once() {
    let yandex = healthy().await;
    let http = client::http();
    let fields = sale();
    let calls = (0..50).map(|_| send(&http, &yandex, &fields));
    let answers = futures::future::join_all(calls).await;
    assert!(answers.into_iter().all(|answer| answer.unwrap().status() == 200));
    assert_eq!((yandex.received().len(), yandex.credited().len()), (50, 1));
}

#[tokio::test]
async fn senseless_plans_knobs_and_addresses_are_refused() {
    let refused = Yandex::start(YandexPlan::new("", PARTNER)).await.err();
    assert!(matches!(refused, Some(SimulatorError::Plan(_))), "{refused:?}");
    let yandex = healthy().await;
    let senseless = YandexKnobs { refuse: 1, refuse_status: 200, ..YandexKnobs::default() };
    assert!(matches!(yandex.set(senseless), Err(SimulatorError::Plan(_))));
    assert_eq!(get(&yandex, &sale()).await.0, 200);
    let listen = url::Url::parse(&yandex.confirm_url()).unwrap().socket_addrs(|| None).unwrap()[0];
    let taken = Yandex::start(YandexPlan { listen, ..YandexPlan::new(TOKEN, PARTNER) }).await.err();
    assert!(matches!(taken, Some(SimulatorError::Listen { .. })), "{taken:?}");
}

#[tokio::test]
async fn a_dropped_yandex_stops() {
    let yandex = healthy().await;
    let url = target(&yandex, &sale());
    drop(yandex);
    let gone = async { while client::http().get(&url).send().await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(20), gone).await.expect("it stops");
}
