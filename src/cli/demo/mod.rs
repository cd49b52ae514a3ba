//! `veer demo`: the whole main job on one machine, for one to watch.
//!
//! Simulated insurers and a simulated partner on loopback, an embedded store in a scratch directory, the
//! gateway, and one calculation posted and polled over HTTP as Yandex would, shown as a table that fills.
//! Then the cheapest offer is bought, step by step.

mod client;
mod next;
mod sale;
mod stage;
mod table;

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::Args;
use serde_json::Value;
use veer_simulator::{Plan, Wire};

use self::{client::Client, sale::Sale, stage::Stage, table::Table};
use super::{failed, serve, simulated};

/// Play the main job with simulated insurers: one calculation, shown as a live table of offers, and one sale.
#[derive(Debug, Args)]
pub struct Demo {
    /// Exit when the sale is over.
    #[arg(long)]
    once: bool,
    /// Buy nothing: exit, or stay, when the table is complete.
    #[arg(long)]
    no_sale: bool,
    /// Save the policy in this folder instead of a scratch directory; it is made where there is none.
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// Send this request instead of the sample.
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// How many insurers with a simulator: first one of each wire format, then aliases of them. Without it, one of
    /// each and one alias. Insurers that have fixtures and no simulator come besides.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=60))]
    insurers: Option<u8>,
    /// Buy this insurer's offer, by the insurer's code, instead of the cheapest.
    #[arg(long, value_name = "INSURER")]
    sell: Option<String>,
    /// The seed of the simulation: the same seed shows the same offers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// The documentation's own example of a request; its people and documents are invented there.
const SAMPLE: &str = include_str!("../../../config/calculation-request.json");

/// Yandex asks at most once a second.
const POLL: Duration = Duration::from_secs(1);

/// Between two drawings of the table on a terminal.
const DRAW: Duration = Duration::from_millis(200);

impl Demo {
    pub(super) fn run(self) -> ExitCode {
        serve::block_on(async {
            match Box::pin(self.play()).await {
                Ok(()) => ExitCode::SUCCESS,
                Err(problem) => failed(1, &problem),
            }
        })
    }

    async fn play(self) -> Result<(), String> {
        let body = match &self.request {
            None => SAMPLE.to_owned(),
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| format!("--request {}: {error}", path.display()))?,
        };
        if let Some(folder) = self.save.as_deref().filter(|_| !self.no_sale) {
            make_room(folder).map_err(|error| format!("--save {error}; nothing is bought"))?;
        }
        let count = self.insurers.map_or(Wire::INSURERS.len() + 1, usize::from);
        let plan = Plan::demo(self.seed, count);
        if let Some(seller) = &self.sell {
            known(seller, &plan)?;
        }
        let stage = Stage::set(plan).await?;
        let client = Client::new(stage.gateway.partner, stage.gateway.operations)?;
        println!(
            "{} insurers on loopback, seed {}; the gateway at http://{}\n",
            stage.insurers(),
            self.seed,
            stage.gateway.partner
        );
        let played = async {
            let (request_id, answer, insurers) = self.calculate(&client, &body).await?;
            if !self.no_sale {
                let folder = self.save.as_deref().unwrap_or(stage.scratch.path());
                println!("\nThe sale:\n");
                let sale = Sale {
                    client: &client,
                    yandex: &stage.yandex,
                    request_id: &request_id,
                    seller: self.sell.as_deref(),
                    folder,
                    stays: self.save.is_some(),
                };
                sale.play(&answer, &insurers).await?;
            }
            Ok(request_id)
        };
        match Box::pin(played).await {
            Ok(request_id) if !self.once => {
                next::print(&stage, &request_id, &body)?;
                // Without signals there is nothing to wait for.
                let _ = tokio::signal::ctrl_c().await;
                println!();
            }
            Ok(_) => {}
            Err(problem) => {
                stage.strike().await;
                return Err(problem);
            }
        }
        stage.strike().await;
        Ok(())
    }

    /// Posts, polls and shows; the id of the calculation, its last answer, and what is told of each insurer.
    async fn calculate(&self, client: &Client, body: &str) -> Result<(String, Value, Vec<Value>), String> {
        let request_id = client.post(body).await?;
        println!("POST /osago/calculate  request_id {request_id}  accepted\n");
        let mut table = Table::new(std::io::stdout().is_terminal());
        let mut polls = tokio::time::interval(POLL);
        let mut drawings = tokio::time::interval(DRAW);
        let (mut answer, mut insurers) = (Value::Null, Vec::new());
        while !is_over(&answer) {
            tokio::select! {
                _ = polls.tick() => {
                    answer = client.poll(&request_id).await?;
                    insurers = client.explain(&request_id).await?;
                }
                _ = drawings.tick(), if table.is_live() => table.draw(&answer, &insurers),
            }
        }
        insurers = client.explain(&request_id).await?;
        table.finish(&answer, &insurers);
        Ok((request_id, answer, insurers))
    }
}

/// Finds out that such an insurer will sell here, before anything is begun.
fn known(seller: &str, plan: &Plan) -> Result<(), String> {
    let manifests = veer_insurers::all().iter().map(|adapter| adapter.manifest());
    let played = manifests.filter(|manifest| simulated::is_played(manifest)).map(|manifest| &manifest.code);
    let sellers: Vec<&str> =
        plan.insurers.iter().map(|insurer| &insurer.code).chain(played).map(String::as_str).collect();
    match sellers.contains(&seller) {
        true => Ok(()),
        false => Err(format!("--sell: no insurer `{seller}` sells here; there are {}", sellers.join(", "))),
    }
}

/// Makes the folder where there is none, and finds out that files can be written there.
fn make_room(folder: &Path) -> Result<(), String> {
    let made = std::fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder));
    made.map(drop).map_err(|error| format!("{}: {error}", folder.display()))
}

/// The statuses at which Yandex stops polling.
fn is_over(answer: &Value) -> bool {
    matches!(
        answer["status"].as_str(),
        Some("CALCULATION_READY" | "NO_CALCULATION_AVAILABLE" | "CALCULATION_ERROR")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_for_the_policy_is_there_before_the_sale() {
        let scratch = tempfile::TempDir::new().unwrap();
        let folder = scratch.path().join("new/policies");
        for _ in 0..2 {
            assert_eq!(make_room(&folder), Ok(()));
            assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        }
        let file = folder.join("taken");
        std::fs::write(&file, "").unwrap();
        let problem = make_room(&file).unwrap_err();
        assert!(problem.starts_with(&file.display().to_string()), "{problem}");
    }

    #[test]
    fn a_seller_must_be_there() {
        let plan = Plan::demo(1, Wire::INSURERS.len() + 1);
        let alias = plan.insurers.last().unwrap().code.clone();
        for seller in ["obrazets", "elmarket", &alias] {
            assert_eq!(known(seller, &plan), Ok(()));
        }
        // The second is a source, which sells nothing.
        for seller in ["obrazec", "avtocod"] {
            let problem = known(seller, &plan).unwrap_err();
            assert!(problem.starts_with(&format!("--sell: no insurer `{seller}`")), "{problem}");
            assert!(problem.ends_with(&alias) && problem.contains("obrazets, "), "{problem}");
        }
        assert!(known("obrazets", &Plan::demo(1, 1)).is_err());
    }

    #[tokio::test]
    async fn where_the_policy_cannot_be_saved_nothing_is_bought() {
        let scratch = tempfile::NamedTempFile::new().unwrap();
        let save = Some(scratch.path().join("policies"));
        let demo =
            Demo { once: true, no_sale: false, save, request: None, insurers: Some(1), sell: None, seed: 1 };
        let problem = Box::pin(demo.play()).await.unwrap_err();
        assert!(problem.starts_with("--save ") && problem.ends_with("; nothing is bought"), "{problem}");
    }
}
