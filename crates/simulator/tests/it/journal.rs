//! What the insurers received, and how much at once.

use std::time::Duration;

use veer_simulator::{Faults, Knobs, Latency, Outcome, Simulation, SimulatorError};

use crate::{
    client::{self, Alfastrah, Ingosstrakh, Renessans, tariff},
    risks,
};

#[tokio::test]
async fn a_risk_has_one_name_at_every_insurer_and_creating_calls_are_marked() {
    let simulation = client::fast().await;
    client::prices(&simulation).await;
    let journal = simulation.journal();
    let creating: Vec<_> = journal.iter().filter(|call| call.creates).map(|call| call.operation).collect();
    assert_eq!(creating, ["calculation", "calculate"]);
    let risks: std::collections::BTreeSet<_> =
        journal.iter().filter(|call| !call.risk.is_empty()).map(|call| call.risk.as_str()).collect();
    assert_eq!(risks.len(), 1, "{journal:?}");
    assert!(journal.windows(2).all(|pair| pair[0].at <= pair[1].at));
    let priced = journal.iter().filter(|call| call.outcome == Outcome::Priced).count();
    assert_eq!(priced, 3);
    simulation.clear_journal();
    assert!(simulation.journal().is_empty());
}

#[tokio::test]
async fn a_call_is_written_down_before_its_latency() {
    let latency = Latency::Fixed { time: Duration::from_secs(600) };
    let simulation = client::with(Knobs { latency, ..Knobs::default() }).await;
    let mut alfastrah = Alfastrah::new(&simulation);
    alfastrah.http = client::impatient(Duration::from_millis(300));
    alfastrah.send("wapi/osago/calculation", Some(&risks::alfastrah())).await.unwrap_err();
    let journal = simulation.journal();
    assert_eq!(journal.len(), 1, "{journal:?}");
    assert!(journal[0].creates);
    assert_eq!(journal[0].outcome, Outcome::Priced);
}

#[tokio::test]
async fn calls_at_once_are_counted_and_leave_with_their_callers() {
    let faults = Faults { hang: 1.0, ..Faults::default() };
    let simulation = client::with(Knobs { faults, ..Knobs::default() }).await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let body = tariff(&ingosstrakh.login().await, &risks::ingosstrakh());
    let calls = futures::future::join_all((0..5).map(|_| ingosstrakh.send("GetTariff", &body)));
    tokio::select! {
        answers = calls => panic!("a hanging insurer answered: {answers:?}"),
        () = client::until(|| ingosstrakh.insurer.calls_under_way() == 5) => {}
    }
    assert_eq!(ingosstrakh.insurer.most_calls_at_once(), 5);
    client::until(|| ingosstrakh.insurer.calls_under_way() == 0).await;
}

#[tokio::test]
async fn knobs_change_while_it_runs() {
    let simulation = client::fast().await;
    let declining = Knobs { decline: 1.0, ..Knobs::default() };
    let renessans = Renessans::new(&simulation);
    assert_eq!(renessans.calculate(&risks::renessans()).await.0["result"], true);
    simulation.set_knobs("renessans", declining.clone()).unwrap();
    assert_eq!(renessans.calculate(&risks::renessans()).await.0["result"], false);
    assert_eq!(renessans.insurer.knobs(), declining);
    let unknown = simulation.set_knobs("nobody", Knobs::default());
    assert!(matches!(unknown, Err(SimulatorError::Unknown(_))));
    let senseless = simulation.set_knobs("renessans", Knobs { decline: 2.0, ..Knobs::default() });
    assert!(matches!(senseless, Err(SimulatorError::Plan(_))));
}

#[tokio::test]
async fn a_taken_port_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut plan = veer_simulator::Plan::fast(1);
    plan.insurers[1].listen = taken.local_addr().unwrap();
    let listens = format!("{} cannot listen", plan.insurers[1].code);
    let error = Simulation::start(plan).await.err().expect("the port is taken");
    assert!(error.to_string().contains(&listens), "{error}");
}
