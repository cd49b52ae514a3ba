//! Memory of a calculation in flight.

use std::{path::Path, time::Duration};

use crate::{
    figure::{Bound, Row, Section},
    house::{Gateway, Insurers, Simulator},
    http::Connection,
    load::{poll, post},
    report::{Kind, Plot, Report, Series},
    workload::{Memory, Workload},
};

const ASKED: &[u8] = b"PRE_CALC_SENT";
/// The figure is one of the whole process: a moment for what the posts left to be tidied up.
const SETTLE: Duration = Duration::from_secs(2);
/// What the insurers' manifests allow a lane.
const SHIPPED: i64 = 8;
/// Calculations are posted over so many connections.
const CONNECTIONS: usize = 16;
const BOUND: f64 = 64.0;

/// Measures `[memory]`.
pub(crate) async fn measure(workload: &Workload, folder: &Path) -> Result<Report, String> {
    let memory = &workload.memory;
    let log = &workload.log;
    let waiting = growth(memory, &memory.waiting, Some(SHIPPED), log, &folder.join("memory-waiting")).await?;
    let sent = growth(memory, &memory.sent, None, log, &folder.join("memory-sent")).await?;
    let of = |count: &usize, how: &str, each: f64| {
        Row::new(format!("each of {count}, {how}"), "KiB", &[each]).bounded(Bound::AtMost(BOUND))
    };
    let (first, any) = (format!("{SHIPPED} calls a lane at once"), "any number of calls at once");
    let mut rows = Vec::new();
    rows.extend(memory.waiting.iter().zip(&waiting).map(|(count, each)| of(count, &first, *each)));
    rows.extend(memory.sent.iter().zip(&sent).map(|(count, each)| of(count, any, *each)));
    let Memory { insurers, base, .. } = memory;
    let title = format!("{insurers} insurers that hang; beside {base} calculations in flight");
    let notes = vec![
        format!("The growth of the gateway's resident set from {base} calculations on, while all insurers hang, divided by their"),
        format!("number. With {SHIPPED} calls a lane at once, as the manifests have it, most conversations wait for a permit; with any"),
        "number, each holds its own connection with a request under way, of which a process can have so many as files.".into(),
    ];
    let ticks = |counts: &[usize], how: &'static str| -> Vec<String> {
        counts.iter().map(|count| format!("{count}, {how}")).collect()
    };
    let plots = vec![Plot {
        name: "memory",
        title: format!("Memory of a calculation in flight with {insurers} insurers"),
        kind: Kind::Bars,
        x: "",
        y: "KiB",
        ticks: [ticks(&memory.waiting, "waiting"), ticks(&memory.sent, "all sent")].concat(),
        series: vec![Series::new("KiB each", [waiting, sent].concat())],
        bound: Some(BOUND),
    }];
    let section = Section { title, notes, rows };
    section.print();
    Ok(Report { group: "memory", title: "Memory of a calculation in flight", sections: vec![section], plots })
}

/// KiB a calculation, at each of these counts.
async fn growth(
    memory: &Memory,
    counts: &[usize],
    lanes: Option<i64>,
    log: &str,
    folder: &Path,
) -> Result<Vec<f64>, String> {
    let Memory { insurers, base, .. } = *memory;
    let all_hang = Insurers { hanging: insurers, ..Insurers::healthy(insurers) };
    let mut simulator = Simulator::start(all_hang, folder.to_owned()).await?;
    if let Some(concurrent) = lanes {
        simulator.limit_lanes(concurrent);
    }
    let gateway = simulator.gateway(1, log).await?;
    // Where lanes are limited, who waits for a permit was not asked yet.
    let asked = if lanes.is_some() { 0 } else { insurers };
    let before = resident_with(&gateway, base, asked).await?;
    let (mut in_flight, mut each) = (base, Vec::new());
    for count in counts {
        let after = resident_with(&gateway, count - in_flight, asked).await?;
        in_flight = *count;
        each.push(after.saturating_sub(before) as f64 / (count - base) as f64 / 1024.0);
    }
    match gateway.counts().await?.ended {
        0 => Ok(each),
        ended => Err(format!("{ended} calculations ended while memory was measured")),
    }
}

/// The resident set once `count` more calculations have asked so many insurers.
async fn resident_with(gateway: &Gateway, count: usize, asked: usize) -> Result<u64, String> {
    let posted = post(gateway.partner, CONNECTIONS, count).await?;
    let mut connection = Connection::open(gateway.partner).await?;
    for request_id in posted {
        all_asked(&mut connection, &poll(&request_id), asked).await?;
    }
    tokio::time::sleep(SETTLE).await;
    gateway.process.resident()
}

async fn all_asked(connection: &mut Connection, request: &[u8], asked: usize) -> Result<(), String> {
    for _ in 0..400 {
        let answer = connection.ask(request).await?;
        if answer.windows(ASKED.len()).filter(|part| *part == ASKED).count() >= asked {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    Err("not every insurer was asked".into())
}
