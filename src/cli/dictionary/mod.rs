//! `veer dictionary`: what the vehicle dictionary says, what its next version will say, and what insurers' names
//! stand for. It asks a running gateway's operations port.

mod export;
mod import;
mod import_csv;
mod names;
mod status;
#[cfg(test)]
mod tests;
mod versions;

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Subcommand};
use url::Url;

use super::{failed, operations::Operations, serve};

/// Show the vehicle dictionary, decide what insurers' names mean, and publish the next version.
#[derive(Debug, Args)]
pub struct Dictionary {
    #[command(subcommand)]
    command: Command,
    /// Where the gateway's operations listen.
    #[arg(long, global = true, value_name = "URL", default_value = "http://127.0.0.1:9090")]
    operations: Url,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read an insurer's dictionary, or all that can be read, and tell what has changed.
    Import(import::Import),
    /// Show the version that is served, the draft, and how far insurers' dictionaries are mapped.
    Status(status::Status),
    /// Show insurers' names that wait for a decision, those first that the matcher is surest of.
    Unmapped(names::Unmapped),
    /// Say what a name stands for: the proposed entry, or another one.
    Confirm(names::Decide),
    /// Say what a name never stands for: the entry that is proposed or in use, or another one.
    Refuse(names::Decide),
    /// Show all that was ever said of a name.
    History(names::History),
    /// Make the draft the next version and serve it.
    Publish(versions::Publish),
    /// Show every version, the newest first.
    Versions(versions::Versions),
    /// Write the report for the partner, in Russian: what changes from one catalogue to another.
    Diff(versions::Diff),
    /// Write a catalogue's sheets, or an insurer's names with what they stand for.
    Export(export::Export),
    /// Take sheets of the catalogue into the draft, all of them or none.
    ImportCsv(import_csv::ImportCsv),
}

/// Who acts.
#[derive(Debug, Args)]
struct Person {
    /// Who says so; without it, the name of your login.
    #[arg(long)]
    author: Option<String>,
}

/// What is to be printed.
struct Told {
    text: String,
    /// What went wrong nevertheless.
    problem: Option<String>,
}

/// Publishing and sheets wait for a dictionary that is just being taken in.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

// === impl Dictionary ===

impl Dictionary {
    pub(super) fn run(self) -> ExitCode {
        serve::block_on(async {
            match self.answer().await {
                Ok(Told { text, problem }) => {
                    // A reader that has left needs no more.
                    let _ = std::io::stdout().lock().write_all(text.as_bytes());
                    problem.map_or(ExitCode::SUCCESS, |problem| failed(1, &problem))
                }
                Err(problem) => failed(1, &problem),
            }
        })
    }

    async fn answer(&self) -> Result<Told, String> {
        let patience = if let Command::Import(_) = self.command { import::PATIENCE } else { PATIENCE };
        let operations = &Operations::new(self.operations.clone(), patience)?;
        let text = match &self.command {
            Command::Import(import) => return import.answer(operations).await,
            Command::Status(status) => status.answer(operations).await,
            Command::Unmapped(unmapped) => unmapped.answer(operations).await,
            Command::Confirm(decide) => decide.confirm(operations).await,
            Command::Refuse(decide) => decide.refuse(operations).await,
            Command::History(history) => history.answer(operations).await,
            Command::Publish(publish) => publish.answer(operations).await,
            Command::Versions(versions) => versions.answer(operations).await,
            Command::Diff(diff) => diff.answer(operations).await,
            Command::Export(export) => export.answer(operations).await,
            Command::ImportCsv(sheets) => sheets.answer(operations).await,
        };
        Ok(Told { text: text?, problem: None })
    }
}

// === impl Person ===

impl Person {
    /// The author of what is said.
    fn name(&self) -> Result<String, String> {
        let name = self.author.clone().or_else(|| std::env::var("USER").ok());
        let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        name.ok_or_else(|| "nobody knows who you are, because USER is not set; give --author".to_owned())
    }
}

/// A file's text.
fn text_of(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    String::from_utf8(bytes)
        .map_err(|_| format!("{} is not UTF-8; save it as \"CSV UTF-8\" with commas", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

/// Paths for people.
fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// A whole number with its noun.
fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// Which catalogue: a version's number, `published` or `draft`.
fn catalogue(text: &str) -> Result<String, String> {
    let is_number = text.parse::<u32>().is_ok_and(|number| number > 0);
    if is_number || ["published", "draft"].contains(&text) {
        return Ok(text.to_owned());
    }
    Err("is the number of a version, `published` or `draft`".to_owned())
}
