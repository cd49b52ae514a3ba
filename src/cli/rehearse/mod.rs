//! `veer rehearse`: the partner's whole journey against any address.
//!
//! An integration engineer runs it before the partner sees the gateway. It knows nothing of the gateway but
//! the partner API's documentation, keeps the partner's pace, holds every answer against the contract and
//! tells pass or fail, check by check. What cannot be checked is skipped, with the reason.
//!
//! Exit status: 0 where nothing failed, 1 where a check did, 2 where it could not be rehearsed.

mod ask;
mod calculation;
mod check;
mod client;
mod contract;
mod credentials;
mod dictionaries;
mod documents;
mod draft;
mod exchange;
mod fault;
mod mistakes;
mod money;
mod moves;
mod offer;
mod pace;
mod payment;
mod pick;
mod policy;
mod refusals;
mod report;
mod request;
mod sale;
mod shape;
mod stage;
mod table;
#[cfg(test)]
mod tests;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Args;
use jiff::SignedDuration;
use url::Url;

use self::{
    ask::Access,
    client::Client,
    credentials::Given,
    report::Report,
    request::Request,
    stage::{Pay, Stage},
};
use super::serve;
use crate::config::Secret;

/// Play the partner's side against a gateway: the whole journey and every documented error.
#[derive(Debug, Args)]
pub struct Rehearse {
    /// The gateway's partner API, as http://127.0.0.1:8080.
    #[arg(long, value_parser = address)]
    url: Url,
    /// The client id of Basic credentials.
    #[arg(long, requires = "client_secret", required_unless_present = "token")]
    client_id: Option<String>,
    /// The client secret of Basic credentials.
    #[arg(long, requires = "client_id", value_parser = secret)]
    client_secret: Option<Secret>,
    /// The bearer token, which is used where both are given.
    #[arg(long, value_parser = secret)]
    token: Option<Secret>,
    /// Print one JSON document at the end instead of rows.
    #[arg(long)]
    json: bool,
    /// Ask for this calculation instead of the sample; its request_id and policy_start_date are replaced.
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// Who pays. Without it: the rehearsal where the page is simulated, else the person at the terminal.
    #[arg(long)]
    pay: Option<Pay>,
    /// How long to wait for the payment link, and for the payment.
    #[arg(long, default_value = "10m", value_parser = duration)]
    wait: Duration,
    /// The least time between two requests.
    #[arg(long, default_value = "1s", value_parser = pace)]
    pace: Duration,
    /// Write the policy to this file.
    #[arg(long, value_name = "FILE")]
    save_policy: Option<PathBuf>,
}

/// It could not be rehearsed; bad arguments end in the same status.
const NOT_REHEARSED: u8 = 2;

/// A gateway is not to be flooded by mistake.
const SHORTEST_PACE: Duration = Duration::from_millis(10);

// === impl Rehearse ===

impl Rehearse {
    pub(super) fn run(self) -> ExitCode {
        serve::block_on(async {
            let report = Report::new(!self.json);
            match self.stage(report) {
                Ok(stage) => self.rehearse(stage).await,
                Err(problem) => {
                    eprintln!("{problem}");
                    ExitCode::from(NOT_REHEARSED)
                }
            }
        })
    }

    async fn rehearse(&self, mut stage: Stage) -> ExitCode {
        let problem = Box::pin(play(&mut stage, &self.given())).await.err();
        let report = &stage.report;
        if self.json {
            println!("{:#}", report.document(self.url.as_str(), problem.as_deref()));
        } else if problem.is_none() {
            table::print_summary(report);
        }
        match problem {
            Some(problem) => {
                eprintln!("{}: {problem}", self.url);
                ExitCode::from(NOT_REHEARSED)
            }
            None if report.count().failed > 0 => ExitCode::FAILURE,
            None => ExitCode::SUCCESS,
        }
    }

    fn stage(&self, report: Report) -> Result<Stage, String> {
        let given = self.given();
        let access = given.bearer.or(given.basic).ok_or("credentials are needed: --token, or --client-id")?;
        let client = Client::new(self.url.clone(), access, self.pace)?;
        let request = Request::read(self.request.as_deref())?;
        let mut stage = Stage::new(client, report, request);
        (stage.pay, stage.limits.payment) = (self.pay, self.wait);
        stage.save_policy.clone_from(&self.save_policy);
        Ok(stage)
    }

    fn given(&self) -> Given {
        let basic = self.client_id.clone().zip(self.client_secret.clone());
        Given {
            bearer: self.token.clone().map(Access::Bearer),
            basic: basic.map(|(id, secret)| Access::Basic(id, secret)),
        }
    }
}

/// The chapters, in their order; why none could be played, where nobody answers.
async fn play(stage: &mut Stage, given: &Given) -> Result<(), String> {
    credentials::play(stage, given).await?;
    dictionaries::play(stage).await;
    mistakes::play(stage).await;
    let rest = [offer::TITLE, refusals::TITLE, sale::TITLE, draft::TITLE, payment::TITLE, policy::TITLE];
    if let Err((played, why)) = sell(stage).await {
        stage.skip_chapters(&rest[played..], &why);
    }
    Ok(())
}

/// From the calculation to the policy; where it ended early, how many chapters after the calculation were
/// played, and why no more.
async fn sell(stage: &mut Stage) -> Result<(), (usize, String)> {
    let calculation = calculation::play(stage).await.map_err(|why| (0, why))?;
    let chosen = offer::play(stage, &calculation.answer).await.map_err(|why| (1, why))?;
    refusals::play(stage, &calculation.answer, &chosen).await;
    let sale = sale::play(stage, &chosen).await.map_err(|why| (3, why))?;
    draft::play(stage, &sale).await;
    payment::play(stage, &sale).await.map_err(|why| (5, why))?;
    policy::play(stage, calculation, &sale).await;
    Ok(())
}

fn address(text: &str) -> Result<Url, String> {
    match shape::is_address(text) {
        true => text.parse().map_err(|_| "is not an address".to_owned()),
        false => Err("must be an http or https address, as http://127.0.0.1:8080".to_owned()),
    }
}

fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}

fn duration(text: &str) -> Result<Duration, String> {
    let rule = || "must be a time as 10m, 30s or 500ms".to_owned();
    let time: SignedDuration = text.parse().map_err(|_| rule())?;
    Duration::try_from(time).map_err(|_| rule())
}

fn pace(text: &str) -> Result<Duration, String> {
    let pace = duration(text)?;
    if pace < SHORTEST_PACE {
        return Err(format!("must be {} ms at least", SHORTEST_PACE.as_millis()));
    }
    Ok(pace)
}
