//! `veer dictionary publish`, `versions` and `diff`.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;
use serde_json::json;

use super::{Person, catalogue, write};
use crate::cli::{
    columns::{Heading, seconds, table},
    operations::{Operations, read, with_query},
};

/// Make the draft the next version and serve it.
#[derive(Debug, Args)]
pub(super) struct Publish {
    /// What the version is for; it stands in the list of versions.
    #[arg(long)]
    note: String,
    #[command(flatten)]
    person: Person,
    /// Print the gateway's answer as it is.
    #[arg(long)]
    json: bool,
}

/// Show every version, the newest first.
#[derive(Debug, Args)]
pub(super) struct Versions {
    /// Print the gateway's answer as it is.
    #[arg(long)]
    json: bool,
}

/// Write the report for the partner, in Russian: what changes from one catalogue to another.
#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The number of a version, `published` or `draft`.
    #[arg(default_value = "published", value_parser = catalogue)]
    from: String,
    /// The same.
    #[arg(default_value = "draft", value_parser = catalogue)]
    to: String,
    /// The file for the report; without it, standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the gateway's answer for machines instead.
    #[arg(long)]
    json: bool,
}

/// A version, as the gateway shows it.
#[derive(Debug, Deserialize)]
pub(super) struct Version {
    pub number: u32,
    pub published: String,
    pub author: String,
    pub note: String,
}

/// `GET /dictionary/versions`.
#[derive(Debug, Deserialize)]
struct Listed {
    versions: Vec<Version>,
}

const HEADINGS: [Heading; 4] =
    [Heading::Number("VERSION"), Heading::Text("PUBLISHED"), Heading::Text("AUTHOR"), Heading::Text("NOTE")];

// === impl Publish ===

impl Publish {
    pub(super) async fn answer(&self, operations: &Operations) -> Result<String, String> {
        let body = json!({ "author": self.person.name()?, "note": self.note });
        let answer = operations.post("/dictionary/publish", &body).await?;
        if self.json {
            return Ok(format!("{answer:#}\n"));
        }
        let Version { number, .. } = read(answer)?;
        Ok(format!("Version {number} is served now.\n"))
    }
}

// === impl Versions ===

impl Versions {
    pub(super) async fn answer(&self, operations: &Operations) -> Result<String, String> {
        let answer = operations.get("/dictionary/versions").await?;
        if self.json {
            return Ok(format!("{answer:#}\n"));
        }
        let Listed { versions } = read(answer)?;
        let rows: Vec<_> = versions.into_iter().map(Version::cells).collect();
        Ok(table(HEADINGS, &rows))
    }
}

// === impl Version ===

impl Version {
    fn cells(self) -> [String; HEADINGS.len()] {
        [self.number.to_string(), seconds(&self.published), self.author, self.note]
    }
}

// === impl Diff ===

impl Diff {
    pub(super) async fn answer(&self, operations: &Operations) -> Result<String, String> {
        let between = [("from", Some(&*self.from)), ("to", Some(&*self.to))];
        let path =
            |format| with_query("/dictionary/diff", &[between[0], between[1], ("format", Some(format))]);
        let text = if self.json {
            format!("{:#}\n", operations.get(&path("json")).await?)
        } else {
            operations.get_text(&path("text")).await?
        };
        let Some(out) = &self.out else { return Ok(text) };
        write(out, &text)?;
        Ok(format!("{} has the report.\n", out.display()))
    }
}
