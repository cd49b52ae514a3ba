//! Credentials that an insurer refuses are verdict 407, on every wire in its own way.

use crate::harness::{House, plan, request};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_or_key_is_verdict_407() {
    let house = House::furnished(plan::healthy(), |settings, _| {
        settings.set("insurers.alfastrah.settings.password", "wrong");
        settings.set("insurers.ingosstrakh.settings.password", "wrong");
        settings.set("insurers.renessans.settings.key", "wrong");
    })
    .await;
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 407), ("ingosstrakh", 407), ("renessans", 407)]);
    assert_eq!(answer["status"], "CALCULATION_ERROR");
    assert!(house.simulation.journal().is_empty(), "nobody was let in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_is_shared_and_not_tried_again_at_once() {
    let house = House::furnished(plan::of([("ingosstrakh", plan::quick())]), |settings, _| {
        settings.set("insurers.ingosstrakh.settings.user", "nobody");
    })
    .await;
    for _ in 0..2 {
        let (_, explained) = house.client.calculate_explained(&request::again()).await;
        assert_eq!(explained.verdict("ingosstrakh"), 407);
        assert!(explained.detail("ingosstrakh").contains("Login"), "{explained:?}");
    }
    // An insurer locks an account that fails too often: the second calculation is told what the first was.
    let (_, metrics) = house.client.operate("/metrics").await;
    let logins = "veer_upstream_calls_total{insurer=\"ingosstrakh\",lane=\"session\",outcome=\"ok\"} 1";
    assert!(metrics.contains(logins), "{metrics}");
}
