//! `veer limits`: what holds, and changes of it while the gateway runs. It asks a running gateway's operations port.
//!
//! Exit codes: 0 done, 1 the gateway failed or is not there, 2 the command line is wrong, 65 the gateway refuses what was
//! asked for (a value that is none, a name that is not there), 77 the token is missing or wrong.

mod change;
mod dry_run;
mod history;
mod knob;
mod show;
#[cfg(test)]
mod tests;

use std::{io::Write as _, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, Subcommand};
use reqwest::StatusCode;
use url::Url;

use super::{
    failed,
    operations::{Operations, Unanswered},
    serve,
};
use crate::config::Secret;

/// Show limits and other settings of a running gateway, and change them while it runs.
#[derive(Debug, Args)]
pub struct Limits {
    #[command(subcommand)]
    command: Command,
    /// Where the gateway's operations listen.
    #[arg(long, global = true, value_name = "URL", default_value = "http://127.0.0.1:9090")]
    operations: Url,
    /// A file with your token; without it, VEER_OPERATOR_TOKEN has the token itself.
    #[arg(long, global = true, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what holds: the limits and all that differs from the configuration, or everything of an insurer.
    Show(show::Show),
    /// Set a knob until it is set again. The value `configured` takes it back to the configuration.
    Set(change::Set),
    /// Override a knob for a while; it goes back by itself.
    Override(change::Override),
    /// End an override before its time.
    End(change::End),
    /// Show who changed what, when and why, the newest first.
    History(history::History),
    /// Tell what another limit would have refused over the past hour.
    DryRun(dry_run::DryRun),
}

/// Why there is nothing to print.
#[derive(Debug, PartialEq, Eq)]
struct Failure {
    code: u8,
    message: String,
}

const PATIENCE: Duration = Duration::from_secs(60);
const TOKEN: &str = "VEER_OPERATOR_TOKEN";
/// `EX_USAGE` is clap's 2; these are `EX_DATAERR` and `EX_NOPERM` of sysexits.h.
const WRONG_LINE: u8 = 2;
const REFUSED: u8 = 65;
const NOT_ALLOWED: u8 = 77;

// === impl Limits ===

impl Limits {
    pub(super) fn run(self) -> ExitCode {
        serve::block_on(async {
            match self.answer(|| std::env::var(TOKEN).ok()).await {
                Ok(text) => {
                    // A reader that has left needs no more.
                    let _ = std::io::stdout().lock().write_all(text.as_bytes());
                    ExitCode::SUCCESS
                }
                Err(Failure { code, message }) => failed(code, &message),
            }
        })
    }

    /// What is to be printed.
    async fn answer(&self, variable: impl FnOnce() -> Option<String>) -> Result<String, Failure> {
        let operations = || Operations::new(self.operations.clone(), PATIENCE);
        let operator = || Ok::<_, Failure>(operations()?.with_token(self.token(variable)?));
        match &self.command {
            Command::Show(show) => show.answer(&operations()?).await,
            Command::History(history) => history.answer(&operations()?).await,
            Command::DryRun(dry_run) => dry_run.answer(&operations()?).await,
            // A line that cannot be understood is told before a token that is missing.
            Command::Set(set) => set.answer(set.knob.read()?, &operator()?).await,
            Command::Override(it) => it.answer(it.knob.read()?, &operator()?).await,
            Command::End(end) => end.answer(end.knob.read_without_value()?, &operator()?).await,
        }
    }

    fn token(&self, variable: impl FnOnce() -> Option<String>) -> Result<Secret, Failure> {
        let Some(path) = &self.token_file else {
            let token = variable().map(|token| token.trim().to_owned()).filter(|token| !token.is_empty());
            return token.map(Secret::new).ok_or_else(|| Failure {
                code: NOT_ALLOWED,
                message: format!(
                    "only operators change settings: give --token-file, or put your token into {TOKEN}; the gateway's \
                     configuration has the tokens in [operations.accounts]"
                ),
            });
        };
        let read = std::fs::read_to_string(path);
        let text = read.map_err(|error| format!("--token-file {}: {error}", path.display()))?;
        Ok(Secret::new(text.trim()))
    }
}

// === impl Failure ===

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { code: 1, message }
    }
}

impl From<Unanswered> for Failure {
    fn from(unanswered: Unanswered) -> Self {
        let code = match unanswered.status {
            Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => NOT_ALLOWED,
            Some(status) if status.is_client_error() => REFUSED,
            _ => 1,
        };
        Self { code, message: unanswered.message }
    }
}
