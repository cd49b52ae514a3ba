//! The bare client: the same calls with nothing around them.
//!
//! A process of its own, so that its processor time is its own. It lets the adapters' own flows build and
//! read the bodies, fills their slots, and keeps a session and a nonce; it sends with `reqwest`, with the
//! gateway's settings of the pool. Each line of its input is a batch; each line of its output says what
//! that batch took.

use std::{
    io::BufRead,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::{
    runtime::Runtime,
    task::JoinSet,
    time::{Instant, sleep_until},
};
use veer::config::{Config, InsurerConfig, variables};
use veer_contract::domain::QuoteRequest;

use crate::{insurer::Insurer, process::own_processor, sample, schedule};

/// So many calculations, so many of them a second.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Batch {
    pub(crate) seed: u64,
    pub(crate) per_second: f64,
    pub(crate) count: usize,
}

/// The bare client of every insurer.
struct Bare {
    insurers: Vec<Arc<Insurer>>,
    request: QuoteRequest,
    calls: Arc<AtomicU64>,
}

/// Runs batches until its input ends.
pub(crate) fn run(config: &Path) -> Result<(), String> {
    // Fails only where a provider is installed already, and then there is one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    let bare = runtime.block_on(Bare::new(config))?;
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        let batch: Batch =
            serde_json::from_str(&line).map_err(|error| format!("`{line}` is no batch: {error}"))?;
        let (calls, processor) = (bare.calls.load(Ordering::Relaxed), own_processor()?);
        runtime.block_on(bare.batch(&batch.arrivals()))?;
        let (calls, processor) = (bare.calls.load(Ordering::Relaxed) - calls, own_processor()? - processor);
        println!("{}", serde_json::json!({ "calls": calls, "processor_us": processor.as_micros() as f64 }));
    }
    Ok(())
}

// === impl Batch ===

impl Batch {
    /// When they begin: the same moments for whoever has the same batch.
    pub(crate) fn arrivals(&self) -> Vec<Duration> {
        schedule::arrivals(self.seed, self.per_second, self.count)
    }
}

// === impl Bare ===

impl Bare {
    /// Reads whom to call, and logs in where that is needed.
    async fn new(config: &Path) -> Result<Self, String> {
        let (request, calls) = (sample::quote_request()?, Arc::<AtomicU64>::default());
        let insurers = insurers(config, &request, &calls).await?.into_iter().map(Arc::new).collect();
        Ok(Self { insurers, request, calls })
    }

    /// Asks every insurer at each of these moments.
    async fn batch(&self, arrivals: &[Duration]) -> Result<(), String> {
        let (start, mut asking) = (Instant::now(), JoinSet::new());
        for after in arrivals {
            sleep_until(start + *after).await;
            let request = Arc::new(sample::another(&self.request));
            for insurer in &self.insurers {
                let (insurer, request) = (insurer.clone(), request.clone());
                asking.spawn(async move { insurer.quote(&request).await });
            }
        }
        while let Some(asked) = asking.join_next().await {
            asked.map_err(|error| error.to_string())??;
        }
        Ok(())
    }
}

/// Whom a configuration names, logged in where that is needed.
pub(crate) async fn insurers(
    config: &Path,
    request: &QuoteRequest,
    calls: &Arc<AtomicU64>,
) -> Result<Vec<Insurer>, String> {
    let manifests: Vec<_> = veer_insurers::all().iter().map(|adapter| adapter.manifest()).collect();
    let config = Config::load(config, variables(), &manifests).map_err(|problems| problems.to_string())?;
    let mut insurers = Vec::new();
    for insurer in config.insurers.into_iter().filter(is_asked_for_prices) {
        let idle = config.upstream.idle_connection;
        let mut insurer = Insurer::new(insurer, &request.vehicle, idle, calls.clone())?;
        insurer.log_in().await?;
        insurers.push(insurer);
    }
    Ok(insurers)
}

/// A source of vehicle data is asked for no price.
fn is_asked_for_prices(insurer: &InsurerConfig) -> bool {
    veer_insurers::find(&insurer.adapter).is_some_and(|adapter| adapter.quote().is_some())
}
