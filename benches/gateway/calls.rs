//! Processor time per call to an insurer: the gateway beside a bare client that does the same calls.

use std::{path::Path, time::Duration};

use serde::Deserialize;

use crate::{
    figure::{Row, Section, ratios},
    house::{Gateway, Insurers, Simulator},
    load::Load,
    process::Process,
    workload::Calls,
};

/// How often the gateway is asked whether a batch has ended: rarely, for its answer is its own work too.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// A batch's last writes are under way when its last calculation ends.
const SETTLE: Duration = Duration::from_millis(150);

const NOTES: [&str; 5] = [
    "Gateway: all its processor time, user and system, divided by the calls really sent (veer_upstream_calls_total).",
    "It holds reading and checking each POST of 10 KiB, SQLite with a durable commit before each answer and before",
    "each call that creates, limits, timeouts, timelines, logs, metrics, and writing the answers.",
    "Bare client: one process with reqwest and the same adapters; the same bodies built, sent and read, at the same",
    "pace, by the same simulators. No POST, store, limits, verdicts, logs or answers. Nothing is subtracted.",
];

/// What a bare client tells of a batch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    calls: u64,
    processor_us: f64,
}

#[derive(Default)]
struct Rounds {
    gateway: Vec<f64>,
    polled: Vec<f64>,
    bare: Vec<f64>,
    calls: Vec<f64>,
    polls: Vec<f64>,
}

/// Measures one `[[calls]]`.
pub(crate) async fn measure(
    calls: &Calls,
    rounds: usize,
    log: &str,
    folder: &Path,
) -> Result<Section, String> {
    let folder = folder.join(format!("calls-{}", calls.insurers));
    let simulator = Simulator::start(Insurers::healthy(calls.insurers), folder.clone()).await?;
    let gateway = simulator.gateway(0, log).await?;
    let mut bare = bare_client(&gateway, &folder)?;
    let load = |calculations, polled| Load { calculations, per_second: calls.per_second, polled };

    // Connections made, sessions opened, nonces known, memory touched.
    let warm = calls.per_second.min(calls.calculations);
    of_gateway(&gateway, load(warm, true)).await?;
    of_bare(&mut bare, load(warm, false)).await?;

    let mut found = Rounds::default();
    for _ in 0..rounds {
        let (per_call, calls_each, _) = of_gateway(&gateway, load(calls.calculations, false)).await?;
        found.gateway.push(per_call);
        found.calls.push(calls_each);
        found.bare.push(of_bare(&mut bare, load(calls.calculations, false)).await?);
        let (per_call, _, polls_each) = of_gateway(&gateway, load(calls.calculations, true)).await?;
        found.polled.push(per_call);
        found.polls.push(polls_each);
    }
    Ok(found.section(calls))
}

/// Microseconds of processor time a call, calls a calculation, polls a calculation.
async fn of_gateway(gateway: &Gateway, load: Load) -> Result<(f64, f64, f64), String> {
    let (before, processor) = (gateway.counts().await?, gateway.process.processor()?);
    let polls = load.put(gateway.partner).await?;
    let all = load.calculations as u64;
    let after = loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let counts = gateway.counts().await?;
        if counts.ended - before.ended == all {
            break counts;
        }
    };
    tokio::time::sleep(SETTLE).await;
    let processor = gateway.process.processor()? - processor;
    let ready = after.ready - before.ready;
    if ready != all {
        return Err(format!("only {ready} of {all} calculations ended with an offer"));
    }
    let sent = (after.calls - before.calls) as f64;
    Ok((micros(processor) / sent, sent / all as f64, polls as f64 / all as f64))
}

/// Microseconds of processor time a call.
async fn of_bare(bare: &mut Process, load: Load) -> Result<f64, String> {
    bare.tell(&format!("{} {}", load.calculations, load.per_second)).await?;
    let told = bare.hear("").await?;
    let batch: Batch = serde_json::from_str(&told).map_err(|_| format!("the bare client: {told}"))?;
    Ok(batch.processor_us / batch.calls as f64)
}

fn bare_client(gateway: &Gateway, folder: &Path) -> Result<Process, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let config = gateway.config.display().to_string();
    Process::start("the bare client", &own, &["bare", &config], folder, &folder.join("bare.log"))
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

// === impl Rounds ===

impl Rounds {
    fn section(&self, calls: &Calls) -> Section {
        let Calls { insurers, calculations, per_second } = calls;
        let rows = vec![
            Row::new("gateway, not polled", "µs/call", &self.gateway),
            Row::new("gateway, each calculation polled once a second", "µs/call", &self.polled),
            Row::new("bare client", "µs/call", &self.bare),
            Row::new("gateway / bare", "×", &ratios(&self.gateway, &self.bare)).bounded("<= 1.5"),
            Row::new("gateway polled / bare", "×", &ratios(&self.polled, &self.bare)),
            Row::new("calls of a calculation", "", &self.calls),
            Row::new("polls of a calculation, where polled", "", &self.polls),
        ];
        let title = format!(
            "Processor time per insurer call: {insurers} insurers, {calculations} calculations a batch, \
             {per_second} begun a second"
        );
        Section { title, notes: NOTES.map(str::to_owned).to_vec(), rows }
    }
}
