//! `veer limits dry-run`.

use clap::Args;
use serde::Deserialize;
use serde_json::json;

use super::Failure;
use crate::cli::{
    columns::{Heading, table},
    operations::{Operations, read},
};

/// `dry-run`.
#[derive(Debug, Args)]
pub(super) struct DryRun {
    /// The insurer.
    insurer: String,
    /// Its lane.
    lane: String,
    /// The limit that is thought of: 5/s, 200/min, or several of them.
    #[arg(required = true, num_args = 1..)]
    limit: Vec<String>,
    /// Print the gateway's answer as it is.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Deserialize)]
struct Answer {
    current: Forecast,
    proposed: Forecast,
}

#[derive(Debug, Deserialize)]
struct Forecast {
    limit: String,
    asked: u64,
    sent: u64,
    refused: u64,
    waited_total_ms: u64,
    waited_longest_ms: u64,
    covers_ms: u64,
    is_cut: bool,
}

const HEADINGS: [Heading; 7] = [
    Heading::Text("OVER THE PAST HOUR"),
    Heading::Text("LIMIT"),
    Heading::Number("CALLS"),
    Heading::Number("SENT"),
    Heading::Number("REFUSED"),
    Heading::Number("MEAN WAIT"),
    Heading::Number("LONGEST WAIT"),
];

// === impl DryRun ===

impl DryRun {
    pub async fn answer(&self, operations: &Operations) -> Result<String, Failure> {
        let limit = self.limit.join(" ");
        let body = json!({ "insurer": self.insurer, "lane": self.lane, "limit": limit });
        let answer = operations.post("/limits/dry-run", &body).await?;
        if self.json {
            return Ok(format!("{answer:#}\n"));
        }
        let Answer { current, proposed } = read(answer)?;
        const HOUR_MS: u64 = 3_600_000;
        let cut = match current.covers_ms < HOUR_MS {
            true => format!(
                "Only the last {} s are in it: {}.\n",
                current.covers_ms / 1000,
                match current.is_cut {
                    true => "the lane had more calls in the hour than are remembered",
                    false => "the gateway has not run for longer, and demand is kept in memory",
                }
            ),
            false => String::new(),
        };
        let table = table(HEADINGS, &[current.cells("as it holds now"), proposed.cells("as proposed")]);
        Ok(format!("{table}{cut}"))
    }
}

// === impl Forecast ===

impl Forecast {
    fn cells(&self, name: &str) -> [String; HEADINGS.len()] {
        let mean = self.waited_total_ms.checked_div(self.sent).unwrap_or_default();
        [
            name.to_owned(),
            self.limit.clone(),
            self.asked.to_string(),
            self.sent.to_string(),
            self.refused.to_string(),
            format!("{mean} ms"),
            format!("{} ms", self.waited_longest_ms),
        ]
    }
}
