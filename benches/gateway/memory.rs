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
const SETTLE: Duration = Duration::from_millis(500);

/// Measures `[memory]`.
pub(crate) async fn measure(memory: &Memory, log: &str, folder: &Path) -> Result<Section, String> {
    let Memory { insurers, few, many } = *memory;
    let all_hang = Insurers { hanging: insurers, ..Insurers::healthy(insurers) };
    let simulator = Simulator::start(all_hang, folder.join("memory")).await?;
    let gateway = simulator.gateway(1, log).await?;
    let mut connection = Connection::open(gateway.partner).await?;
    let before = resident_with(&gateway, &mut connection, few, insurers).await?;
    let after = resident_with(&gateway, &mut connection, many - few, insurers).await?;
    let each = after.saturating_sub(before) as f64 / (many - few) as f64 / 1024.0;
    let title =
        format!("Memory of a calculation in flight with {insurers} insurers: from {few} of them to {many}");
    let notes = vec![
        "The growth of the gateway's resident set. All insurers hang, and no lane limits anything: each conversation".into(),
        "holds its own connection with a call under way, which a lane's `concurrent` would not allow in service.".into(),
    ];
    Ok(Section { title, notes, rows: vec![Row::new("each", "KiB", &[each]).bounded("<= 64")] })
}

/// The resident set once `count` more calculations have asked every insurer.
async fn resident_with(
    gateway: &Gateway,
    connection: &mut Connection,
    count: usize,
    insurers: usize,
) -> Result<u64, String> {
    let mut polls = Vec::new();
    for _ in 0..count {
        polls.push(poll(&post_one(connection).await?));
    }
    for request in polls {
        all_asked(connection, &request, insurers).await?;
    }
    tokio::time::sleep(SETTLE).await;
    gateway.process.resident()
}

async fn all_asked(connection: &mut Connection, request: &[u8], insurers: usize) -> Result<(), String> {
    for _ in 0..400 {
        let answer = connection.ask(request).await?;
        if answer.windows(ASKED.len()).filter(|part| *part == ASKED).count() == insurers {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    Err("not every insurer was asked".into())
}
