//! Memory of a calculation in flight.

use std::{path::Path, time::Duration};

use crate::{
    figure::{Row, Section},
    house::{Gateway, Insurers, Simulator},
    http::Connection,
    load::{poll, post_one},
    workload::Memory,
};

const ASKED: &[u8] = b"PRE_CALC_SENT";
/// The figure is one of the whole process: a moment for what the posts left to be tidied up.
const SETTLE: Duration = Duration::from_secs(1);
/// What the insurers' manifests allow a lane.
const SHIPPED: i64 = 8;

/// Measures `[memory]`.
pub(crate) async fn measure(memory: &Memory, log: &str, folder: &Path) -> Result<Section, String> {
    let Memory { insurers, few, many } = *memory;
    let waiting = growth(memory, Some(SHIPPED), log, &folder.join("memory-waiting")).await?;
    let sent = growth(memory, None, log, &folder.join("memory-sent")).await?;
    let title =
        format!("Memory of a calculation in flight with {insurers} insurers: from {few} of them to {many}");
    let notes = vec![
        format!("The growth of the gateway's resident set while all insurers hang. With {SHIPPED} calls a lane at once, as the"),
        "manifests have it, most conversations wait for a permit; with any number, each holds its own connection.".into(),
    ];
    let rows = vec![
        Row::new(format!("each, {SHIPPED} calls a lane at once"), "KiB", &[waiting]).bounded("<= 64"),
        Row::new("each, any number of calls at once", "KiB", &[sent]).bounded("<= 64"),
    ];
    Ok(Section { title, notes, rows })
}

/// KiB a calculation.
async fn growth(memory: &Memory, lanes: Option<i64>, log: &str, folder: &Path) -> Result<f64, String> {
    let Memory { insurers, few, many } = *memory;
    let all_hang = Insurers { hanging: insurers, ..Insurers::healthy(insurers) };
    let mut simulator = Simulator::start(all_hang, folder.to_owned()).await?;
    if let Some(concurrent) = lanes {
        simulator.limit_lanes(concurrent);
    }
    let gateway = simulator.gateway(1, log).await?;
    let mut connection = Connection::open(gateway.partner).await?;
    // Where lanes are limited, who waits for a permit was not asked yet.
    let asked = if lanes.is_some() { 0 } else { insurers };
    let before = resident_with(&gateway, &mut connection, few, asked).await?;
    let after = resident_with(&gateway, &mut connection, many - few, asked).await?;
    Ok(after.saturating_sub(before) as f64 / (many - few) as f64 / 1024.0)
}

/// The resident set once `count` more calculations have asked so many insurers.
async fn resident_with(
    gateway: &Gateway,
    connection: &mut Connection,
    count: usize,
    asked: usize,
) -> Result<u64, String> {
    let mut polls = Vec::new();
    for _ in 0..count {
        polls.push(poll(&post_one(connection).await?));
    }
    for request in polls {
        all_asked(connection, &request, asked).await?;
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
