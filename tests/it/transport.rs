//! What goes wrong before an insurer's answer can be read.

use std::{
    io::{ErrorKind, Read},
    net::{SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use veer_simulator::{Simulation, Wire};

use crate::harness::{House, Settings, plan, request};

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_connection_is_verdict_400() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = free.local_addr().expect("an address");
    drop(free);
    let house = House::furnished(plan::healthy(), |settings, _| elsewhere(settings, "http", nobody)).await;
    all_end_with(&house, 400).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_cut_is_verdict_400_and_an_application_is_sent_once() {
    let (address, requests) = hangs_up();
    let house = House::furnished(plan::of([("renessans", plan::quick())]), |settings, _| {
        settings.set("insurers.renessans.base_url", format!("http://{address}/"));
    })
    .await;
    let (_, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdict("renessans"), 400, "{explained:?}");
    assert_eq!(requests.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_cut_under_a_question_is_tried_again() {
    let (address, requests) = hangs_up();
    let house = House::furnished(plan::of([("ingosstrakh", plan::quick())]), |settings, _| {
        settings.set("insurers.ingosstrakh.base_url", format!("http://{address}/"));
        settings.set("upstream.repeats", 2).set("upstream.pause", "5ms");
    })
    .await;
    let (_, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdict("ingosstrakh"), 400, "{explained:?}");
    assert_eq!(requests.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_that_cannot_be_agreed_on_is_verdict_401() {
    let house = House::furnished(plan::healthy(), |settings, simulation| {
        for insurer in simulation.insurers() {
            let secure = insurer.base_url.replace("http://", "https://");
            settings.set(&format!("insurers.{}.base_url", insurer.code), secure);
        }
        settings.set("upstream.pause", "5ms");
    })
    .await;
    all_end_with(&house, 401).await;
    assert!(house.simulation.journal().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_answer_is_verdict_408() {
    let small = |settings: &mut Settings, _: &Simulation| {
        for code in ["alfastrah", "ingosstrakh", "renessans"] {
            settings.set(&format!("insurers.{code}.lanes.create.max_reply"), "40B");
        }
    };
    all_end_with(&House::furnished(plan::healthy(), small).await, 408).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_address_of_the_insurer_is_told_as_a_status_that_nobody_expects() {
    let house = House::furnished(plan::healthy(), |settings, simulation| {
        for insurer in simulation.insurers().iter().filter(|insurer| insurer.wire != Wire::Alfastrah) {
            settings.set(&format!("insurers.{}.base_url", insurer.code), format!("{}no/", insurer.base_url));
        }
    })
    .await;
    let (_, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 0), ("ingosstrakh", 500), ("renessans", 500)]);
    assert!(explained.detail("renessans").contains("404"), "{explained:?}");
}

async fn all_end_with(house: &House, verdict: u64) {
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert!(explained.verdicts().iter().all(|(_, ended)| *ended == verdict), "{explained:?}");
    assert_eq!(answer["status"], "CALCULATION_ERROR");
}

fn elsewhere(settings: &mut Settings, scheme: &str, address: SocketAddr) {
    for wire in plan::WIRES {
        settings.set(&format!("insurers.{}.base_url", wire.name()), format!("{scheme}://{address}/"));
    }
    settings.set("upstream.pause", "5ms");
}

/// An insurer that reads a request and hangs up; how many it has read.
fn hangs_up() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let requests = Arc::new(AtomicUsize::new(0));
    let count = requests.clone();
    std::thread::spawn(move || {
        for mut socket in listener.incoming().map_while(Result::ok) {
            let mut read = [0; 65536];
            match socket.read(&mut read) {
                Ok(0) => {}
                Ok(_) => drop(count.fetch_add(1, Ordering::SeqCst)),
                Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
            }
        }
    });
    (address, requests)
}
