//! Told to stop, the real binary takes nothing new, still answers polls, and loses nothing.

use tempfile::TempDir;
use veer_simulator::{Knobs, Polls, Simulation};

use crate::harness::{Process, Settings, eventually, plan, request};

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_stops_refuses_new_work_answers_polls_and_goes_on_after_its_start() {
    let polled = Knobs { polls: Polls { min: 4, max: 4 }, ..plan::quick() };
    let insurers = [("alfastrah", plan::slow(2500)), ("ingosstrakh", plan::slow(300)), ("renessans", polled)];
    let simulation = Simulation::start(plan::of(insurers)).await.expect("simulated insurers");
    let (settings, folder) =
        (Settings::of(&simulation), TempDir::with_prefix("veer-test-").expect("a folder"));

    let process = Process::start(&settings, folder.path()).await;
    let mut accepted = vec![process.client.accepted(&request::about_car(0)).await];
    eventually("the slow call is under way", async || {
        simulation.journal().iter().any(|call| call.operation == "calculation").then_some(())
    })
    .await;
    process.terminate();
    let mut car = 1;
    let refused = eventually("new work is refused", async || {
        let body = request::about_car(car);
        car += 1;
        let answer = process.client.post(&body).await;
        if answer.status == 200 {
            accepted.push(request::id(&body).to_owned());
            return None;
        }
        Some((body, answer))
    })
    .await;
    let (body, refusal) = refused;
    assert_eq!(refusal.status, 500, "{refusal:?}");
    assert_eq!(refusal.body["request_id"], body["request_id"]);
    assert!(refusal.body["message"].as_str().is_some_and(|message| message.contains("stopping")));
    for id in &accepted {
        assert_eq!(process.client.poll(id).await.status, 200);
        assert_eq!(process.client.status(id).await.status, 200);
    }
    assert_eq!(process.client.operate("/health/live").await.0, 200);
    assert_eq!(process.client.operate("/health/ready").await.0, 503);
    let (status, log) = process.ended().await;
    assert!(status.success(), "{status}\n{log}");

    let process = Process::start(&settings, folder.path()).await;
    assert_eq!(process.client.poll(request::id(&body)).await.status, 404, "what was refused is not there");
    for id in &accepted {
        let answer = process.client.finished(id).await;
        assert_eq!(answer["status"], "CALCULATION_READY");
        let explained = process.client.explain(id).await;
        assert!(explained.verdicts().iter().all(|(_, verdict)| *verdict == 0), "{explained:?}");
    }
    let creates = simulation.journal().iter().filter(|call| call.creates).count();
    assert_eq!(creates, 2 * accepted.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_gateway_stops_with_status_0() {
    let simulation = Simulation::start(plan::healthy()).await.expect("simulated insurers");
    let folder = TempDir::with_prefix("veer-test-").expect("a folder");
    let process = Process::start(&Settings::of(&simulation), folder.path()).await;
    process.terminate();
    let (status, log) = process.ended().await;
    assert!(status.success() && log.contains("\"stopped\""), "{status}\n{log}");
}
