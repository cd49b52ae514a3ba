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

use tokio::{runtime::Runtime, task::JoinSet, time::interval};
use veer::config::{Config, InsurerConfig, variables};
use veer_contract::domain::QuoteRequest;

use crate::{insurer::Insurer, process::own_processor, sample};

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
        let batch =
            line.split_once(' ').and_then(|(count, pace)| Some((count.parse().ok()?, pace.parse().ok()?)));
        let (count, per_second) = batch.ok_or_else(|| format!("`{line}` is no batch"))?;
        let (calls, processor) = (bare.calls.load(Ordering::Relaxed), own_processor()?);
        runtime.block_on(bare.batch(count, per_second))?;
        let (calls, processor) = (bare.calls.load(Ordering::Relaxed) - calls, own_processor()? - processor);
        println!("{}", serde_json::json!({ "calls": calls, "processor_us": processor.as_micros() as f64 }));
    }
    Ok(())
}

// === impl Bare ===

impl Bare {
    /// Reads whom to call, and logs in where that is needed.
    async fn new(config: &Path) -> Result<Self, String> {
        let manifests: Vec<_> = veer_insurers::all().iter().map(|adapter| adapter.manifest()).collect();
        let config =
            Config::load(config, variables(), &manifests).map_err(|problems| problems.to_string())?;
        let (request, calls) = (sample::quote_request()?, Arc::<AtomicU64>::default());
        let mut insurers = Vec::new();
        for insurer in config.insurers.into_iter().filter(is_asked_for_prices) {
            let idle = config.upstream.idle_connection;
            let mut insurer = Insurer::new(insurer, &request.vehicle, idle, calls.clone())?;
            insurer.log_in().await?;
            insurers.push(Arc::new(insurer));
        }
        Ok(Self { insurers, request, calls })
    }

    /// Asks every insurer `count` times, `per_second` times a second.
    async fn batch(&self, count: usize, per_second: u32) -> Result<(), String> {
        let mut pace = interval(Duration::from_secs(1) / per_second);
        let mut asking = JoinSet::new();
        for _ in 0..count {
            pace.tick().await;
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

/// A source of vehicle data is asked for no price.
fn is_asked_for_prices(insurer: &InsurerConfig) -> bool {
    veer_insurers::find(&insurer.adapter).is_some_and(|adapter| adapter.quote().is_some())
}
