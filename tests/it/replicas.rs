//! Several replicas, as processes, on one PostgreSQL store: one is killed, frozen or stopped, and another takes up what it
//! had under way; nothing is lost, no application is sent twice.
//!
//! These run on PostgreSQL whatever engine the other tests are run on.

use std::{collections::BTreeMap, net::TcpListener};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use veer_simulator::{Knobs, Polls, Simulation};

use crate::harness::{Client, Process, Settings, eventually, plan, request, yandex};

#[tokio::test(flavor = "multi_thread")]
async fn calculations_of_a_replica_that_is_killed_are_finished_by_the_other() {
    let stage = Stage::set("4s").await;
    let (first, second) = (stage.start().await, stage.start().await);
    let id = first.client.accepted(&request::sample()).await;
    stage.asked("alfastrah").await;
    first.kill();
    // Nobody knows yet that it is dead: what it wrote down is shown.
    let poll = second.client.poll(&id).await;
    assert_eq!((poll.status, &poll.body["status"]), (200, &"PARTNER_CALCULATION_IN_PROGRESS".into()));
    // The same request again starts nothing.
    assert_eq!(second.client.post(&request::sample()).await.status, 200);
    let answer = second.client.finished(&id).await;
    assert_eq!(answer["status"], "CALCULATION_READY", "{answer}");
    let explained = second.client.explain(&id).await;
    assert!(explained.verdicts().iter().all(|(_, verdict)| [0, 503].contains(verdict)), "{explained:?}");
    stage.no_application_twice();
    let (_, metrics) = second.client.operate("/metrics").await;
    assert!(metrics.contains("\nveer_takeovers_total 1\n") && metrics.contains("\nveer_replicas 1\n"));
    let replicas = replicas(&second.client).await;
    assert_eq!((&replicas[0]["state"], &replicas[0]["heir"]), (&"taken over".into(), &replicas[1]["id"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_is_frozen_past_its_lease_comes_back_as_another_and_sends_nothing_twice() {
    let mut stage = Stage::set("3s").await;
    let second = stage.start().await;
    // It comes back where it was.
    stage.settings.set("partner.listen", free()).set("operations.listen", free());
    let first = stage.start().await;
    let id = first.client.accepted(&request::sample()).await;
    stage.asked("alfastrah").await;
    let before = me(&first.client).await;
    first.signal("-STOP");
    let answer = second.client.finished(&id).await;
    assert_eq!(answer["status"], "CALCULATION_READY", "{answer}");
    first.signal("-CONT");
    let after = eventually("it is another replica", async || {
        let me = first.client.try_operate("/replicas").await?["me"].as_str()?.to_owned();
        (me != before).then_some(me)
    })
    .await;
    // It works like any other, and knows what became of the calculation.
    let id = first.client.accepted(&request::about_car(7)).await;
    assert_eq!(first.client.finished(&id).await["status"], "CALCULATION_READY");
    let answered_now = first.client.poll(answer["request_id"].as_str().expect("an id")).await.body;
    assert_eq!(answered_now["offers"], answer["offers"]);
    stage.no_application_twice();
    let here: Vec<Value> = replicas(&second.client).await;
    let here: Vec<&str> =
        here.iter().filter(|it| it["state"] == "here").filter_map(|it| it["id"].as_str()).collect();
    assert!(here.contains(&after.as_str()) && !here.contains(&before.as_str()), "{here:?}");
    first.terminate();
    let (status, log) = first.ended().await;
    assert!(status.success(), "{status}\n{log}");
    assert!(log.contains("another replica has taken over the work of this one"), "{log}");
    assert!(log.contains("starting again as a new replica"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_stops_hands_over_at_once() {
    // A lease that nobody could wait for.
    let stage = Stage::set("2m").await;
    stage.simulation.set_knobs("renessans", polled()).expect("knobs");
    let (first, second) = (stage.start().await, stage.start().await);
    let id = first.client.accepted(&request::sample()).await;
    stage.asked("renessans").await;
    first.terminate();
    let (status, log) = first.ended().await;
    assert!(status.success(), "{status}\n{log}");
    let answer = second.client.finished(&id).await;
    assert_eq!(answer["status"], "CALCULATION_READY", "{answer}");
    let explained = second.client.explain(&id).await;
    assert!(explained.verdicts().iter().all(|(_, verdict)| *verdict == 0), "{explained:?}");
    stage.no_application_twice();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_of_a_replica_that_is_killed_is_paid_and_credited_at_the_other() {
    let mut stage = Stage::set("4s").await;
    let yandex = yandex().await;
    stage.settings.confirm_to(&yandex, "get");
    let (first, second) = (stage.start().await, stage.start().await);
    let id = first.client.accepted(&request::sample()).await;
    let answer = first.client.finished(&id).await;
    let offers = answer["offers"].as_array().expect("offers");
    let offer = offers.iter().find(|offer| offer["partner"]["code"] == 1).expect("an offer");
    let offer_id = offer["offer_id"].as_str().expect("an id").to_owned();
    let offer = eventually("the price is final", async || {
        let offer = first.client.offer(&id, &offer_id).await.body;
        (offer["status"] == "APPROVED").then_some(offer)
    })
    .await;
    let body = json!({
        "request_id": id,
        "offer_id": offer_id,
        "upsales": [{ "upsale_id": offer["upsales"][0]["id"], "option_id": offer["upsales"][0]["options"][0]["id"] }],
    });
    let page = eventually("the link is there", async || {
        let answer = first.client.confirm(&body).await.body;
        Some(answer["payment_url"].as_str()?.to_owned())
    })
    .await;
    first.kill();
    let paid = reqwest::Client::builder().no_proxy().build().expect("a client").post(page);
    let paid = paid.header("content-type", "application/x-www-form-urlencoded").body("action=pay");
    assert!(paid.send().await.expect("a page").status().is_success());
    eventually("the sale is counted", async || (!yandex.credited().is_empty()).then_some(())).await;
    let closed = eventually("the policy is there", async || {
        let target = format!("/osago/offer?request_id={id}&offer_id={offer_id}");
        let offer = second.client.ask(Method::GET, &target, None).await?.body;
        (offer["status"] == "CLOSED_PAID").then_some(offer)
    })
    .await;
    assert!(closed["policy_number"].is_string(), "{closed}");
    assert_eq!(yandex.credited().len(), 1);
    stage.no_application_twice();
}

#[tokio::test(flavor = "multi_thread")]
async fn three_that_start_at_once_on_an_empty_database_share_it() {
    let stage = Stage::set("30s").await;
    let processes = futures::future::join_all((0..3).map(|_| stage.start())).await;
    let seen = eventually("they see each other", async || {
        let seen = replicas(&processes[0].client).await;
        let busy = seen.iter().filter(|it| it["chores"] == true).count();
        let reachable =
            seen.iter().filter(|it| it["address"].as_str().is_some_and(|at| !at.is_empty())).count();
        (seen.len() == 3 && reachable == 3 && busy == 1).then_some(seen)
    })
    .await;
    assert!(seen.iter().all(|it| it["state"] == "here"), "{seen:?}");
    // One request that comes to all of them at once is one calculation.
    let body = request::sample();
    let posts = processes.iter().map(|process| process.client.post(&body));
    let posts = futures::future::join_all(posts).await;
    assert!(posts.iter().all(|answer| answer.status == 200), "{posts:?}");
    for process in &processes {
        assert_eq!(process.client.finished(request::id(&body)).await["status"], "CALCULATION_READY");
    }
    stage.no_application_twice();
    for process in &processes {
        let (_, metrics) = process.client.operate("/metrics").await;
        assert!(metrics.contains("\nveer_replicas 3\n") && metrics.contains("\nveer_takeovers_total 0\n"));
    }
}

/// Insurers that outlive the gateways, and the gateways' place.
pub struct Stage {
    pub simulation: Simulation,
    pub settings: Settings,
    folder: TempDir,
}

// === impl Stage ===

impl Stage {
    pub async fn set(lease: &str) -> Self {
        let simulation = Simulation::start(plan::all(&plan::slow(1000))).await.expect("simulated insurers");
        let folder = TempDir::with_prefix("veer-test-").expect("a folder");
        let mut settings = Settings::of(&simulation);
        settings.set("store.engine", "postgres").set("replicas.lease", lease);
        Self { simulation, settings, folder }
    }

    pub async fn start(&self) -> Process {
        Process::start(&self.settings, self.folder.path()).await
    }

    pub async fn asked(&self, insurer: &str) {
        eventually("it is asked", async || {
            let calls = self.simulation.journal();
            calls.iter().any(|call| call.insurer == insurer && !call.risk.is_empty()).then_some(())
        })
        .await;
    }

    pub fn no_application_twice(&self) {
        let mut sent: BTreeMap<(String, &str, String), u32> = BTreeMap::new();
        for call in self.simulation.journal().into_iter().filter(|call| call.creates) {
            *sent.entry((call.insurer, call.operation, call.risk)).or_default() += 1;
        }
        assert!(!sent.is_empty());
        assert!(sent.values().all(|count| *count == 1), "sent twice: {sent:#?}");
    }
}

fn polled() -> Knobs {
    Knobs { polls: Polls { min: 4, max: 4 }, ..plan::quick() }
}

/// An address that nobody listens on.
fn free() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

async fn replicas(client: &Client) -> Vec<Value> {
    let seen = client.try_operate("/replicas").await.expect("an answer");
    seen["replicas"].as_array().expect("replicas").clone()
}

async fn me(client: &Client) -> String {
    let seen = client.try_operate("/replicas").await.expect("an answer");
    seen["me"].as_str().expect("an id").to_owned()
}
