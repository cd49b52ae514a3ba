//! Ten thousand calculations under way at once, at an insurer that does not answer.
//!
//! How much memory that takes is printed; how long it takes is the machine's business.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::StreamExt;
use tokio::{net::TcpListener, sync::oneshot};
use veer_cluster::Replica;

use crate::{
    harness::{eventually, plan, request},
    stage::{Stage, sum, wait},
};

const CALCULATIONS: u32 = 10_000;
/// Then no more are posted: the first ones live for 175 s.
const POSTING: Duration = Duration::from_secs(100);
/// The bound is for a hang: what is left of their time, and the writing of their ends.
const ENDING: Duration = Duration::from_secs(200);
/// Calls that the insurer may have under way; the other calculations wait for one of these permits.
const AT_ONCE: usize = 2_000;
/// Partners that post and poll side by side.
const PARTNERS: usize = 48;

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_calculations_are_under_way_at_once_and_every_one_ends() {
    // Both ends of the insurer's connections are on this machine, one here and one in the gateway.
    wait(|| veer_cluster::may_open(2 * AT_ONCE as u64));
    let hanging = Hanging::start().await;
    let mut stage = Stage::set(plan::of([("alfastrah", plan::quick())])).await;
    let permits = i64::try_from(AT_ONCE).expect("a number");
    stage
        .settings
        .set("insurers.alfastrah.base_url", hanging.base_url.clone())
        .set("insurers.alfastrah.lanes.create.concurrent", permits)
        .set("insurers.alfastrah.lanes.create.first_byte", "170s")
        .set("insurers.alfastrah.lanes.create.total", "170s")
        .set("upstream.breaker.mode", "off")
        .set("calculation.budget", "175s")
        .set("partner.workers", 2)
        .set("telemetry.log", "warn");
    let mut replica = wait(|| stage.serve("gateway").start());
    let partner = Plain::of(&replica);

    let posting = tokio::time::sleep(POSTING);
    let bodies =
        futures::stream::iter((0..CALCULATIONS).map(request::about_car)).take_until(Box::pin(posting));
    let accepted = bodies.map(|body| {
        let partner = partner.clone();
        async move {
            let id = request::id(&body).to_owned();
            let (status, answer) = partner.post(body.to_string()).await;
            assert_eq!(status, 200, "{answer}");
            id
        }
    });
    let accepted: Vec<String> = accepted.buffer_unordered(PARTNERS).collect().await;
    let count = accepted.len();
    if count < CALCULATIONS as usize {
        println!(
            "this machine is too slow or too busy for {CALCULATIONS}: within {POSTING:?} it took {count}"
        );
    }
    assert!(count > AT_ONCE, "{count} are too few to show anything");
    #[expect(clippy::cast_precision_loss, reason = "ten thousand")]
    let all = count as f64;
    eventually("all permits are taken", async || (hanging.calls() >= AT_ONCE).then_some(())).await;
    let metrics = wait(|| replica.metrics());
    let running = sum(&metrics, "veer_calculations_running", "");
    assert!((running - all).abs() < 0.5, "{running} are under way");
    assert_eq!(hanging.calls(), AT_ONCE, "the lane has no more permits");
    let memory = replica.process().peak_memory().expect("Linux tells");
    println!(
        "{count} calculations under way, {AT_ONCE} of them in a call: {} MiB, {} KiB each",
        memory / (1024 * 1024),
        memory / 1024 / count as u64
    );

    // The insurer goes away: whoever waits is told, and so is whoever comes after.
    hanging.stop().await;
    wait(|| {
        veer_cluster::until("all have ended", ENDING, || {
            Ok(sum(&replica.metrics()?, "veer_calculations_running", "") < 0.5)
        })
    });
    let metrics = wait(|| replica.metrics());
    let of = |name: &str, label: &str| sum(&metrics, name, label);
    assert!((of("veer_calculations_total", "status=\"ACCEPTED\"") - all).abs() < 0.5);
    assert!(
        (of("veer_calculations_total", "") - 2.0 * all).abs() < 0.5,
        "each was accepted once and ended once"
    );
    assert!((of("veer_verdicts_total", "operation=\"quote\"") - all).abs() < 0.5, "each has one verdict");
    let polls = futures::stream::iter(accepted).map(|id| {
        let partner = partner.clone();
        async move { partner.poll(&id).await }
    });
    let ends: Vec<(u16, String)> = polls.buffer_unordered(PARTNERS).collect().await;
    let is_end = |(status, answer): &&(u16, String)| {
        *status == 200 && !answer.contains("PARTNER_CALCULATION_IN_PROGRESS")
    };
    assert_eq!(ends.iter().filter(is_end).count(), count);
    wait(|| replica.process().must_run());
}

/// A partner that does not hold every answer against the contract: that costs it more than the gateway's work.
#[derive(Clone)]
struct Plain {
    http: reqwest::Client,
    address: String,
}

// === impl Plain ===

impl Plain {
    fn of(replica: &Replica) -> Self {
        // Fails only where a provider is installed already, and then there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
        Self { http, address: format!("http://{}/osago/calculate", replica.serve.partner) }
    }

    async fn post(&self, body: String) -> (u16, String) {
        let post = self.http.post(&self.address).header("content-type", "application/json");
        Self::answer(post.body(body)).await
    }

    async fn poll(&self, id: &str) -> (u16, String) {
        Self::answer(self.http.get(format!("{}?request_id={id}", self.address))).await
    }

    async fn answer(request: reqwest::RequestBuilder) -> (u16, String) {
        let answer = request.bearer_auth("demo-token").send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a body"))
    }
}

/// Takes calls and answers none.
struct Hanging {
    base_url: String,
    taken: Arc<AtomicUsize>,
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

// === impl Hanging ===

impl Hanging {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base_url = format!("http://{}/", listener.local_addr().expect("an address"));
        let taken = Arc::new(AtomicUsize::new(0));
        let (stop, mut stopped) = oneshot::channel();
        let counted = taken.clone();
        let task = tokio::spawn(async move {
            let mut held = Vec::new();
            loop {
                tokio::select! {
                    _ = &mut stopped => return,
                    came = listener.accept() => {
                        held.push(came.expect("a connection"));
                        counted.store(held.len(), Ordering::Relaxed);
                    }
                }
            }
        });
        Self { base_url, taken, stop, task }
    }

    fn calls(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// Lets go of everybody and listens no more.
    async fn stop(self) {
        let _ = self.stop.send(());
        let _ = tokio::time::timeout(Duration::from_secs(20), self.task).await;
    }
}
