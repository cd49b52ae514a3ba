//! From the last insurer's answer to its being visible in a poll.

use std::{path::Path, sync::Arc, time::Duration, time::Instant};

use tokio::task::JoinSet;

use crate::{
    figure::{Row, Section, percentile},
    house::{Insurers, Simulator},
    http::{Connection, request},
    load::{Load, is_under_way, poll},
    relay::Relay,
    sample::Sample,
    workload::Visible,
};

/// Polls begin so long before the last answer is due.
const EARLY: Duration = Duration::from_millis(30);

/// Measures `[visible]`.
pub(crate) async fn measure(visible: &Visible, log: &str, folder: &Path) -> Result<Section, String> {
    let last_after = Duration::from_millis(visible.last_after_ms);
    let insurers = Insurers { last_after, ..Insurers::healthy(visible.insurers) };
    let mut simulator = Simulator::start(insurers, folder.join("visible")).await?;
    let mut relay = Relay::bind().await?;
    relay.to(simulator.redirect_last(relay.address)?);
    let relay = Arc::new(relay);
    let gateway = simulator.gateway(0, log).await?;

    let rounds = visible.samples.div_ceil(visible.at_once);
    let lasting = (last_after * rounds as u32).as_secs_f64() + 1.0;
    let calculations = (lasting * visible.per_second as f64) as usize;
    let others = Load { calculations, per_second: visible.per_second, polled: true };
    let others = tokio::spawn(others.put(gateway.partner));
    // The first calculations make connections and sessions.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut watching = JoinSet::new();
    for place in 0..visible.at_once {
        let (relay, partner) = (relay.clone(), gateway.partner);
        let apart = last_after / visible.at_once as u32 * place as u32;
        watching.spawn(async move {
            tokio::time::sleep(apart).await;
            let mut connection = Connection::open(partner).await?;
            let mut found = Vec::new();
            for _ in 0..rounds {
                found.push(watch(&mut connection, &relay, last_after).await?);
            }
            Ok::<_, String>(found)
        });
    }
    let mut found: Vec<f64> = Vec::new();
    while let Some(watched) = watching.join_next().await {
        found.extend(watched.map_err(|error| error.to_string())??);
    }
    others.await.map_err(|error| error.to_string())??;
    found.sort_by(f64::total_cmp);
    Ok(section(visible, &found))
}

/// Milliseconds from the last insurer's answer to the first poll that shows the calculation finished.
async fn watch(connection: &mut Connection, relay: &Relay, last_after: Duration) -> Result<f64, String> {
    let Sample { request_id, vin, body } = Sample::next();
    connection.ask(&request("POST", "/osago/calculate", &body)).await?;
    tokio::time::sleep(last_after.saturating_sub(EARLY)).await;
    let poll = poll(&request_id);
    while is_under_way(connection.ask(&poll).await?) {}
    let seen = Instant::now();
    let answered =
        relay.answered(&vin).ok_or("a calculation was finished before its last insurer answered")?;
    Ok(seen.duration_since(answered).as_secs_f64() * 1e3)
}

fn section(visible: &Visible, sorted: &[f64]) -> Section {
    let Visible { insurers, last_after_ms, at_once, per_second, .. } = visible;
    let rows = vec![
        Row::new("50th percentile", "ms", &[percentile(sorted, 0.5)]),
        Row::new("99th percentile", "ms", &[percentile(sorted, 0.99)]).bounded("<= 5"),
        Row::new("longest", "ms", &[percentile(sorted, 1.0)]),
    ];
    let title = format!(
        "From the last insurer's answer to visible in a poll: {} samples, {insurers} insurers, {per_second} \
         calculations begun a second besides",
        sorted.len()
    );
    let notes = vec![
        format!(
            "Answered: a relay hands the first bytes of the last answer (after {last_after_ms} ms) to the gateway's socket."
        ),
        format!(
            "Visible: an answer without IN_PROGRESS has arrived. {at_once} calculations are watched at once, each polled"
        ),
        "without a pause around its end; simulators, load and watchers share the machine with the gateway."
            .into(),
    ];
    Section { title, notes, rows }
}
