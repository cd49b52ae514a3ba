//! One contender for an insurer's quota: a simulated insurer of its own, seen through a relay that counts.
//!
//! All contenders run at the same time with the same arrivals, so that a machine that stutters does so for all.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout_at},
};
use veer::config::RateLimit;

use crate::{
    bare,
    house::{Insurers, Simulator},
    load::Load,
    naive::Gate,
    relay::Relay,
    sample,
};

/// It asks for each price by one POST, needs no login, and its price comes with a poll.
const WIRE: &[&str] = &["renessans"];
/// Calculations that end late are waited for so long beyond their time.
const GRACE: Duration = Duration::from_secs(3);

/// What all contenders have in common.
#[derive(Debug, Clone)]
pub(crate) struct Contest {
    /// The insurer's limits on calls that create.
    pub(crate) limits: Vec<RateLimit>,
    /// When calculations begin.
    pub(crate) arrivals: Vec<Duration>,
    /// How long each may take.
    pub(crate) budget: Duration,
    /// How long a price takes, between these two.
    pub(crate) latency: [Duration; 2],
    /// The gateway starts no call with less time left than this.
    pub(crate) useful: Duration,
    /// The contenders are stopped after this; until all have ended where it is none.
    pub(crate) stop_after: Option<Duration>,
    /// The gateway's log.
    pub(crate) log: String,
}

/// What came of one contender.
#[derive(Debug)]
pub(crate) struct Came {
    /// When each call that creates arrived at the insurer, from the first on.
    pub(crate) created: Vec<Duration>,
    /// Calculations that had an offer in their time.
    pub(crate) in_time: u64,
}

/// The gateway.
pub(crate) async fn gateway(contest: Contest, folder: PathBuf) -> Result<Came, String> {
    let (mut simulator, relay) = insurer(&contest, folder).await?;
    let rates: Vec<String> = contest.limits.iter().map(ToString::to_string).collect();
    simulator.set_lane("create", "rate", rates);
    simulator.set_lane("create", "useful", format!("{}ms", contest.useful.as_millis()));
    simulator.set("calculation", "budget", format!("{}ms", contest.budget.as_millis()));
    let gateway = simulator.gateway(0, &contest.log).await?;
    let all = contest.arrivals.len() as u64;
    let load = Load { arrivals: contest.arrivals, polled: false };
    let putting = load.put(gateway.partner);
    match contest.stop_after {
        Some(after) => {
            let stop = Instant::now() + after;
            putting.await?;
            sleep_until(stop).await;
        }
        None => {
            putting.await?;
            gateway.ended(all, Duration::from_millis(250)).await?;
        }
    }
    Ok(Came { created: relay.created(), in_time: gateway.counts().await?.ready })
}

/// A loop around a gate: each calculation waits at it, then asks.
pub(crate) async fn naive(contest: Contest, gate: Gate, folder: PathBuf) -> Result<Came, String> {
    let (simulator, relay) = insurer(&contest, folder.clone()).await?;
    let config = simulator.config_file(&folder.join("naive.toml"))?;
    let (request, calls) = (sample::quote_request()?, Arc::<AtomicU64>::default());
    let insurer = bare::insurers(&config, &request, &calls).await?.pop().ok_or("there is no insurer")?;
    let (insurer, gate, in_time) = (Arc::new(insurer), Arc::new(gate), Arc::<AtomicU64>::default());
    let (start, mut asking) = (Instant::now(), JoinSet::new());
    let stop = contest.stop_after.map(|after| start + after);
    for after in contest.arrivals {
        let (at, end) = (start + after, start + after + contest.budget);
        sleep_until(at).await;
        let (insurer, gate, in_time) = (insurer.clone(), gate.clone(), in_time.clone());
        let request = sample::another(&request);
        asking.spawn(async move {
            let asked = async { gate.pass(end).await && insurer.quote(&request).await.is_ok() };
            if timeout_at(end, asked).await == Ok(true) {
                in_time.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    match stop {
        Some(stop) => sleep_until(stop).await,
        None => {
            sleep(contest.budget + GRACE).await;
            while asking.join_next().await.is_some() {}
        }
    }
    Ok(Came { created: relay.created(), in_time: in_time.load(Ordering::Relaxed) })
}

async fn insurer(contest: &Contest, folder: PathBuf) -> Result<(Simulator, Relay), String> {
    let insurers = Insurers { wires: WIRE, latency: contest.latency, ..Insurers::healthy(1) };
    let mut simulator = Simulator::start(insurers, folder).await?;
    let mut relay = Relay::bind().await?;
    relay.to(simulator.redirect_last(relay.address)?);
    Ok((simulator, relay))
}

/// A contender's folder, by its name.
pub(crate) fn folder(folder: &Path, name: &str) -> PathBuf {
    folder.join(name.replace([' ', ','], "-"))
}
