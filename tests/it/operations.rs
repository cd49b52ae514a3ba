//! The operations port: health, metrics, the partner API's description.

use std::collections::BTreeMap;

use veer_simulator::{Fault, Faults, Knobs};

use crate::harness::{House, plan, request};

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_with_an_enabled_insurer_is_live_and_ready() {
    let house = House::open(plan::healthy()).await;
    assert_eq!(house.client.operate("/health/live").await.0, 200);
    let (status, body) = house.client.operate("/health/ready").await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_without_an_enabled_insurer_is_live_and_not_ready() {
    let house = House::furnished(plan::healthy(), |settings, _| {
        for code in ["alfastrah", "ingosstrakh", "renessans"] {
            settings.set(&format!("insurers.{code}.enabled"), false);
        }
    })
    .await;
    assert_eq!(house.client.operate("/health/live").await.0, 200);
    let (status, body) = house.client.operate("/health/ready").await;
    assert_eq!(status, 503);
    assert!(body.contains("enabled"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_series_is_there_before_the_first_request_and_none_is_added() {
    let house = House::open(plan::healthy()).await;
    let before = series(&house.client.operate("/metrics").await.1);
    let counters = before.iter().filter(|(name, _)| name.contains("_total"));
    assert!(counters.clone().count() > 100 && counters.clone().all(|(_, value)| *value == 0.0), "{before:?}");
    for name in [
        r#"veer_upstream_calls_total{insurer="ingosstrakh",lane="session",outcome="credentials"}"#,
        r#"veer_upstream_calls_total{insurer="renessans",lane="poll",outcome="first_byte"}"#,
        r#"veer_verdicts_total{insurer="alfastrah",operation="quote",verdict="registry_down"}"#,
        r#"veer_calculations_total{status="NO_CALCULATION_AVAILABLE"}"#,
        r#"veer_calculations_total{status="ACCEPTED"}"#,
        "veer_calculations_running",
        r#"veer_breaker_state{insurer="ingosstrakh",lane="session"}"#,
        r#"veer_breaker_blocked_total{insurer="renessans",lane="poll",mode="dry-run"}"#,
        "veer_registry_outage",
        r#"veer_adapter_steps_stuck{insurer="alfastrah"}"#,
    ] {
        assert!(before.contains_key(name), "{name} is not among {:?}", before.keys());
    }
    house.client.calculate(&request::sample()).await;
    let after = series(&house.client.operate("/metrics").await.1);
    let new: Vec<_> = after.keys().filter(|name| !before.contains_key(*name)).collect();
    assert!(new.iter().all(|name| name.contains("_seconds")), "{new:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counts_are_those_of_the_insurers_themselves() {
    let faults = Faults::default().with(Fault::Error, 0.2).with(Fault::Malformed, 0.2);
    let knobs = Knobs { faults, nonce_calls: 8, session_calls: 8, decline: 0.2, ..plan::quick() };
    let house = House::open(plan::all(&knobs)).await;
    let count = 12;
    house.client.calculate_about(count).await;
    let metrics = series(&house.client.operate("/metrics").await.1);
    let sum = |name: &str, labels: &str| -> f64 {
        let chosen = |series: &str| series.starts_with(name) && series.contains(labels);
        metrics.iter().filter(|(series, _)| chosen(series)).map(|(_, value)| value).sum()
    };
    for insurer in ["alfastrah", "ingosstrakh", "renessans"] {
        let outcome = |outcome: &str| {
            let turned_away = |(series, _): &(&String, &f64)| {
                series.contains(insurer) && series.contains(&format!("outcome=\"{outcome}\""))
            };
            metrics.iter().filter(turned_away).map(|(_, value)| value).sum::<f64>()
        };
        let label = format!("insurer=\"{insurer}\"");
        // Insurers write down what they let in: a stale nonce or an ended session is sent and turned away.
        let turned_away = outcome("challenged") + outcome("session_expired");
        let received = house.simulation.journal().iter().filter(|call| call.insurer == insurer).count();
        let sent = sum("veer_upstream_calls_total", &label);
        assert_eq!(sent - turned_away, received as f64, "{insurer}: {metrics:#?}");
        assert_eq!(turned_away > 0.0, insurer != "renessans", "{metrics:#?}");
        let quotes = format!("{label},operation=\"quote\"");
        assert_eq!(sum("veer_verdicts_total", &quotes), f64::from(count), "{insurer}");
    }
    let accepted = sum("veer_calculations_total", "ACCEPTED");
    assert_eq!(accepted, f64::from(count));
    assert_eq!(sum("veer_calculations_total", "status") - accepted, f64::from(count));
    assert_eq!(metrics["veer_calculations_running"], 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_partner_port_does_not_serve_operations() {
    let house = House::open(plan::healthy()).await;
    for path in ["/metrics", "/health/live", "/openapi.json", "/calculations/17"] {
        let mut lost = house.client.clone();
        lost.operations = lost.partner;
        assert_eq!(lost.operate(path).await.0, 404, "{path}");
    }
}

fn series(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let read = |line: &str| {
        let (name, value) = line.rsplit_once(' ').expect("a value");
        (name.to_owned(), value.parse().expect("a number"))
    };
    lines.map(read).collect()
}
