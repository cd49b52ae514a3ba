//! Polls of a running calculation beside the same server sending a fixed body of the same size.

use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::{
    figure::{Bound, Figure, Row, Section, ratios},
    fixed,
    house::{Insurers, Simulator},
    http::Connection,
    load::{is_under_way, poll, post_one},
    process::Process,
    report::{Kind, Plot, Report, Series},
    workload::{Polls, Workload},
};

const PRICED: &[u8] = b"PRE_CALC_READY";

/// One side's rounds.
#[derive(Default)]
struct Side {
    per_second: Vec<f64>,
    micros: Vec<f64>,
    busy: Vec<f64>,
}

/// Measures `[polls]`.
pub(crate) async fn measure(workload: &Workload, folder: &Path) -> Result<Report, String> {
    let Workload { polls, rounds, log, .. } = workload;
    let folder = folder.join("polls");
    let insurers = Insurers { hanging: 1, ..Insurers::healthy(polls.insurers) };
    let simulator = Simulator::start(insurers, folder.clone()).await?;
    let gateway = simulator.gateway(polls.workers, log).await?;
    let mut connection = Connection::open(gateway.partner).await?;
    let request = poll(&post_one(&mut connection).await?);
    let size = all_but_one(&mut connection, &request, polls.insurers - 1).await?;
    let (fixed, fixed_at) = fixed_server(size, polls.workers, &folder).await?;

    let (mut ours, mut theirs) = (Side::default(), Side::default());
    // The first round of each warms up.
    for round in 0..=*rounds {
        let one = ours.round(round > 0, gateway.partner, &gateway.process, &request, polls);
        one.await?;
        let other = theirs.round(round > 0, fixed_at, &fixed, &request, polls);
        other.await?;
    }
    let answer = connection.ask(&request).await?;
    if !is_under_way(answer) || answer.len() != size {
        return Err("the polled calculation changed while it was measured".into());
    }
    let section = section(polls, size, &ours, &theirs);
    section.print();
    let medians = [&ours, &theirs].map(|side| Figure::of(&side.per_second).median);
    let plots = vec![Plot {
        name: "polls",
        title: "Answers a second".into(),
        kind: Kind::Bars,
        x: "",
        y: "answers a second",
        ticks: vec!["polls of a running calculation".into(), "fixed body of that size".into()],
        series: vec![Series::new("answers a second", medians.to_vec())],
        bound: None,
    }];
    let title = "Polls of a running calculation, beside a fixed body";
    Ok(Report { group: "polls", title, sections: vec![section], plots })
}

/// Waits until all but the one that hangs have their price; the size of the answer then.
async fn all_but_one(connection: &mut Connection, request: &[u8], priced: usize) -> Result<usize, String> {
    for _ in 0..400 {
        let answer = connection.ask(request).await?;
        if answer.windows(PRICED.len()).filter(|part| *part == PRICED).count() == priced {
            return Ok(answer.len());
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    Err("the insurers that were to answer did not".into())
}

async fn fixed_server(size: usize, workers: usize, folder: &Path) -> Result<(Process, SocketAddr), String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let (size, workers) = (size.to_string(), workers.to_string());
    let log = folder.join("fixed.log");
    let mut process = Process::start("the fixed body", &own, &["fixed", &size, &workers], folder, &log)?;
    let address = process.hear(fixed::LISTENING).await?;
    let address = address.parse().map_err(|_| format!("`{address}` is no address"))?;
    Ok((process, address))
}

// === impl Side ===

impl Side {
    async fn round(
        &mut self,
        counts: bool,
        address: SocketAddr,
        process: &Process,
        request: &[u8],
        polls: &Polls,
    ) -> Result<(), String> {
        let mut connections = Vec::new();
        for _ in 0..polls.connections {
            connections.push(Connection::open(address).await?);
        }
        let (processor, start) = (process.processor()?, Instant::now());
        let end = start + Duration::from_secs(polls.seconds);
        let mut asking = JoinSet::new();
        for mut connection in connections {
            let request = request.to_vec();
            asking.spawn(async move {
                let mut answers = 0_u64;
                while Instant::now() < end {
                    connection.ask(&request).await?;
                    answers += 1;
                }
                Ok::<_, String>(answers)
            });
        }
        let mut answers = 0;
        while let Some(asked) = asking.join_next().await {
            answers += asked.map_err(|error| error.to_string())??;
        }
        let (took, processor) = (start.elapsed().as_secs_f64(), process.processor()? - processor);
        if counts {
            let processor = processor.as_secs_f64();
            self.per_second.push(answers as f64 / took);
            self.micros.push(processor * 1e6 / answers as f64);
            self.busy.push(processor / took / polls.workers as f64 * 100.0);
        }
        Ok(())
    }
}

fn section(polls: &Polls, size: usize, ours: &Side, theirs: &Side) -> Section {
    let Polls { workers, connections, seconds, .. } = polls;
    let rows = vec![
        Row::new("polls of a running calculation", "/s", &ours.per_second),
        Row::new("fixed body of that size", "/s", &theirs.per_second),
        Row::new("polls / fixed, answers a second", "×", &ratios(&ours.per_second, &theirs.per_second))
            .bounded(Bound::AtLeast(0.9)),
        Row::new("polls, processor time of the server", "µs", &ours.micros),
        Row::new("fixed, processor time of the server", "µs", &theirs.micros),
        Row::new("fixed / polls, processor time", "×", &ratios(&theirs.micros, &ours.micros)),
        Row::new("polls, how busy the server's threads were", "%", &ours.busy),
        Row::new("fixed, how busy the server's threads were", "%", &theirs.busy),
    ];
    let title = format!("{connections} connections, {workers} thread(s) a server, {seconds} s a round");
    let notes = vec![
        format!("The answer has {size} bytes; the calculation runs, for one insurer hangs. Both servers are actix, with"),
        "the same settings. Where a server's threads are not near 100 % busy, the machine or the asking side was the".into(),
        "limit, and its processor time is the better figure.".into(),
    ];
    Section { title, notes, rows }
}
