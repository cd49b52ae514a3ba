//! An insurer's limits are kept, and whoever comes too late is told so.

use serde_json::json;
use tempfile::TempDir;
use veer_simulator::{Fault, Simulation};

use crate::harness::{House, Process, Settings, eventually, plan, request};

#[tokio::test(flavor = "multi_thread")]
async fn over_the_rate_limit_an_insurer_is_skipped_with_verdict_300() {
    let house = House::furnished(plan::of([("ingosstrakh", plan::quick())]), |settings, _| {
        settings.set("insurers.ingosstrakh.lanes.create.rate", rate("1/h"));
    })
    .await;
    let answer = house.client.calculate(&request::about_car(1)).await;
    assert_eq!(answer["status"], "CALCULATION_READY");
    let (answer, explained) = house.client.calculate_explained(&request::about_car(2)).await;
    assert_eq!(explained.verdict("ingosstrakh"), 300);
    assert!(explained.detail("ingosstrakh").contains("rate limit"), "{explained:?}");
    assert_eq!((&answer["status"], &answer["offers"]), (&json!("NO_CALCULATION_AVAILABLE"), &json!([])));
    assert_eq!(house.received("ingosstrakh", "GetTariff").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rate_limit_is_the_insurers_own() {
    let house = House::furnished(plan::healthy(), |settings, _| {
        settings.set("insurers.renessans.lanes.create.rate", rate("1/h"));
    })
    .await;
    let (_, explained) = house.client.calculate_explained(&request::about_car(1)).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 0), ("ingosstrakh", 0), ("renessans", 0)]);
    let (answer, explained) = house.client.calculate_explained(&request::about_car(2)).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 0), ("ingosstrakh", 0), ("renessans", 300)]);
    assert_eq!(answer["offers"].as_array().map(Vec::len), Some(2));
    assert_eq!(house.received("renessans", "calculate").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_permit_in_time_an_insurer_is_skipped_with_verdict_302() {
    let house = House::furnished(plan::of([("ingosstrakh", plan::faulty(Fault::Hang))]), |settings, _| {
        settings.set("calculation.budget", "3s").set("insurers.ingosstrakh.lanes.create.concurrent", 1);
    })
    .await;
    let first = house.client.accepted(&request::about_car(1)).await;
    eventually("the first call is under way", async || {
        (!house.received("ingosstrakh", "GetTariff").is_empty()).then_some(())
    })
    .await;
    let (answer, explained) = house.client.calculate_explained(&request::about_car(2)).await;
    assert_eq!(explained.verdict("ingosstrakh"), 302);
    assert_eq!((&answer["status"], &answer["offers"]), (&json!("NO_CALCULATION_AVAILABLE"), &json!([])));
    house.client.finished(&first).await;
    assert_eq!(house.client.explain(&first).await.verdict("ingosstrakh"), 404);
    assert_eq!(house.simulation.insurer("ingosstrakh").expect("an insurer").most_calls_at_once(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_the_rate_limit_it_is_verdict_300_also_while_all_permits_are_taken() {
    let house = House::furnished(plan::of([("ingosstrakh", plan::faulty(Fault::Hang))]), |settings, _| {
        settings
            .set("calculation.budget", "3s")
            .set("insurers.ingosstrakh.lanes.create.concurrent", 1)
            .set("insurers.ingosstrakh.lanes.create.rate", rate("1/h"));
    })
    .await;
    let first = house.client.accepted(&request::about_car(1)).await;
    eventually("the first call is under way", async || {
        (!house.received("ingosstrakh", "GetTariff").is_empty()).then_some(())
    })
    .await;
    let (_, explained) = house.client.calculate_explained(&request::about_car(2)).await;
    assert_eq!(explained.verdict("ingosstrakh"), 300);
    house.client.finished(&first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn never_more_calls_are_under_way_than_the_lane_allows() {
    let house = House::furnished(plan::of([("alfastrah", plan::slow(100))]), |settings, _| {
        settings.set("insurers.alfastrah.lanes.create.concurrent", 3);
    })
    .await;
    for (answer, _) in house.client.calculate_about(12).await {
        assert_eq!(answer["status"], "CALCULATION_READY");
    }
    assert_eq!(house.simulation.insurer("alfastrah").expect("an insurer").most_calls_at_once(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_budget_cuts_a_slow_insurer_off_with_verdict_404() {
    let house = House::furnished(plan::all(&plan::slow(120_000)), |settings, _| {
        settings.set("calculation.budget", "2s");
    })
    .await;
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 404), ("ingosstrakh", 404), ("renessans", 404)]);
    assert_eq!(answer["status"], "CALCULATION_ERROR");
    let offers = answer["offers"].as_array().expect("offers");
    assert_eq!(offers.len(), 3);
    assert!(offers.iter().all(|offer| offer["status"] == "CLOSED_TIMEOUT" && offer["message"].is_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_days_quota_goes_on_after_a_restart() {
    let mut house = House::furnished(plan::of([("ingosstrakh", plan::quick())]), |settings, _| {
        settings.set("insurers.ingosstrakh.lanes.create.rate", rate("3/day"));
    })
    .await;
    for car in 1..=2 {
        house.client.calculate(&request::about_car(car)).await;
    }
    house.restart().await;
    let (_, explained) = house.client.calculate_explained(&request::about_car(3)).await;
    assert_eq!(explained.verdict("ingosstrakh"), 0, "a gentle stop gives back what it had reserved");
    let (_, explained) = house.client.calculate_explained(&request::about_car(4)).await;
    assert_eq!(explained.verdict("ingosstrakh"), 300);
    assert!(explained.detail("ingosstrakh").contains("3/day"), "{explained:?}");
    assert_eq!(house.received("ingosstrakh", "GetTariff").len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_killed_never_exceeds_the_days_quota() {
    let simulation =
        Simulation::start(plan::of([("ingosstrakh", plan::quick())])).await.expect("a simulated insurer");
    let (mut settings, folder) =
        (Settings::of(&simulation), TempDir::with_prefix("veer-test-").expect("a folder"));
    settings.set("insurers.ingosstrakh.lanes.create.rate", rate("6/day"));
    let asked = || simulation.journal().iter().filter(|call| call.operation == "GetTariff").count();
    for run in 0..3 {
        let process = Process::start(&settings, folder.path()).await;
        for car in 0..2 {
            process.client.calculate(&request::about_car(run * 10 + car)).await;
        }
        process.kill();
    }
    assert!((4..=6).contains(&asked()), "at most a block of one is lost each time: {}", asked());
    let process = Process::start(&settings, folder.path()).await;
    for car in 0..4 {
        process.client.calculate(&request::about_car(100 + car)).await;
    }
    assert!((4..=6).contains(&asked()), "{}", asked());
    let (_, explained) = process.client.calculate_explained(&request::about_car(200)).await;
    assert_eq!(explained.verdict("ingosstrakh"), 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_asks_and_tells_what_it_would_have_refused() {
    let house = House::furnished(plan::of([("ingosstrakh", plan::quick())]), |settings, _| {
        settings
            .set("insurers.ingosstrakh.lanes.create.rate", rate("1/h"))
            .set("insurers.ingosstrakh.lanes.create.limits", "dry-run");
    })
    .await;
    for car in 1..=3 {
        let (_, explained) = house.client.calculate_explained(&request::about_car(car)).await;
        assert_eq!(explained.verdict("ingosstrakh"), 0);
    }
    let (_, metrics) = house.client.operate("/metrics").await;
    let of_lane = "insurer=\"ingosstrakh\",lane=\"create\"";
    for line in [
        format!("veer_limit_refused_total{{{of_lane},mode=\"dry-run\"}} 2"),
        format!("veer_limit_refused_total{{{of_lane},mode=\"on\"}} 0"),
        format!("veer_limit_used{{{of_lane},window=\"h\"}} 3"),
        format!("veer_limit_allowed{{{of_lane},window=\"h\"}} 1"),
    ] {
        assert!(metrics.contains(&line), "{line} is not in\n{metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_left_is_not_counted() {
    let house = House::furnished(plan::of([("renessans", plan::quick())]), |settings, _| {
        settings
            .set("insurers.renessans.lanes.create.rate", rate("1/h"))
            // Nobody listens there.
            .set("insurers.renessans.base_url", "http://127.0.0.1:1/");
    })
    .await;
    for car in 1..=3 {
        let (_, explained) = house.client.calculate_explained(&request::about_car(car)).await;
        assert_eq!(explained.verdict("renessans"), 400, "{explained:?}");
    }
}

fn rate(limit: &str) -> toml::Value {
    toml::Value::Array(vec![limit.into()])
}
