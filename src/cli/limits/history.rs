//! `veer limits history`.

use std::fmt::Write as _;

use clap::Args;
use serde::Deserialize;

use super::Failure;
use crate::cli::{
    columns::{Heading, cut, seconds, table},
    operations::{Operations, read, with_query},
};

/// `history`.
#[derive(Debug, Args)]
pub(super) struct History {
    /// Of this insurer alone.
    insurer: Option<String>,
    /// Of this lane alone.
    #[arg(long)]
    lane: Option<String>,
    /// Of this knob alone.
    #[arg(long)]
    knob: Option<String>,
    /// The most that are shown.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Only those before this revision.
    #[arg(long, value_name = "REVISION")]
    before: Option<u32>,
    /// Print the gateway's answer as it is.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Deserialize)]
struct Listed {
    revisions: Vec<Revision>,
}

#[derive(Debug, Deserialize)]
struct Revision {
    revision: i64,
    at: String,
    author: String,
    reason: String,
    through: String,
    insurer: String,
    lane: Option<String>,
    knob: String,
    what: String,
    from: String,
    to: String,
    until: Option<String>,
}

/// Longer reasons are cut; `--json` has them whole.
const REASON: usize = 80;
const HEADINGS: [Heading; 9] = [
    Heading::Number("NO"),
    Heading::Text("AT"),
    Heading::Text("WHO"),
    Heading::Text("THROUGH"),
    Heading::Text("KNOB"),
    Heading::Text("WHAT"),
    Heading::Text("FROM"),
    Heading::Text("TO"),
    Heading::Text("WHY"),
];

// === impl History ===

impl History {
    pub async fn answer(&self, operations: &Operations) -> Result<String, Failure> {
        let (limit, before) = (self.limit.to_string(), self.before.map(|before| before.to_string()));
        let parameters = [
            ("insurer", self.insurer.as_deref()),
            ("lane", self.lane.as_deref()),
            ("knob", self.knob.as_deref()),
            ("before", before.as_deref()),
            ("limit", Some(limit.as_str())),
        ];
        let answer = operations.get(&with_query("/limits/history", &parameters)).await?;
        if self.json {
            return Ok(format!("{answer:#}\n"));
        }
        let Listed { revisions } = read(answer)?;
        let (Some(last), rows) =
            (revisions.last(), revisions.iter().map(Revision::cells).collect::<Vec<_>>())
        else {
            return Ok("There are no such changes.\n".to_owned());
        };
        let mut text = table(HEADINGS, &rows);
        if revisions.len() == self.limit as usize {
            let _ = writeln!(
                text,
                "\nThe newest {} are shown; --before {} shows more.",
                self.limit, last.revision
            );
        }
        Ok(text)
    }
}

// === impl Revision ===

impl Revision {
    fn cells(&self) -> [String; HEADINGS.len()] {
        let lane = self.lane.iter().map(|lane| format!("{lane} ")).collect::<String>();
        let until = self.until.as_deref().map(|until| format!(" until {}", seconds(until)));
        [
            self.revision.to_string(),
            seconds(&self.at),
            self.author.clone(),
            self.through.clone(),
            format!("{} {lane}{}", self.insurer, self.knob),
            format!("{}{}", self.what, until.unwrap_or_default()),
            self.from.clone(),
            self.to.clone(),
            cut(&self.reason, REASON),
        ]
    }
}
