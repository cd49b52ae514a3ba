//! Two gateways on one database: one is killed, one is frozen, the database goes away.
//!
//! Each partner keeps to one gateway, its home, and goes to the other when that is dead.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use veer_cluster::Replica;
use veer_postgres::Server;
use veer_simulator::{Knobs, Latency, Polls};

use crate::{
    harness::{Client, eventually, plan, request},
    load::{Told, Whom, partners},
    stage::{Stage, client, sum, wait},
};

const PARTNERS: u32 = 60;
const BETWEEN: Duration = Duration::from_millis(100);
/// Enough that many calculations are under way.
const WARM_UP: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_replica_had_under_way_goes_on_at_the_other() {
    let mut pair = Pair::start().await;
    let load = pair.load();
    tokio::time::sleep(WARM_UP).await;
    pair.replicas[0].kill();
    pair.moves_to_the_other();
    pair.work_is_taken_over().await;
    // Back again, it is one more that works.
    wait(|| pair.replicas[0].start_again());
    let back = client(&pair.replicas[0]).await;
    let answer = back.calculate(&request::about_car(1000)).await;
    assert_eq!(answer["status"], "CALCULATION_READY", "{answer}");
    pair.ends_well(load).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_was_frozen_past_its_lease_sends_nothing_of_its_old_work() {
    let mut pair = Pair::start().await;
    let load = pair.load();
    tokio::time::sleep(WARM_UP).await;
    wait(|| pair.replicas[0].process().freeze());
    pair.moves_to_the_other();
    pair.work_is_taken_over().await;
    wait(|| pair.replicas[0].process().thaw());
    eventually("it has understood, and begun anew", async || {
        pair.replicas[0].process().log().contains("starting again as a new replica").then_some(())
    })
    .await;
    wait(|| pair.replicas[0].answers());
    let back = client(&pair.replicas[0]).await;
    let answer = back.calculate(&request::about_car(1000)).await;
    assert_eq!(answer["status"], "CALCULATION_READY", "{answer}");
    pair.ends_well(load).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_nobody_is_taken_for_dead_and_nothing_is_lost() {
    let mut pair = Pair::start().await;
    let load = pair.load();
    tokio::time::sleep(WARM_UP).await;
    wait(|| pair.database.stop());
    // Longer than the lease.
    tokio::time::sleep(2 * LEASE).await;
    wait(|| pair.database.start_again());
    let clients = pair.clients.clone();
    let (stage, replicas) = (pair.stage, pair.replicas);
    load.1.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
    for replica in &replicas {
        let metrics = wait(|| replica.metrics());
        assert!(sum(&metrics, "veer_takeovers_total", "") < 0.5, "{metrics}");
    }
    load.0.all_is_well(&stage, &clients[1], PARTNERS).await;
}

const LEASE: Duration = Duration::from_secs(6);

/// Two gateways on one database.
struct Pair {
    stage: Stage,
    replicas: [Replica; 2],
    clients: Arc<[Client; 2]>,
    /// Where the partners of each half ask now.
    homes: Arc<[AtomicUsize; 2]>,
    database: Server,
}

type Load = (Arc<Told>, tokio::task::JoinHandle<()>);

// === impl Pair ===

impl Pair {
    async fn start() -> Self {
        let latency = Latency::Uniform { min: Duration::from_millis(500), max: Duration::from_millis(2500) };
        let application_latency = Latency::Fixed { time: Duration::from_millis(300) };
        let knobs =
            Knobs { latency, application_latency, polls: Polls { min: 1, max: 2 }, ..Knobs::default() };
        let mut stage = Stage::set(plan::all(&knobs)).await;
        let database = wait(Server::start);
        stage
            .settings
            .set("store.engine", "postgres")
            .set("store.url", database.url())
            .set("replicas.lease", format!("{}s", LEASE.as_secs()))
            .set("calculation.budget", "90s");
        // Together: whoever comes second waits for the tables.
        let replicas = ["one", "other"].map(|name| wait(|| stage.serve(name).begin()));
        let mut replicas = replicas;
        replicas.iter_mut().for_each(|replica| wait(|| replica.answers()));
        let clients = Arc::new([client(&replicas[0]).await, client(&replicas[1]).await]);
        let homes = Arc::new([AtomicUsize::new(0), AtomicUsize::new(1)]);
        Self { stage, replicas, clients, homes, database }
    }

    fn load(&self) -> Load {
        let told = Arc::new(Told::default());
        let (homes, clients) = (self.homes.clone(), self.clients.clone());
        let whom = move |car: u32| -> Whom {
            let (homes, clients) = (homes.clone(), clients.clone());
            Arc::new(move || clients[homes[car as usize % 2].load(Ordering::Relaxed)].clone())
        };
        (told.clone(), tokio::spawn(partners(PARTNERS, BETWEEN, told, whom)))
    }

    fn moves_to_the_other(&self) {
        self.homes[0].store(1, Ordering::Relaxed);
    }

    async fn work_is_taken_over(&self) {
        eventually("the work of the first is taken over", async || {
            let metrics = wait(|| self.replicas[1].metrics());
            (sum(&metrics, "veer_takeovers_total", "") > 0.5).then_some(())
        })
        .await;
    }

    async fn ends_well(self, (told, load): Load) {
        load.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        told.all_is_well(&self.stage, &self.clients[1], PARTNERS).await;
    }
}
