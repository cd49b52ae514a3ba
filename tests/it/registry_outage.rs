//! Insurers that fail together for the registry's reason are one incident, and nobody is blocked for it.

use serde_json::{Value, json};
use veer_simulator::Fault;

use crate::harness::{Client, House, plan, request};

async fn incidents(client: &Client) -> Value {
    let (status, body) = client.operate("/incidents").await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).expect("JSON")
}

async fn is_on(client: &Client) -> bool {
    let (_, metrics) = client.operate("/metrics").await;
    let line = metrics.lines().find_map(|line| line.strip_prefix("veer_registry_outage "));
    line.expect("the metric") == "1"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_down_is_one_incident_until_all_insurers_succeed_again() {
    let house = House::furnished(plan::all(&plan::faulty(Fault::RegistryDown)), |settings, _| {
        settings.set("upstream.breaker.in_a_row", 2).set("upstream.breaker.sample", 2);
    })
    .await;
    let client = &house.client;
    assert!(!is_on(client).await);
    assert_eq!(incidents(client).await["registry_outage"], json!({ "current": null, "recent": [] }));
    for car in 0..4 {
        let (_, explained) = client.calculate_explained(&request::about_car(car)).await;
        let verdicts: Vec<u64> = explained.verdicts().into_iter().map(|(_, verdict)| verdict).collect();
        assert_eq!(verdicts, [504; 3], "the verdict stays: {explained:?}");
    }
    assert!(is_on(client).await);
    let told = incidents(client).await;
    let (current, recent) = (&told["registry_outage"]["current"], &told["registry_outage"]["recent"]);
    let mut insurers: Vec<&str> = current["insurers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| one["insurer"].as_str().expect("a name"))
        .collect();
    insurers.sort_unstable();
    assert_eq!(insurers, ["alfastrah", "ingosstrakh", "renessans"], "{told}");
    assert!(current["since"].is_string() && current["until"].is_null(), "{told}");
    assert_eq!((recent, &told["breakers"]), (&json!([]), &json!([])));

    for insurer in insurers {
        house.simulation.set_knobs(insurer, plan::quick()).expect("knobs");
    }
    let (_, explained) = client.calculate_explained(&request::again()).await;
    assert!(explained.verdicts().iter().all(|(_, verdict)| *verdict == 0), "{explained:?}");
    assert!(!is_on(client).await);
    let told = incidents(client).await;
    assert_eq!(told["registry_outage"]["current"], Value::Null);
    let [over] = &told["registry_outage"]["recent"].as_array().expect("a list")[..] else { panic!("{told}") };
    assert_eq!((&over["number"], &over["ended"]), (&json!(1), &json!("recovered")));
    assert!(over["until"].is_string(), "{over}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_insurer_alone_is_no_incident() {
    let mut plan = plan::healthy();
    plan.insurers[0].knobs = plan::faulty(Fault::RegistryDown);
    let house = House::open(plan).await;
    for car in 0..4 {
        let (_, explained) = house.client.calculate_explained(&request::about_car(car)).await;
        assert_eq!(explained.verdicts(), [("alfastrah", 504), ("ingosstrakh", 0), ("renessans", 0)]);
    }
    assert!(!is_on(&house.client).await);
    assert_eq!(incidents(&house.client).await["registry_outage"]["current"], Value::Null);
}
