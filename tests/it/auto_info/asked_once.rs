//! Whoever knows a vehicle is asked once: what was said is remembered and shared, a failure is not.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures::future::join_all;
use tempfile::TempDir;
use veer_contract::{Fault, FaultKind, Step};

use super::{
    PLATE, UNKNOWN, VIN, ask, avtocod, outcomes,
    source::{Answers, camry, later},
    with, with_settings,
};
use crate::harness::{House, VEER, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn that_nobody_knows_a_vehicle_is_a_404_and_remembered() {
    let house = House::open(avtocod()).await;
    for _ in 0..2 {
        let answer = ask(&house.client, &format!("vin={UNKNOWN}")).await;
        assert_eq!(answer.status, 404, "{answer:?}");
        assert!(answer.body["message"].as_str().is_some_and(|it| it.contains("choose brand")), "{answer:?}");
    }
    assert_eq!(house.received("avtocod", "reports/_make").len(), 1);
    assert_eq!(outcomes(&house.client).await, [("cached", 1), ("unknown", 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_a_500_and_not_remembered() {
    let broken = Arc::new(AtomicBool::new(true));
    let is_broken = broken.clone();
    let moody = Answers::new(move |_| match is_broken.load(Ordering::Relaxed) {
        true => Step::fail(Fault::new(FaultKind::InsurerError, "broken")),
        false => Step::done(camry()),
    });
    let (house, asked) = with([("moody", moody)]).await;
    let answer = ask(&house.client, &format!("car_number={PLATE}")).await;
    assert_eq!(answer.status, 500);
    assert!(answer.body["message"].as_str().is_some_and(|it| it.contains("ask again")), "{answer:?}");
    broken.store(false, Ordering::Relaxed);
    assert_eq!(ask(&house.client, &format!("car_number={PLATE}")).await.status, 200);
    assert_eq!(asked("moody").len(), 2);
    assert_eq!(outcomes(&house.client).await, [("failed", 1), ("found", 1)]);
    let metrics = house.client.operate("/metrics").await.1;
    for verdict in ["offered", "server_error"] {
        let series = format!(
            "veer_verdicts_total{{insurer=\"moody\",operation=\"vehicle_info\",verdict=\"{verdict}\"}} 1"
        );
        assert!(metrics.contains(&series), "{series} is not in\n{metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_its_limit_a_source_is_not_asked_and_what_it_said_is_still_told() {
    let (house, asked) = with_settings([("register", Answers::new(|_| Step::done(camry())))], |settings| {
        settings.set("insurers.register.lanes.create.rate", toml::Value::Array(vec!["1/h".into()]));
    })
    .await;
    assert_eq!(ask(&house.client, &format!("vin={VIN}")).await.status, 200);
    assert_eq!(ask(&house.client, &format!("vin={UNKNOWN}")).await.status, 500);
    assert_eq!(ask(&house.client, &format!("vin={VIN}")).await.status, 200);
    assert_eq!(asked("register").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_a_person_refused_is_not_told_from_memory_and_asked_for_once_more() {
    let (house, asked) = with([("register", Answers::new(|_| Step::done(camry())))]).await;
    let query = format!("vin={VIN}");
    assert_eq!(ask(&house.client, &query).await.status, 200);
    let folder = TempDir::with_prefix("veer-test-").expect("a folder");
    std::fs::write(folder.path().join("names.csv"), "brand,model\nTOYOTA,CAMRY\n")
        .expect("a writable folder");
    let types = async |line: &[&str]| {
        let operations = format!("http://{}", house.client.operations);
        let mut command = tokio::process::Command::new(VEER);
        command.arg("dictionary").args(line).args(["--operations", &operations]).env("USER", "anna");
        let ended = command.current_dir(folder.path()).output().await.expect("the binary");
        assert!(ended.status.success(), "{line:?}: {ended:?}");
        String::from_utf8(ended.stdout).expect("UTF-8")
    };
    types(&["import", "register", "--csv", "names.csv"]).await;
    let names = types(&["unmapped", "--json", "--insurer", "register", "--state", "automatic"]).await;
    let names: serde_json::Value = serde_json::from_str(&names).expect("JSON");
    let key = names["names"][0]["key"].as_str().expect("a key");
    types(&["refuse", key]).await;
    for _ in 0..2 {
        assert_eq!(ask(&house.client, &query).await.status, 404);
        assert_eq!(asked("register").len(), 2);
    }
    let entry = names["names"][0]["mappings"][0]["entry"].to_string();
    types(&["confirm", key, "--entry", entry.trim_matches('"')]).await;
    assert_eq!(ask(&house.client, &query).await.status, 200);
    assert_eq!(asked("register").len(), 2, "the mapping changed, not what the source said");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_the_same_at_once_shares_the_answer() {
    let (house, asked) = with([("register", Answers::new(|_| Step::done(camry())))]).await;
    let query = format!("vin={VIN}");
    let answers = join_all((0..20).map(|_| ask(&house.client, &query))).await;
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.status == 200), "{answers:?}");
    assert_eq!(asked("register").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_goes_on_when_whoever_asked_it_goes_away() {
    let (house, asked) = with([("slow", Answers::new(|_| later()))]).await;
    let (client, query) = (house.client.clone(), format!("vin={VIN}"));
    let impatient = tokio::spawn({
        let query = query.clone();
        async move { ask(&client, &query).await }
    });
    eventually("the source is asked", async || (!asked("slow").is_empty()).then_some(())).await;
    impatient.abort();
    assert!(impatient.await.expect_err("gone").is_cancelled());
    assert_eq!(ask(&house.client, &query).await.status, 200);
    assert_eq!(asked("slow").len(), 1);
}
