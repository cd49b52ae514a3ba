//! A limit is changed in the middle of a load that is more than it, on two replicas: both follow within a second, and the
//! insurer counts no call too many.
//!
//! It runs on PostgreSQL whatever engine the other tests are run on.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::{
    harness::{eventually, plan, request},
    replicas::Stage,
};

const TOKEN: &str = "anna-has-a-token";
/// Calls may come a little closer together than they left. What a window may lack for that is far from a call of the
/// limits here.
const TRAVEL: Duration = Duration::from_millis(250);
const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_is_changed_under_load_is_followed_by_both_replicas_within_a_second() {
    let mut stage = Stage::set("30s").await;
    stage.simulation.set_knobs("ingosstrakh", plan::quick()).expect("knobs");
    stage
        .settings
        .set("operations.accounts.anna.token", TOKEN)
        .set("insurers.alfastrah.enabled", false)
        .set("insurers.renessans.enabled", false)
        .set("insurers.ingosstrakh.lanes.create.concurrent", 200)
        .set("insurers.ingosstrakh.lanes.create.rate", toml::Value::Array(vec!["10/s burst 2".into()]));
    let (first, second) = (stage.start().await, stage.start().await);
    eventually("they know each other", async || {
        let (_, metrics) = first.client.operate("/metrics").await;
        metrics.contains("\nveer_replicas 2\n").then_some(())
    })
    .await;
    let called = || {
        let calls = stage.simulation.journal().into_iter();
        let calls = calls.filter(|call| call.insurer == "ingosstrakh" && call.operation == "GetTariff");
        calls.map(|call| call.at).collect::<Vec<_>>()
    };

    // More than ten seconds of work for the first limit, half of it at each.
    for car in (1..120).step_by(2) {
        first.client.accepted(&request::about_car(car)).await;
        second.client.accepted(&request::about_car(car + 1)).await;
    }
    let calls =
        eventually("the load is under way", async || Some(called()).filter(|calls| calls.len() > 30)).await;
    let change = json!({ "value": "2/s", "for": "1h", "reason": "they asked for it" });
    let address = format!("http://{}/limits/ingosstrakh/create/limit/override", first.client.operations);
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let asked = http.request(Method::POST, address).bearer_auth(TOKEN).body(change.to_string());
    let answer = asked.header("content-type", "application/json").send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap_or_default());
    let changed = *called().last().expect("a call");
    tokio::time::sleep(6 * SECOND).await;

    let calls_at_last = called();
    let most = |calls: &[Duration]| {
        let within = |from: &Duration| {
            calls.iter().filter(|at| (*from..*from + SECOND - TRAVEL).contains(*at)).count()
        };
        calls.iter().map(within).max().unwrap_or(0)
    };
    assert!(most(&calls_at_last) <= 10, "{calls_at_last:?}");
    let later = changed + SECOND..changed + 6 * SECOND;
    let after: Vec<Duration> = calls_at_last.iter().copied().filter(|at| later.contains(at)).collect();
    assert!(most(&after) <= 2, "changed at {changed:?}: {after:?}");
    // And what is allowed is used: ten calls in five seconds.
    assert!((5..=11).contains(&after.len()), "changed at {changed:?}: {after:?}");
    let (begun, before) = (calls[0], calls[29]);
    assert!(before - begun >= Duration::from_millis(2_600), "30 calls in {:?}", before - begun);
}
