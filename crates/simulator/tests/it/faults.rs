//! Every way to go wrong, seen from the caller.

use std::time::Duration;

use reqwest::Response;
use veer_simulator::{Drip, Fault, Faults, Knobs, Outcome, Simulation};

use crate::{
    client::{self, Alfastrah, Ingosstrakh, Renessans, tariff},
    risks,
};

async fn always(fault: Fault) -> Simulation {
    let faults = Faults::default().with(fault, 1.0);
    let drip = Drip { bytes: 64, pause: Duration::from_millis(1) };
    client::with(Knobs { faults, drip, ..Knobs::default() }).await
}

/// The answer of each insurer to its quoting call, by a client with this patience.
async fn answers(simulation: &Simulation, patience: Duration) -> [reqwest::Result<Response>; 3] {
    let http = client::impatient(patience);
    let mut alfastrah = Alfastrah::new(simulation);
    alfastrah.http = http.clone();
    let mut ingosstrakh = Ingosstrakh::new(simulation);
    let body = tariff(&ingosstrakh.login().await, &risks::ingosstrakh());
    ingosstrakh.http = http.clone();
    let mut renessans = Renessans::new(simulation);
    renessans.http = http;
    let fields = risks::renessans();
    [
        alfastrah.send("wapi/osago/calculation", Some(&risks::alfastrah())).await,
        ingosstrakh.send("GetTariff", &body).await,
        renessans.send(&fields).await,
    ]
}

async fn answered(fault: Fault) -> (Simulation, Vec<Response>) {
    let simulation = always(fault).await;
    let answers = answers(&simulation, Duration::from_secs(20)).await;
    (simulation, answers.into_iter().map(Result::unwrap).collect())
}

fn assert_marked(simulation: &Simulation, fault: Fault) {
    let marked = simulation.journal().iter().filter(|call| call.outcome == Outcome::Faulted(fault)).count();
    assert_eq!(marked, 3);
}

#[tokio::test]
async fn errors_are_5xx() {
    let (simulation, answers) = answered(Fault::Error).await;
    assert!(answers.iter().all(|answer| answer.status().is_server_error()));
    assert_marked(&simulation, Fault::Error);
}

#[tokio::test]
async fn errors_come_as_the_insurers_own_and_as_a_proxys_page() {
    let simulation = always(Fault::Error).await;
    let renessans = Renessans::new(&simulation);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..40 {
        let answer = renessans.send(&risks::renessans()).await.unwrap();
        let kind = answer.headers()["Content-Type"].to_str().unwrap().split(';').next().unwrap().to_owned();
        seen.insert((answer.status().as_u16(), kind));
    }
    let html = |status| (status, "text/html".to_owned());
    assert_eq!(Vec::from_iter(seen), [(500, "application/json".into()), html(502), html(503), html(504)]);
}

#[tokio::test]
async fn too_many_tells_when_to_come_back() {
    let (simulation, answers) = answered(Fault::TooMany).await;
    for answer in answers {
        assert_eq!(answer.status(), 429);
        assert_eq!(answer.headers()["Retry-After"], "1");
    }
    assert_marked(&simulation, Fault::TooMany);
}

#[tokio::test]
async fn a_hang_never_answers() {
    let simulation = always(Fault::Hang).await;
    for answer in answers(&simulation, Duration::from_millis(200)).await {
        assert!(answer.unwrap_err().is_timeout());
    }
    assert_marked(&simulation, Fault::Hang);
}

#[tokio::test]
async fn stopping_ends_what_hangs() {
    let simulation = always(Fault::Hang).await;
    let (http, url) = (client::http(), client::of(&simulation, veer_simulator::Wire::Renessans));
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("key", &url.key)
        .extend_pairs(risks::renessans())
        .finish();
    let request = http.post(format!("{}calculate/", url.base_url)).body(form);
    let call = tokio::spawn(request.send());
    client::until(|| url.calls_under_way() == 1).await;
    tokio::time::timeout(Duration::from_secs(15), simulation.stop()).await.expect("stopping does not hang");
    assert!(call.await.unwrap().is_err());
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_brings() {
    let (simulation, answers) = answered(Fault::Truncated).await;
    for answer in answers {
        assert_eq!(answer.status(), 200);
        assert!(answer.content_length().unwrap() > 0);
        assert!(answer.bytes().await.is_err());
    }
    assert_marked(&simulation, Fault::Truncated);
}

#[tokio::test]
async fn a_malformed_answer_is_whole_as_http_and_broken_as_a_document() {
    let (simulation, answers) = answered(Fault::Malformed).await;
    for answer in answers {
        assert_eq!(answer.status(), 200);
        let text = answer.text().await.unwrap();
        assert!(!text.is_empty());
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_err());
        assert!(!text.trim_end().ends_with("Envelope>"));
    }
    assert_marked(&simulation, Fault::Malformed);
}

#[tokio::test]
async fn nulls_keep_the_shape_and_lose_the_values() {
    let (simulation, answers) = answered(Fault::Nulls).await;
    let mut texts = Vec::new();
    for answer in answers {
        texts.push(answer.text().await.unwrap());
    }
    assert!(texts[0].contains("\"insurance_premium\":null"), "{}", texts[0]);
    assert!(texts[1].contains("<PremiumAmount></PremiumAmount>"), "{}", texts[1]);
    assert!(texts[2].to_lowercase().contains("\"id\":null"), "{}", texts[2]);
    assert_marked(&simulation, Fault::Nulls);
}

#[tokio::test]
async fn a_drip_brings_the_right_answer() {
    let healthy = client::fast().await;
    let whole = answers(&healthy, Duration::from_secs(20)).await;
    let (simulation, dripped) = answered(Fault::Drip).await;
    for (whole, dripped) in whole.into_iter().zip(dripped) {
        assert_eq!(dripped.text().await.unwrap(), whole.unwrap().text().await.unwrap());
    }
    assert_marked(&simulation, Fault::Drip);
}

#[tokio::test]
async fn a_drip_lets_the_head_through_and_keeps_the_body_back() {
    let faults = Faults { drip: 1.0, ..Faults::default() };
    let drip = Drip { bytes: 1, pause: Duration::from_secs(600) };
    let simulation = client::with(Knobs { faults, drip, ..Knobs::default() }).await;
    for answer in answers(&simulation, Duration::from_millis(300)).await {
        assert!(answer.unwrap().bytes().await.unwrap_err().is_timeout());
    }
}

#[tokio::test]
async fn the_register_is_down_in_each_insurers_words() {
    let (simulation, answers) = answered(Fault::RegistryDown).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status().as_u16()).collect();
    assert_eq!(statuses, [500, 200, 200]);
    for answer in answers {
        let text = answer.text().await.unwrap();
        assert!(text.contains("РСА временно недоступен"), "{text}");
    }
    assert_marked(&simulation, Fault::RegistryDown);
}

#[tokio::test]
async fn a_repeated_call_may_succeed_where_the_first_failed() {
    let faults = Faults { error: 0.5, ..Faults::default() };
    let simulation = client::with(Knobs { faults, ..Knobs::default() }).await;
    let renessans = Renessans::new(&simulation);
    let mut statuses = std::collections::BTreeSet::new();
    for _ in 0..20 {
        statuses.insert(renessans.send(&risks::renessans()).await.unwrap().status().is_success());
    }
    assert_eq!(statuses.len(), 2);
}
