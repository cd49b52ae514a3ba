//! Processor time per call to an insurer: the gateway beside a bare client that does the same calls.

use std::{path::Path, time::Duration};

use serde::Deserialize;

use crate::{
    bare::Batch,
    figure::{Bound, Figure, Row, Section, ratios},
    house::{Gateway, Insurers, Simulator},
    load::Load,
    process::Process,
    report::{Kind, Plot, Report, Series},
    workload::{Calls, Workload},
};

/// How often the gateway is asked whether a batch has ended: rarely, for its answer is its own work too.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// A batch's last writes are under way when its last calculation ends.
const SETTLE: Duration = Duration::from_millis(150);

/// The gateway's processor time of a call, in a bare client's.
const BOUND: f64 = 1.5;

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
struct Took {
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

/// Measures every `[[calls]]`.
pub(crate) async fn measure(workload: &Workload, folder: &Path) -> Result<Report, String> {
    let Workload { calls, .. } = workload;
    let mut sections = Vec::new();
    let (mut ours, mut theirs, mut ratio) = (Vec::new(), Vec::new(), Vec::new());
    for calls in calls {
        let found = rounds(calls, workload, folder).await?;
        ours.push(Figure::of(&found.gateway).median);
        theirs.push(Figure::of(&found.bare).median);
        ratio.push(Figure::of(&ratios(&found.gateway, &found.bare)).median);
        let mut section = found.section(calls);
        if !sections.is_empty() {
            // The same as of the first.
            section.notes.clear();
        }
        section.print();
        sections.push(section);
    }
    let ticks: Vec<String> = calls.iter().map(|calls| calls.insurers.to_string()).collect();
    let plots = vec![
        Plot {
            name: "calls",
            title: "Processor time of an insurer call".into(),
            kind: Kind::Lines,
            x: "insurers",
            y: "µs a call",
            ticks: ticks.clone(),
            series: vec![Series::new("gateway", ours), Series::new("bare client", theirs)],
            bound: None,
        },
        Plot {
            name: "calls-ratio",
            title: "The gateway's processor time beside a bare client's".into(),
            kind: Kind::Lines,
            x: "insurers",
            y: "×",
            ticks,
            series: vec![Series::new("gateway / bare", ratio)],
            bound: Some(BOUND),
        },
    ];
    Ok(Report {
        group: "calls",
        title: "Processor time of an insurer call, beside a bare client",
        sections,
        plots,
    })
}

async fn rounds(calls: &Calls, workload: &Workload, folder: &Path) -> Result<Rounds, String> {
    let folder = folder.join(format!("calls-{}", calls.insurers));
    let simulator = Simulator::start(Insurers::healthy(calls.insurers), folder.clone()).await?;
    let gateway = simulator.gateway(0, &workload.log).await?;
    let mut bare = bare_client(&gateway, &folder)?;
    let batch = |seed, count| Batch { seed, per_second: calls.per_second, count };

    // Connections made, sessions opened, nonces known, memory touched.
    let warm = batch(workload.seed, (calls.per_second.ceil() as usize).clamp(1, calls.calculations));
    of_gateway(&gateway, warm, true).await?;
    of_bare(&mut bare, warm).await?;

    let mut found = Rounds::default();
    for round in 1..=workload.rounds {
        let batch = batch(workload.seed + round as u64, calls.calculations);
        let (per_call, calls_each, _) = of_gateway(&gateway, batch, false).await?;
        found.gateway.push(per_call);
        found.calls.push(calls_each);
        found.bare.push(of_bare(&mut bare, batch).await?);
        if calls.polled {
            let (per_call, _, polls_each) = of_gateway(&gateway, batch, true).await?;
            found.polled.push(per_call);
            found.polls.push(polls_each);
        }
    }
    Ok(found)
}

/// Microseconds of processor time a call, calls a calculation, polls a calculation.
pub(crate) async fn of_gateway(
    gateway: &Gateway,
    batch: Batch,
    polled: bool,
) -> Result<(f64, f64, f64), String> {
    let (before, processor) = (gateway.counts().await?, gateway.process.processor()?);
    let polls = Load { arrivals: batch.arrivals(), polled }.put(gateway.partner).await?.polls;
    let all = batch.count as u64;
    let after = gateway.ended(before.ended + all, LOOK_EVERY).await?;
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
async fn of_bare(bare: &mut Process, batch: Batch) -> Result<f64, String> {
    bare.tell(&serde_json::to_string(&batch).map_err(|error| error.to_string())?).await?;
    let told = bare.hear("").await?;
    let batch: Took = serde_json::from_str(&told).map_err(|_| format!("the bare client: {told}"))?;
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
        let Calls { insurers, calculations, per_second, .. } = calls;
        let ratio = ratios(&self.gateway, &self.bare);
        let mut rows = vec![
            Row::new("gateway, not polled", "µs/call", &self.gateway),
            Row::new("bare client", "µs/call", &self.bare),
            Row::new("gateway / bare", "×", &ratio).bounded(Bound::AtMost(BOUND)),
            Row::new("calls of a calculation", "", &self.calls),
        ];
        if !self.polled.is_empty() {
            rows.extend([
                Row::new("gateway, each calculation polled once a second", "µs/call", &self.polled),
                Row::new("gateway polled / bare", "×", &ratios(&self.polled, &self.bare)),
                Row::new("polls of a calculation, where polled", "", &self.polls),
            ]);
        }
        let title = format!(
            "{insurers} insurer{}, {calculations} calculations a batch, {per_second} begun a second",
            if *insurers == 1 { "" } else { "s" }
        );
        Section { title, notes: NOTES.map(str::to_owned).to_vec(), rows }
    }
}
