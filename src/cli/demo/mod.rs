//! `veer demo`: the whole main job on one machine, for one to watch.
//!
//! Simulated insurers on loopback, an embedded store in a scratch directory, the gateway, and one
//! calculation posted and polled over HTTP as Yandex would, shown as a table that fills.

mod client;
mod next;
mod stage;
mod table;

use std::{io::IsTerminal, path::PathBuf, process::ExitCode, time::Duration};

use clap::Args;
use serde_json::Value;

use self::{client::Client, stage::Stage, table::Table};
use super::{failed, serve};

/// Play the main job with simulated insurers: one calculation, shown as a live table of offers.
#[derive(Debug, Args)]
pub struct Demo {
    /// Exit when the table is complete.
    #[arg(long)]
    once: bool,
    /// Send this request instead of the sample.
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// How many insurers: the first three speak one wire format each, the others are aliases of them.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=60))]
    insurers: u8,
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
            match self.play().await {
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
        let stage = Stage::set(self.seed, self.insurers.into()).await?;
        let client = Client::new(stage.gateway.partner, stage.gateway.operations)?;
        println!(
            "{} simulated insurers on loopback, seed {}; the gateway at http://{}\n",
            self.insurers, self.seed, stage.gateway.partner
        );
        let played = self.calculate(&client, &body).await;
        match played {
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

    /// Posts, polls and shows; the id of the calculation.
    async fn calculate(&self, client: &Client, body: &str) -> Result<String, String> {
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
        table.finish(&answer, &client.explain(&request_id).await?);
        Ok(request_id)
    }
}

/// The statuses at which Yandex stops polling.
fn is_over(answer: &Value) -> bool {
    matches!(
        answer["status"].as_str(),
        Some("CALCULATION_READY" | "NO_CALCULATION_AVAILABLE" | "CALCULATION_ERROR")
    )
}
