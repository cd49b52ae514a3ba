//! A gateway in this process, with its insurers.

use std::sync::Arc;

use tempfile::TempDir;
use veer::{Gateway, config::Config, upstream::Insurer};
use veer_contract::{Adapter, Manifest};
use veer_simulator::{Plan, Received, Simulation};

use super::{Client, Settings};

/// Everything that runs during a test.
pub struct House {
    /// The insurers.
    pub simulation: Simulation,
    /// A partner.
    pub client: Client,
    gateway: Option<Gateway>,
    settings: Settings,
    adapters: Vec<&'static dyn Adapter>,
    scratch: TempDir,
}

// === impl House ===

impl House {
    /// A gateway in front of the plan's insurers.
    pub async fn open(plan: Plan) -> Self {
        Self::furnished(plan, |_, _| {}).await
    }

    /// The same, configured otherwise.
    pub async fn furnished(plan: Plan, change: impl FnOnce(&mut Settings, &Simulation)) -> Self {
        Self::with_adapters(plan, &[], change).await
    }

    /// The same, with more adapters than those that are built in.
    pub async fn with_adapters(
        plan: Plan,
        more: &[&'static dyn Adapter],
        change: impl FnOnce(&mut Settings, &Simulation),
    ) -> Self {
        let simulation = Simulation::start(plan).await.expect("simulated insurers");
        let mut settings = Settings::of(&simulation);
        settings.set("server.stop_grace", "10s");
        change(&mut settings, &simulation);
        let scratch = TempDir::with_prefix("veer-test-").expect("a folder");
        let adapters: Vec<_> = veer_insurers::all().iter().chain(more).copied().collect();
        let gateway = start(&settings, &scratch, &adapters).await;
        let client = Client::new(gateway.partner, gateway.operations).await;
        Self { simulation, client, gateway: Some(gateway), settings, adapters, scratch }
    }

    /// Stops the gateway gently and starts it on the same store.
    pub async fn restart(&mut self) {
        self.gateway.take().expect("a gateway").stop().await;
        let gateway = start(&self.settings, &self.scratch, &self.adapters).await;
        self.client = Client::new(gateway.partner, gateway.operations).await;
        self.gateway = Some(gateway);
    }

    /// The same, configured otherwise from then on.
    pub async fn restart_with(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.settings);
        self.restart().await;
    }

    /// An insurer's account inside the gateway, to change how it stands while it runs.
    pub fn insurer(&self, code: &str) -> Arc<Insurer> {
        let services = self.gateway.as_ref().expect("a gateway").calculations.services();
        let found = services.insurers.iter().find(|insurer| insurer.code() == code);
        found.expect("an insurer").clone()
    }

    /// The key by which addresses of files are signed.
    pub fn link_key(&self) -> [u8; 32] {
        self.gateway.as_ref().expect("a gateway").calculations.services().store.link_key
    }

    /// What an insurer received of one operation.
    pub fn received(&self, insurer: &str, operation: &str) -> Vec<Received> {
        let mut received = self.simulation.journal();
        received.retain(|call| call.insurer == insurer && call.operation == operation);
        received
    }
}

/// On a thread of its own: it computes for a second, and tests that open several houses on one task would let the
/// others' connections wait beyond the gateway's patience.
async fn start(settings: &Settings, scratch: &TempDir, adapters: &[&'static dyn Adapter]) -> Gateway {
    let (path, adapters) = (settings.write(scratch.path()), adapters.to_vec());
    let runtime = tokio::runtime::Handle::current();
    let starting = tokio::task::spawn_blocking(move || {
        let manifests: Vec<&Manifest> = adapters.iter().map(|adapter| adapter.manifest()).collect();
        let config = Config::load(&path, std::iter::empty(), &manifests);
        let config = config.unwrap_or_else(|problems| panic!("{problems}"));
        runtime.block_on(Gateway::start(config, &adapters[..])).expect("a gateway")
    });
    starting.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}
