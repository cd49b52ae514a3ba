//! `veer limits set`, `override` and `end`.

use clap::Args;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::{
    Failure,
    knob::{Knob, KnobWords},
};
use crate::cli::{
    columns::seconds,
    operations::{Operations, read},
};

/// `set`.
#[derive(Debug, Args)]
pub(super) struct Set {
    #[command(flatten)]
    pub knob: KnobWords,
    /// Why; it stands in the history.
    #[arg(long)]
    reason: String,
}

/// `override`.
#[derive(Debug, Args)]
pub(super) struct Override {
    #[command(flatten)]
    pub knob: KnobWords,
    /// For how long: 90s, 10m, 8h, at most 7d.
    #[arg(long = "for", value_name = "TIME")]
    time: String,
    /// Why; it stands in the history.
    #[arg(long)]
    reason: String,
}

/// `end`.
#[derive(Debug, Args)]
#[command(mut_arg("words", |words| words.help("INSURER [LANE] [KNOB]. Knobs as with `set`; limit where none is named")))]
pub(super) struct End {
    #[command(flatten)]
    pub knob: KnobWords,
    /// Why; it stands in the history.
    #[arg(long)]
    reason: String,
}

/// What became of it.
#[derive(Debug, Deserialize)]
struct Changed {
    revision: Option<Revision>,
    knob: Shown,
}

#[derive(Debug, Deserialize)]
struct Revision {
    revision: i64,
    from: String,
    to: String,
}

#[derive(Debug, Deserialize)]
struct Shown {
    insurer: String,
    lane: Option<String>,
    knob: String,
    value: String,
    #[serde(rename = "override")]
    over: Option<Until>,
}

#[derive(Debug, Deserialize)]
struct Until {
    until: String,
}

// === impl Set ===

impl Set {
    pub async fn answer(&self, knob: Knob, operations: &Operations) -> Result<String, Failure> {
        let body = json!({ "value": knob.value, "reason": self.reason });
        let changed: Changed = read(operations.send(Method::PUT, &knob.path()?, &body).await?)?;
        let (name, shown) = (changed.knob.name(), &changed.knob);
        Ok(match (&changed.revision, &shown.over) {
            (None, None) => format!("Nothing is changed: {name} is {} already.\n", shown.value),
            (None, Some(over)) => {
                format!("Nothing is changed: {name} is set so already. {}\n", shown.still(over))
            }
            (Some(revision), None) => format!("{}\n", revision.told(&name)),
            (Some(revision), Some(over)) => {
                let Revision { revision, from, to } = revision;
                let still = shown.still(over);
                format!("{name} is set to {to} instead of {from} (revision {revision}). {still}\n")
            }
        })
    }
}

// === impl Override ===

impl Override {
    pub async fn answer(&self, knob: Knob, operations: &Operations) -> Result<String, Failure> {
        let body = json!({ "value": knob.value, "for": self.time, "reason": self.reason });
        let path = format!("{}/override", knob.path()?);
        let changed: Changed = read(operations.send(Method::POST, &path, &body).await?)?;
        let told = changed.revision.map(|revision| revision.told(&changed.knob.name())).unwrap_or_default();
        let until = changed.knob.over.map(|over| format!(" Until {}.", seconds(&over.until)));
        Ok(format!("{told}{}\n", until.unwrap_or_default()))
    }
}

// === impl End ===

impl End {
    pub async fn answer(&self, knob: Knob, operations: &Operations) -> Result<String, Failure> {
        let path = format!("{}/override", knob.path()?);
        let body = json!({ "reason": self.reason });
        let changed: Changed = read(operations.send(Method::DELETE, &path, &body).await?)?;
        let told = changed.revision.map(|revision| revision.told(&changed.knob.name()));
        Ok(format!("{}\n", told.unwrap_or_default()))
    }
}

// === impl Revision ===

impl Revision {
    fn told(&self, name: &str) -> String {
        let Self { revision, from, to } = self;
        format!("{name} is {to} now instead of {from} (revision {revision}).")
    }
}

// === impl Shown ===

impl Shown {
    fn name(&self) -> String {
        let lane = self.lane.iter().map(|lane| format!("{lane} ")).collect::<String>();
        format!("{} {lane}{}", self.insurer, self.knob)
    }

    fn still(&self, over: &Until) -> String {
        format!("An override holds until {}: {}.", seconds(&over.until), self.value)
    }
}
