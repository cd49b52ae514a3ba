//! What the demo plays on: simulated insurers, a scratch directory, a gateway.

use std::net::{SocketAddr, TcpListener};

use tempfile::TempDir;
use veer_simulator::{Plan, Player, Running, Simulation, Wire, Yandex, YandexPlan};

use crate::{
    Gateway,
    cli::{check, simulated},
    config::Config,
    gateway::StartError,
    specs::Adapters,
    telemetry::logs,
};

/// Everything that runs during the demo.
pub(super) struct Stage {
    /// The gateway.
    pub gateway: Gateway,
    /// Where its store and the files to try are; gone when the demo ends.
    pub scratch: TempDir,
    /// The partner that counts sales.
    pub yandex: Yandex,
    simulation: Simulation,
    players: Vec<Player>,
}

/// What the demo's partner asks of a confirmation.
const TOKEN: &str = "demo-confirm-token";
const PARTNER_ID: &str = "demo";

// === impl Stage ===

impl Stage {
    /// Starts it all: the insurers of `plan`, and besides them a source and those who are played from fixtures.
    pub async fn set(plan: Plan) -> Result<Self, String> {
        let scratch =
            TempDir::with_prefix("veer-demo-").map_err(|error| format!("no scratch directory: {error}"))?;
        let simulation = Simulation::start(plan.and_sources()).await.map_err(|error| error.to_string())?;
        let players = simulated::players(veer_insurers::all()).await?;
        let yandex =
            Yandex::start(YandexPlan::new(TOKEN, PARTNER_ID)).await.map_err(|error| error.to_string())?;
        let path = |name: &str| scratch.path().join(name).display().to_string();
        let (partner, operations) = (free_or_any(8080), free_or_any(9090));
        simulated::configure(
            &simulation,
            &players,
            &simulated::Place {
                folder: scratch.path(),
                partner: &partner,
                operations: &operations,
                store: &path("veer.db"),
                // The stage reads them itself, before the first calculation.
                import_every: "0s",
                confirm: Some(simulated::Confirm {
                    url: &yandex.confirm_url(),
                    token: TOKEN,
                    partner_id: PARTNER_ID,
                }),
            },
        )?;
        let origin = scratch.path().join("veer.toml");
        let mut adapters = check::adapters();
        let config = Config::load_with(&origin, std::iter::empty(), &mut adapters)
            .map_err(|problems| problems.to_string())?;
        logs::start(&config.telemetry).map_err(|error| error.to_string())?;
        let gateway = start(config, adapters).await.map_err(|error| error.to_string())?;
        simulation.notify(&format!("http://{}", gateway.partner));
        let reading = gateway.reading.readable().map(|adapter| gateway.reading.read(adapter, "demo", false));
        for read in futures::future::join_all(reading).await {
            read.map_err(|error| error.to_string())?;
        }
        Ok(Self { gateway, scratch, yandex, simulation, players })
    }

    /// How many insurers sell here.
    pub fn insurers(&self) -> usize {
        let sells = |insurer: &&Running| Wire::INSURERS.contains(&insurer.wire);
        self.simulation.insurers().iter().filter(sells).count() + self.players.len()
    }

    /// Stops it all.
    pub async fn strike(self) {
        // The insurers first: the demo has nothing that would be worth finishing.
        self.simulation.stop().await;
        for player in self.players {
            player.stop().await;
        }
        self.gateway.stop().await;
        self.yandex.stop().await;
    }
}

/// On any ports where somebody took the usual ones since they were looked at: another demo, mostly.
async fn start(mut config: Config, adapters: Adapters) -> Result<Gateway, StartError> {
    match Gateway::start(config.clone(), adapters).await {
        Err(StartError::Bind { .. }) => {
            let any = SocketAddr::from(([127, 0, 0, 1], 0));
            (config.partner.listen, config.operations.listen) = (any, any);
            Gateway::start(config, check::adapters()).await
        }
        started => started,
    }
}

/// The usual port where it is free, else any.
fn free_or_any(port: u16) -> String {
    let usual = SocketAddr::from(([127, 0, 0, 1], port));
    match TcpListener::bind(usual) {
        Ok(_) => usual.to_string(),
        Err(_) => "127.0.0.1:0".to_owned(),
    }
}
