//! `veer limits show`.

use std::fmt::Write as _;

use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use super::Failure;
use crate::cli::{
    columns::{Heading, cut, seconds, table},
    operations::{Operations, read, with_query},
};

/// `show`.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// Everything of this insurer.
    insurer: Option<String>,
    /// Everything of this lane.
    #[arg(requires = "insurer")]
    lane: Option<String>,
    /// Every knob of every insurer.
    #[arg(long)]
    all: bool,
    /// Print the gateway's answer as it is.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Deserialize)]
struct Shown {
    revision: i64,
    file: File,
    knobs: Vec<Knob>,
    #[serde(default)]
    standing: Vec<Value>,
}

#[derive(Debug, Deserialize)]
struct File {
    problems: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Knob {
    insurer: String,
    lane: Option<String>,
    knob: String,
    value: String,
    configured: String,
    set: Option<Said>,
    #[serde(rename = "override")]
    over: Option<Said>,
}

#[derive(Debug, Deserialize)]
struct Said {
    at: String,
    author: String,
    reason: String,
    until: Option<String>,
}

/// A longer reason is cut; the history has it whole.
const REASON: usize = 60;
const HEADINGS: [Heading; 5] = [
    Heading::Text("INSURER"),
    Heading::Text("LANE"),
    Heading::Text("KNOB"),
    Heading::Text("VALUE"),
    Heading::Text("SINCE, BY WHOM, WHY"),
];

// === impl Show ===

impl Show {
    pub async fn answer(&self, operations: &Operations) -> Result<String, Failure> {
        let parameters = [("insurer", self.insurer.as_deref()), ("lane", self.lane.as_deref())];
        let path = with_query("/limits", &parameters);
        let answer = operations.get(&path).await?;
        if self.json {
            return Ok(format!("{answer:#}\n"));
        }
        let shown: Shown = read(answer)?;
        let is_whole = self.all || self.insurer.is_some();
        let wanted = shown.knobs.iter().filter(|knob| is_whole || knob.knob == "limit" || knob.is_changed());
        let rows: Vec<_> = wanted.map(Knob::cells).collect();
        let mut text = match (&rows[..], shown.knobs.is_empty()) {
            ([], true) => "The configuration has no insurers.\n".to_owned(),
            _ => table(HEADINGS, &rows),
        };
        let last = match shown.revision {
            0 => "Nothing was ever changed here.".to_owned(),
            number => format!("The last revision is {number}; `veer limits history` tells all of them."),
        };
        let _ = writeln!(text, "\n{last}");
        let shared = shown.standing.iter().filter_map(|lane| lane.pointer("/now/limit/shared")?.as_str());
        if let Some(problem) = shared.filter_map(disagreement).next() {
            let _ = writeln!(text, "{problem}");
        }
        for problem in &shown.file.problems {
            let _ = writeln!(text, "The limits' file is not taken in: {problem}");
        }
        Ok(text)
    }
}

// === impl Knob ===

impl Knob {
    fn is_changed(&self) -> bool {
        self.set.is_some() || self.over.is_some()
    }

    fn cells(&self) -> [String; HEADINGS.len()] {
        let why = match (&self.over, &self.set) {
            (Some(over), _) => {
                let until = over.until.as_deref().map(seconds).unwrap_or_default();
                format!("overridden until {until} by {}: {}", over.author, cut(&over.reason, REASON))
            }
            (None, Some(set)) => {
                let (at, reason) = (seconds(&set.at), cut(&set.reason, REASON));
                format!("set {at} by {}: {reason}; configured: {}", set.author, self.configured)
            }
            (None, None) => "as configured".to_owned(),
        };
        let lane = self.lane.clone().unwrap_or_default();
        [self.insurer.clone(), lane, self.knob.clone(), self.value.clone(), why]
    }
}

/// What it means that replicas do not share limits as they should; none where they do.
fn disagreement(shared: &str) -> Option<&'static str> {
    match shared {
        "waiting" => {
            Some("This replica cannot agree with the others on limits (the database): limited calls wait.")
        }
        "fair_share" => {
            Some("This replica cannot reach the database: limited calls go by its fair share of each limit.")
        }
        "over" => Some("This replica has not reached the database for its whole lease: limited calls wait."),
        _ => None,
    }
}
