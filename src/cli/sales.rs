//! `veer sales`: which sales are confirmed to the partner, and sending them again. It asks a running
//! gateway's operations port.

use std::{fmt::Write as _, io::Write as _, process::ExitCode, time::Duration};

use clap::{Args, Subcommand, ValueEnum};
use serde::Deserialize;
use serde_json::{Number, json};
use url::Url;
use uuid::Uuid;
use veer_contract::domain::Kopecks;

use super::{
    columns::{Heading, seconds, table},
    failed,
    operations::{Operations, read},
    serve,
};

/// Show sales and their confirmation to the partner, or send them again.
#[derive(Debug, Args)]
pub struct Sales {
    #[command(subcommand)]
    command: Command,
    /// Where the gateway's operations listen.
    #[arg(long, global = true, value_name = "URL", default_value = "http://127.0.0.1:9090")]
    operations: Url,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show sales, the newest first.
    List(List),
    /// Send a sale again, or all dead ones. What the partner has taken is not sent again.
    Repeat(Repeat),
}

#[derive(Debug, Args)]
struct List {
    /// Only those that are so far.
    #[arg(long)]
    state: Option<State>,
    /// The most that are shown.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Print the gateway's answer as it is.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Repeat {
    /// The calculation.
    #[arg(required_unless_present = "all_dead", requires = "offer_id")]
    request_id: Option<Uuid>,
    /// The offer that was sold.
    offer_id: Option<String>,
    /// Every sale that was refused or given up.
    #[arg(long, conflicts_with_all = ["request_id", "offer_id"])]
    all_dead: bool,
}

/// How far a confirmation is.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    /// To be sent, perhaps again.
    Waiting,
    /// Taken by the partner.
    Confirmed,
    /// Refused or given up; kept until it is repeated.
    Dead,
}

/// `GET /sales`.
#[derive(Debug, Deserialize)]
struct Listed {
    sales: Vec<Sale>,
}

#[derive(Debug, Deserialize)]
struct Sale {
    account: String,
    insurer: String,
    request_id: String,
    offer_id: String,
    amount: Number,
    paid: String,
    state: String,
    attempts: i64,
    next: Option<String>,
    problem: Option<String>,
}

/// `POST /sales/repeat`.
#[derive(Debug, Deserialize)]
struct Repeated {
    repeated: usize,
    more: bool,
}

const PATIENCE: Duration = Duration::from_secs(60);
const HEADINGS: [Heading; 9] = [
    Heading::Text("PAID"),
    Heading::Text("STATE"),
    Heading::Text("ACCOUNT"),
    Heading::Text("INSURER"),
    Heading::Number("AMOUNT"),
    Heading::Text("REQUEST_ID"),
    Heading::Text("OFFER_ID"),
    Heading::Number("TRIES"),
    Heading::Text("NEXT, PROBLEM"),
];

// === impl Sales ===

impl Sales {
    pub(super) fn run(self) -> ExitCode {
        serve::block_on(async {
            match self.answer().await {
                Ok(text) => {
                    // A reader that has left needs no more.
                    let _ = std::io::stdout().lock().write_all(text.as_bytes());
                    ExitCode::SUCCESS
                }
                Err(problem) => failed(1, &problem),
            }
        })
    }

    /// What is to be printed.
    async fn answer(&self) -> Result<String, String> {
        let operations = Operations::new(self.operations.clone(), PATIENCE)?;
        match &self.command {
            Command::List(list) => list.answer(&operations).await,
            Command::Repeat(repeat) => repeat.answer(&operations).await,
        }
    }
}

// === impl List ===

impl List {
    async fn answer(&self, operations: &Operations) -> Result<String, String> {
        let state = self.state.map(|state| format!("&state={}", state.name())).unwrap_or_default();
        let answer = operations.get(&format!("/sales?limit={}{state}", self.limit)).await?;
        if self.json {
            return Ok(format!("{answer:#}\n"));
        }
        let Listed { sales } = read(answer)?;
        if sales.is_empty() {
            let which = self.state.map(|state| format!("{} ", state.name())).unwrap_or_default();
            return Ok(format!("There are no {which}sales.\n"));
        }
        let rows: Vec<_> = sales.iter().map(Sale::cells).collect();
        let mut text = table(HEADINGS, &rows);
        if sales.len() == self.limit as usize {
            let _ = writeln!(text, "\nThe newest {} are shown; --limit shows more.", self.limit);
        }
        Ok(text)
    }
}

// === impl Sale ===

impl Sale {
    fn cells(&self) -> [String; HEADINGS.len()] {
        let amount = self.amount.to_string();
        let amount = Kopecks::parse_roubles(&amount).map_or(amount, |amount| amount.to_string());
        let next = self.next.as_deref().map(|next| format!("next {}", seconds(next)));
        let last: Vec<String> = next.into_iter().chain(self.problem.clone()).collect();
        [
            seconds(&self.paid),
            self.state.clone(),
            self.account.clone(),
            self.insurer.clone(),
            amount,
            self.request_id.clone(),
            self.offer_id.clone(),
            self.attempts.to_string(),
            last.join(": "),
        ]
    }
}

// === impl Repeat ===

impl Repeat {
    async fn answer(&self, operations: &Operations) -> Result<String, String> {
        let body = if self.all_dead {
            json!({ "state": "dead" })
        } else {
            json!({ "request_id": self.request_id, "offer_id": self.offer_id })
        };
        let Repeated { repeated, more } = read(operations.post("/sales/repeat", &body).await?)?;
        Ok(match (repeated, more) {
            (0, _) => "There are no dead sales.\n".to_owned(),
            (1, _) => "One sale is sent again now; `veer sales list` shows what becomes of it.\n".to_owned(),
            (_, false) => format!(
                "{repeated} sales are sent again now; `veer sales list` shows what becomes of them.\n"
            ),
            (_, true) => {
                format!("{repeated} sales are sent again now, and there are more: repeat this command.\n")
            }
        })
    }
}

// === impl State ===

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Confirmed => "confirmed",
            State::Dead => "dead",
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpServer, web::Data};
    use clap::Parser as _;
    use serde_json::Value;

    use super::*;
    use crate::{offers::sales::trial::Trial, operations};

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        sales: Sales,
    }

    /// Serves the operations of `trial`, and says what the command line prints.
    async fn run(trial: &Trial, line: &str) -> Result<String, String> {
        let state = Data::new(trial.sales.clone());
        let server = HttpServer::new(move || {
            App::new().app_data(state.clone()).configure(operations::sales::configure)
        });
        let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        let line = format!("sales {line} --operations http://{address}");
        let answer = Line::try_parse_from(line.split(' ')).unwrap().sales.answer().await;
        handle.stop(false).await;
        answer
    }

    #[actix_web::test]
    async fn sales_are_shown_as_a_table() {
        let trial = Trial::open().await;
        assert_eq!(run(&trial, "list").await.unwrap(), "There are no sales.\n");
        trial.dead(1).await;
        trial.confirmed(2).await;
        let expected = "\
PAID                  STATE      ACCOUNT  INSURER     AMOUNT  REQUEST_ID                            OFFER_ID  TRIES  NEXT, PROBLEM
2026-11-20T10:00:02Z  confirmed  demo     alfastrah  7072.35  00000000-0000-0000-0000-000000000002  offer-2       3
2026-11-20T10:00:01Z  dead       demo     alfastrah  7072.35  00000000-0000-0000-0000-000000000001  offer-1       3  the partner answered 409
";
        assert_eq!(run(&trial, "list").await.unwrap(), expected);
        assert_eq!(run(&trial, "list --state waiting").await.unwrap(), "There are no waiting sales.\n");
        let text = run(&trial, "list --state dead --limit 1").await.unwrap();
        assert!(text.contains("offer-1") && !text.contains("offer-2"), "{text}");
        assert!(text.ends_with("The newest 1 are shown; --limit shows more.\n"), "{text}");
        let json: Value = serde_json::from_str(&run(&trial, "list --json").await.unwrap()).unwrap();
        assert_eq!(json["sales"][1]["amount"], json!(7072.35));
    }

    #[actix_web::test]
    async fn sales_are_repeated() {
        let trial = Trial::open().await;
        for number in 1..=3 {
            trial.dead(number).await;
        }
        let text = run(&trial, "repeat 00000000-0000-0000-0000-000000000002 offer-2").await.unwrap();
        assert!(text.starts_with("One sale is sent again"), "{text}");
        assert_eq!(trial.states().await, ["dead", "waiting", "dead"]);
        let problem = run(&trial, "repeat 00000000-0000-0000-0000-000000000002 offer-3").await.unwrap_err();
        assert!(problem.contains("404") && problem.contains("no sale is known"), "{problem}");
        assert!(run(&trial, "repeat --all-dead").await.unwrap().starts_with("2 sales are sent again"));
        assert_eq!(trial.states().await, ["waiting", "waiting", "waiting"]);
        assert_eq!(run(&trial, "repeat --all-dead").await.unwrap(), "There are no dead sales.\n");
    }

    #[tokio::test]
    async fn a_gateway_that_is_not_there_is_told() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let line = format!("sales list --operations http://{free}");
        let problem = Line::try_parse_from(line.split(' ')).unwrap().sales.answer().await.unwrap_err();
        assert!(problem.contains("does not answer") && problem.contains("operations.listen"), "{problem}");
    }

    #[test]
    fn a_sale_is_named_by_both_ids_or_not_at_all() {
        let id = "00000000-0000-0000-0000-000000000002";
        let parse = |line: &str| Line::try_parse_from(format!("sales {line}").split(' ')).is_ok();
        assert!(parse(&format!("repeat {id} offer-2")));
        assert!(parse("repeat --all-dead"));
        for wrong in [
            "repeat",
            &format!("repeat {id}"),
            "repeat 2 offer-2",
            &format!("repeat --all-dead {id} offer-2"),
        ] {
            assert!(!parse(wrong), "{wrong}");
        }
    }
}
