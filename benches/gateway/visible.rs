//! From the last insurer's answer to its being visible in a poll, at half of what the machine can do.
//!
//! Both the watched calculations and the others begin when the schedule says so, whatever became of those before
//! (an open loop): an answer that is slow for one makes no other begin later, so nothing slow goes unseen.

use std::{path::Path, sync::Arc, time::Duration, time::Instant};

use tokio::task::JoinSet;

use crate::{
    figure::{Bound, Row, Section, percentile},
    house::{Gateway, Insurers, Simulator},
    http::{Connection, request},
    load::{Load, is_under_way, poll, post},
    relay::Relay,
    report::{Kind, Plot, Report, Series},
    sample::Sample,
    schedule,
    workload::{Visible, Workload},
};

/// Polls begin so long before the last answer is due.
const EARLY: Duration = Duration::from_millis(30);
/// Connections that ask as fast as they are answered while the full load is looked for.
const CONNECTIONS: usize = 16;
const LOOK_EVERY: Duration = Duration::from_millis(100);
const BOUND: f64 = 5.0;
const SHARES: [(f64, &str); 6] =
    [(0.5, "50 %"), (0.9, "90 %"), (0.95, "95 %"), (0.99, "99 %"), (0.999, "99.9 %"), (1.0, "longest")];

/// What was found, in milliseconds, sorted.
struct Found {
    full: f64,
    visible: Vec<f64>,
    accepted: Vec<f64>,
}

/// Measures `[visible]`.
pub(crate) async fn measure(workload: &Workload, folder: &Path) -> Result<Report, String> {
    let visible = &workload.visible;
    let last_after = Duration::from_millis(visible.last_after_ms);
    let insurers = Insurers { last_after, ..Insurers::healthy(visible.insurers) };
    let mut simulator = Simulator::start(insurers, folder.join("visible")).await?;
    let mut relay = Relay::bind().await?;
    relay.to(simulator.redirect_last(relay.address)?);
    let relay = Arc::new(relay);
    let gateway = simulator.gateway(0, &workload.log).await?;

    let full = full_load(&gateway, visible.probe).await?;
    let found = watched(workload, &gateway, &relay, full).await?;
    let section = section(visible, &found);
    section.print();
    let plots = vec![Plot {
        name: "visible",
        title: "From the last insurer's answer to visible in a poll, at half load".into(),
        kind: Kind::Bars,
        x: "so many were seen within",
        y: "ms",
        ticks: SHARES.iter().map(|(_, name)| (*name).to_owned()).collect(),
        series: vec![Series::new(
            "ms",
            SHARES.iter().map(|(share, _)| percentile(&found.visible, *share)).collect(),
        )],
        bound: Some(BOUND),
    }];
    let title = "From the last insurer's answer to visible in a poll";
    Ok(Report { group: "visible", title, sections: vec![section], plots })
}

/// Calculations a second that the gateway, the simulators and the load together can do here: `count` of them as
/// fast as they are accepted, without what one takes that is alone.
async fn full_load(gateway: &Gateway, count: usize) -> Result<f64, String> {
    let mut took = Duration::ZERO;
    // The first makes connections and sessions; the second is the one that is alone.
    for (count, counts) in [(CONNECTIONS, false), (1, true), (count, true)] {
        let (start, before) = (Instant::now(), gateway.counts().await?.ended);
        post(gateway.partner, CONNECTIONS, count).await?;
        gateway.ended(before + count as u64, LOOK_EVERY).await?;
        if counts {
            took = start.elapsed().saturating_sub(took);
        }
    }
    Ok(count as f64 / took.max(LOOK_EVERY).as_secs_f64())
}

async fn watched(
    workload: &Workload,
    gateway: &Gateway,
    relay: &Arc<Relay>,
    full: f64,
) -> Result<Found, String> {
    let visible = &workload.visible;
    let last_after = Duration::from_millis(visible.last_after_ms);
    let seconds = (visible.samples as f64 / visible.samples_per_second).ceil() as u64;
    let others = (full * visible.share - visible.samples_per_second).max(1.0);
    // They begin before the first that is watched and go on until the last has ended.
    let lead = Duration::from_secs(2);
    let lasting = seconds + (lead + last_after).as_secs() + 1;
    let others = Load { arrivals: schedule::lasting(workload.seed, others, lasting), polled: true };
    let others = tokio::spawn(others.put(gateway.partner));
    let start = tokio::time::Instant::now() + lead;
    let moments = schedule::arrivals(workload.seed + 1, visible.samples_per_second, visible.samples);
    let mut watching = JoinSet::new();
    for after in moments {
        let (relay, partner, intended) = (relay.clone(), gateway.partner, start + after);
        tokio::time::sleep_until(intended).await;
        watching.spawn(async move { watch(partner, &relay, intended, last_after).await });
    }
    let mut seen: Vec<f64> = Vec::new();
    while let Some(watched) = watching.join_next().await {
        seen.push(watched.map_err(|error| error.to_string())??);
    }
    seen.sort_by(f64::total_cmp);
    let accepted = others.await.map_err(|error| error.to_string())??.accepted;
    Ok(Found { full, visible: seen, accepted })
}

/// Milliseconds from the last insurer's answer to the first poll that shows the calculation finished.
async fn watch(
    partner: std::net::SocketAddr,
    relay: &Relay,
    intended: tokio::time::Instant,
    last_after: Duration,
) -> Result<f64, String> {
    let mut connection = Connection::open(partner).await?;
    let Sample { request_id, vin, body } = Sample::next();
    connection.ask(&request("POST", "/osago/calculate", &body)).await?;
    tokio::time::sleep_until(intended + last_after.saturating_sub(EARLY)).await;
    let poll = poll(&request_id);
    while is_under_way(connection.ask(&poll).await?) {}
    let seen = Instant::now();
    let answered =
        relay.answered(&vin).ok_or("a calculation was finished before its last insurer answered")?;
    Ok(seen.duration_since(answered).as_secs_f64() * 1e3)
}

fn section(visible: &Visible, found: &Found) -> Section {
    let Visible { insurers, last_after_ms, samples_per_second, share, .. } = visible;
    let rows = vec![
        Row::new("visible, 50th percentile", "ms", &[percentile(&found.visible, 0.5)]),
        Row::new("visible, 99th percentile", "ms", &[percentile(&found.visible, 0.99)])
            .bounded(Bound::AtMost(BOUND)),
        Row::new("visible, longest", "ms", &[percentile(&found.visible, 1.0)]),
        Row::new("accepted, 50th percentile", "ms", &[percentile(&found.accepted, 0.5)]),
        Row::new("accepted, 99th percentile", "ms", &[percentile(&found.accepted, 0.99)]),
        Row::new("calculations a second at full load", "/s", &[found.full]),
    ];
    let title = format!(
        "{} samples, {insurers} insurers, {:.0} calculations begun a second: {:.0} % of the full load",
        found.visible.len(),
        found.full * share,
        share * 100.0
    );
    let notes = vec![
        format!("Answered: a relay hands the first bytes of the last answer (after {last_after_ms} ms) to the gateway's socket."),
        format!("Visible: an answer without IN_PROGRESS has arrived. {samples_per_second} calculations a second are watched, each polled"),
        "without a pause around its end. Accepted: from the moment in which a calculation was to begin to its 200. Full load:".into(),
        "what the gateway does with as much as it accepts, less the time of one alone; simulators, load and watchers share".into(),
        "the machine with it.".into(),
    ];
    Section { title, notes, rows }
}
