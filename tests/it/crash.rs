//! Killed in mid-calculation and started again, the real binary finishes what it accepted, and sends no
//! application twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::Value;
use tempfile::TempDir;
use veer_simulator::{Knobs, Latency, Polls, Simulation};

use crate::harness::{Process, Settings, eventually, plan, request};

const ROUNDS: u32 = 6;
const POSTS: u32 = 4;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_accepted_is_lost_and_no_application_is_sent_twice() {
    let seed = rand::random();
    println!("killed at the moments of seed {seed}");
    let mut moments = StdRng::seed_from_u64(seed);
    let stage = Stage::set().await;
    let mut bodies = Vec::new();
    let mut accepted = BTreeSet::new();
    for round in 0..ROUNDS {
        let process = stage.start().await;
        for number in 0..POSTS {
            let body = request::about_car(round * POSTS + number);
            // A partner that got no answer sends its request again: those are here too.
            bodies.push(body);
        }
        let life = Duration::from_millis(moments.random_range(0..1600));
        let posts = async {
            for body in &bodies {
                let Some(answer) = process.client.try_post(body).await else { return };
                assert_eq!(answer.status, 200, "{answer:?}");
                accepted.insert(request::id(body).to_owned());
            }
            std::future::pending::<()>().await;
        };
        // The moment of death is drawn, not waited for.
        let _ = tokio::time::timeout(life, posts).await;
        process.kill();
    }
    let process = stage.start().await;
    stage.all_end_well(&process, &accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculation_is_durable_before_its_200() {
    let stage = Stage::set().await;
    let mut accepted = BTreeSet::new();
    for car in 0..5 {
        let process = stage.start().await;
        accepted.insert(process.client.accepted(&request::about_car(car)).await);
        process.kill();
    }
    let process = stage.start().await;
    stage.all_end_well(&process, &accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_begins_again_and_an_application_under_way_is_given_up_by_name() {
    let stage = Stage::set().await;
    for code in ["alfastrah", "ingosstrakh"] {
        stage.simulation.set_knobs(code, plan::slow(120_000)).expect("knobs");
    }
    let process = stage.start().await;
    let id = process.client.accepted(&request::sample()).await;
    stage.received(3, "all are asked").await;
    process.kill();
    for code in ["alfastrah", "ingosstrakh"] {
        stage.simulation.set_knobs(code, plan::quick()).expect("knobs");
    }
    let process = stage.start().await;
    let answer = process.client.finished(&id).await;
    let explained = process.client.explain(&id).await;
    assert_eq!(answer["status"], "CALCULATION_READY");
    assert_eq!((explained.verdict("alfastrah"), explained.verdict("ingosstrakh")), (503, 0), "{explained:?}");
    let alfastrah = offer(&answer, 1);
    assert_eq!(alfastrah.map(|offer| &offer["status"]), Some(&Value::from("OFFER_ERROR")), "{answer}");
    stage.no_application_twice();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculation_at_an_insurer_is_polled_on_and_shown_offers_stay() {
    let stage = Stage::set().await;
    stage.simulation.set_knobs("alfastrah", plan::quick()).expect("knobs");
    stage.simulation.set_knobs("ingosstrakh", plan::quick()).expect("knobs");
    // Long enough to be killed while it is polled, whatever the machine does meanwhile.
    let polled = Knobs { polls: Polls { min: 4, max: 4 }, ..plan::quick() };
    stage.simulation.set_knobs("renessans", polled).expect("knobs");
    let process = stage.start().await;
    let id = process.client.accepted(&request::sample()).await;
    let before = eventually("two offers are there and the third is polled for", async || {
        let answer = process.client.poll(&id).await.body;
        let priced =
            [1, 2].iter().all(|code| offer(&answer, *code).is_some_and(|it| it["price"].is_number()));
        let waiting = offer(&answer, 3).is_some_and(|it| it["status"] == "PRE_CALC_IN_PROGRESS");
        (priced && waiting).then_some(answer)
    })
    .await;
    process.kill();

    let process = stage.start().await;
    let resumed = process.client.poll(&id).await.body;
    let answer = process.client.finished(&id).await;
    for code in [1, 2] {
        assert_eq!(offer(&resumed, code), offer(&before, code), "{resumed}");
        assert_eq!(offer(&answer, code), offer(&before, code), "{answer}");
    }
    let (shown, last) = (offer(&before, 3).expect("an offer"), offer(&answer, 3).expect("an offer"));
    assert_eq!((&last["offer_id"], &last["status"]), (&shown["offer_id"], &"PRE_CALC_READY".into()));
    let explained = process.client.explain(&id).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 0), ("ingosstrakh", 0), ("renessans", 0)]);
    assert_eq!(explained.count("renessans", "resumed"), 1, "{explained:?}");
    stage.no_application_twice();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculation_whose_time_is_over_is_finished_with_what_it_has() {
    let mut stage = Stage::set().await;
    let budget = Duration::from_millis(2500);
    stage.settings.set("calculation.budget", "2500ms");
    stage.simulation.set_knobs("alfastrah", plan::quick()).expect("knobs");
    let polled = Knobs { polls: Polls { min: 99, max: 99 }, ..plan::quick() };
    stage.simulation.set_knobs("renessans", polled).expect("knobs");
    let process = stage.start().await;
    let id = process.client.accepted(&request::sample()).await;
    let over = tokio::time::Instant::now() + budget;
    eventually("one has offered and another is polled for", async || {
        let answer = process.client.poll(&id).await.body;
        let offered = offer(&answer, 1).is_some_and(|it| it["price"].is_number());
        (offered && offer(&answer, 3)?["status"] == "PRE_CALC_IN_PROGRESS").then_some(())
    })
    .await;
    process.kill();
    tokio::time::sleep_until(over).await;

    let process = stage.start().await;
    let answer = process.client.finished(&id).await;
    assert_eq!(answer["status"], "CALCULATION_READY");
    let explained = process.client.explain(&id).await;
    assert_eq!((explained.verdict("alfastrah"), explained.verdict("renessans")), (0, 404), "{explained:?}");
    assert_eq!(offer(&answer, 3).map(|offer| &offer["status"]), Some(&Value::from("CLOSED_TIMEOUT")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insurer_that_left_the_configuration_is_not_waited_for() {
    let mut stage = Stage::set().await;
    stage.settings.set("calculation.budget", "180s");
    for code in ["alfastrah", "renessans"] {
        stage.simulation.set_knobs(code, plan::quick()).expect("knobs");
    }
    stage.simulation.set_knobs("ingosstrakh", plan::slow(120_000)).expect("knobs");
    let process = stage.start().await;
    let id = process.client.accepted(&request::sample()).await;
    eventually("the others have offered", async || {
        let answer = process.client.poll(&id).await.body;
        [1, 3]
            .iter()
            .all(|code| offer(&answer, *code).is_some_and(|it| it["price"].is_number()))
            .then_some(())
    })
    .await;
    process.kill();
    stage.settings.remove("insurers.ingosstrakh");
    let process = stage.start().await;
    let answer = process.client.finished(&id).await;
    assert_eq!(answer["status"], "CALCULATION_READY");
    assert_eq!(answer["offers"].as_array().map(Vec::len), Some(2), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_belongs_to_one_process() {
    let mut stage = Stage::set().await;
    stage.settings.set("store.engine", "sqlite");
    let process = stage.start().await;
    let second = std::process::Command::new(env!("CARGO_BIN_EXE_veer"))
        .args(["serve", "--config"])
        .arg(stage.folder.path().join("veer.toml"))
        .output()
        .expect("the binary");
    assert_eq!(second.status.code(), Some(1), "{second:?}");
    assert!(String::from_utf8_lossy(&second.stderr).contains("another veer uses this "), "{second:?}");
    process.kill();
    // Who is killed keeps nothing.
    stage.start().await;
}

/// Insurers that outlive the gateway, and the gateway's place.
struct Stage {
    simulation: Simulation,
    settings: Settings,
    folder: TempDir,
}

// === impl Stage ===

impl Stage {
    async fn set() -> Self {
        let latency = Latency::Uniform { min: Duration::from_millis(300), max: Duration::from_millis(1500) };
        let knobs = Knobs { latency, polls: Polls { min: 1, max: 2 }, ..Knobs::default() };
        let simulation = Simulation::start(plan::all(&knobs)).await.expect("simulated insurers");
        let settings = Settings::of(&simulation);
        Self { simulation, settings, folder: TempDir::with_prefix("veer-test-").expect("a folder") }
    }

    async fn start(&self) -> Process {
        Process::start(&self.settings, self.folder.path()).await
    }

    /// So many calls about a risk have arrived.
    async fn received(&self, count: usize, what: &str) {
        eventually(what, async || {
            let calls = self.simulation.journal().iter().filter(|call| !call.risk.is_empty()).count();
            (calls >= count).then_some(())
        })
        .await;
    }

    async fn all_end_well(&self, process: &Process, accepted: &BTreeSet<String>) {
        assert!(!accepted.is_empty(), "nothing was accepted: nothing is shown");
        for id in accepted {
            let answer = process.client.finished(id).await;
            let explained = process.client.explain(id).await;
            assert_eq!(answer["status"], "CALCULATION_READY", "{explained:?}");
            for (insurer, verdict) in explained.verdicts() {
                let code = explained.of(insurer)["partner_code"].as_i64().expect("a code");
                let offer = offer(&answer, code).unwrap_or_else(|| panic!("{insurer} is missing: {answer}"));
                let lost = verdict == 503 && insurer != "ingosstrakh";
                let expected = if lost { "OFFER_ERROR" } else { "PRE_CALC_READY" };
                assert!(verdict == 0 || lost, "{insurer}: {explained:?}");
                assert_eq!((&offer["status"], offer["price"].is_number()), (&expected.into(), !lost));
            }
        }
        self.no_application_twice();
    }

    fn no_application_twice(&self) {
        let mut sent: BTreeMap<(String, &str, String), u32> = BTreeMap::new();
        for call in self.simulation.journal().into_iter().filter(|call| call.creates) {
            *sent.entry((call.insurer, call.operation, call.risk)).or_default() += 1;
        }
        assert!(!sent.is_empty());
        assert!(sent.values().all(|count| *count == 1), "sent twice: {sent:#?}");
    }
}

fn offer(answer: &Value, code: i64) -> Option<&Value> {
    answer["offers"].as_array().into_iter().flatten().find(|offer| offer["partner"]["code"] == code)
}
