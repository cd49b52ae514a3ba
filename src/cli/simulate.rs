//! `veer simulate`: simulated insurers for a gateway that runs elsewhere.

use std::{fs, net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::Args;
use veer_simulator::{Plan, Simulation, Wire, Yandex, YandexPlan};

use super::{BAD_CONFIGURATION, failed, serve, simulated};

/// Run simulated insurers and write the configuration of a gateway in front of them.
#[derive(Debug, Args)]
pub struct Simulate {
    /// How many insurers with a simulator: first one of each wire format, then aliases of them. Without it, one of
    /// each. A source of vehicle data, and the insurers that have fixtures and no simulator, come besides.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=60))]
    insurers: Option<u8>,
    /// The seed of everything that they will ever answer.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A plan with every knob (see crates/simulator/simulation.toml); `--insurers` and `--seed` are not
    /// looked at then.
    #[arg(long)]
    plan: Option<PathBuf>,
    /// The port of the first insurer; the others follow. 0: any free ports.
    #[arg(long, default_value_t = 9101)]
    port: u16,
    /// The name under which the insurers are reached, where it is not the address that they listen on.
    #[arg(long)]
    host: Option<String>,
    /// Where a simulated partner listens that counts sales. Port 0: any free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    yandex: SocketAddr,
    /// The gateway that insurers call by themselves.
    #[arg(long, value_name = "URL", default_value_t = format!("http://{PARTNER}"))]
    gateway: String,
    /// Where to write `veer.toml` for the gateway.
    #[arg(long, default_value = "simulated")]
    out: PathBuf,
}

/// Where the gateway will be that is started with the written configuration.
const PARTNER: &str = "127.0.0.1:8080";
/// What the simulated partner asks of a confirmation.
const TOKEN: &str = "simulated-confirm-token";
const PARTNER_ID: &str = "simulated";

impl Simulate {
    pub(super) fn run(self) -> ExitCode {
        let plan = match self.plan() {
            Ok(plan) => plan,
            Err(problem) => return failed(BAD_CONFIGURATION, &problem),
        };
        serve::block_on(self.simulate(plan))
    }

    fn plan(&self) -> Result<Plan, String> {
        let Some(path) = &self.plan else {
            let mut plan =
                Plan::demo(self.seed, self.insurers.map_or(Wire::INSURERS.len(), usize::from)).and_sources();
            for (index, insurer) in plan.insurers.iter_mut().enumerate() {
                let port = u16::try_from(index).ok().and_then(|index| self.port.checked_add(index));
                let port = if self.port == 0 { 0 } else { port.ok_or("--port leaves no room")? };
                insurer.listen = SocketAddr::from(([127, 0, 0, 1], port));
            }
            return Ok(plan);
        };
        let text = fs::read_to_string(path)
            .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        Plan::from_toml(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    async fn simulate(self, plan: Plan) -> ExitCode {
        let simulation = match Simulation::start_at(plan, self.host.as_deref()).await {
            Ok(simulation) => simulation,
            Err(error) => return failed(1, &error),
        };
        let players = match simulated::players(veer_insurers::all()).await {
            Ok(players) => players,
            Err(problem) => return failed(1, &problem),
        };
        let plan = YandexPlan { listen: self.yandex, ..YandexPlan::new(TOKEN, PARTNER_ID) };
        let yandex = match Yandex::start(plan).await {
            Ok(yandex) => yandex,
            Err(error) => return failed(1, &error),
        };
        simulation.notify(&self.gateway);
        let configuration = self.out.join("veer.toml");
        let store = self.out.join("veer.db").display().to_string();
        let place = simulated::Place {
            folder: &self.out,
            partner: PARTNER,
            operations: "127.0.0.1:9090",
            store: &store,
            import_every: "1d",
            confirm: Some(simulated::Confirm {
                url: &yandex.confirm_url(),
                token: TOKEN,
                partner_id: PARTNER_ID,
            }),
        };
        if let Err(problem) = simulated::configure(&simulation, &players, &place) {
            return failed(1, &problem);
        }
        for insurer in simulation.insurers() {
            println!("{:<16} speaks {:<12} at {}", insurer.code, insurer.wire.name(), insurer.base_url);
        }
        for player in &players {
            println!("{:<16} {:<19} at {}", player.code(), "plays its fixtures", player.base_url());
        }
        println!("{:<16} counts sales   at {}", "a partner", yandex.confirm_url());
        println!("\nA gateway in front of them:\n  veer serve --config {}", configuration.display());
        println!("\nCtrl-C stops them.");
        if let Err(error) = tokio::signal::ctrl_c().await {
            return failed(1, &format!("signals cannot be waited for: {error}"));
        }
        println!("\n{} sale(s) were confirmed.", yandex.credited().len());
        simulation.stop().await;
        for player in players {
            player.stop().await;
        }
        yandex.stop().await;
        ExitCode::SUCCESS
    }
}
