//! One call: admitted, read, counted, and then answered or not.
//!
//! What the knobs want and what the ledger says are settled together, before any waiting, so two calls that
//! come at once never both credit a sale, and a caller that leaves changes nothing.

use std::{
    io,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Bytes, Data, ServiceConfig},
};
use futures::stream;
use serde_json::{Value, json};

use super::{
    ConfirmedBy, YandexKnobs, YandexPlan,
    fields::{self, Problem, Reading},
    knobs::Fate,
    ledger::{Arrival, Ledger},
};
use crate::{
    exchange::{Reply, respond},
    knobs::LONGEST,
};

/// Where sales are confirmed.
pub(super) const PATH: &str = "/confirm";

/// What the calls share.
pub(super) struct Desk {
    token: String,
    partner_id: String,
    book: Mutex<Book>,
}

/// What changes.
pub(super) struct Book {
    pub(super) knobs: YandexKnobs,
    pub(super) ledger: Ledger,
}

/// What becomes of a call.
enum End {
    /// It is answered after this time.
    Answer(Reply, Duration),
    /// Its connection is cut after this time.
    Cut(Duration),
}

pub(super) fn configure(config: &mut ServiceConfig) {
    let confirm = web::resource(PATH).get(one).post(many);
    let confirm =
        confirm.default_service(web::to(async || refused(405, "only GET and POST are served here")));
    let unknown = web::to(async || refused(404, "nothing is served here but /confirm"));
    config.service(confirm).default_service(unknown);
}

async fn one(desk: Data<Desk>, request: HttpRequest) -> HttpResponse {
    let read = || fields::query(request.query_string(), &desk.partner_id);
    let answer = |reading: &Reading| {
        let request_id = reading.sales.first().map(|sale| &sale.request_id);
        json!({ "request_id": request_id })
    };
    desk.take(&request, ConfirmedBy::Get, read, answer).finish().await
}

async fn many(desk: Data<Desk>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let read = || {
        let mut reading = fields::bulk(&body, &desk.partner_id);
        if !is_json(&request) {
            let problem = Problem::new("Content-Type".into(), "must be application/json");
            reading.problems.push(problem);
        }
        reading
    };
    desk.take(&request, ConfirmedBy::Post, read, |_| json!({})).finish().await
}

// === impl Desk ===

impl Desk {
    pub(super) fn new(plan: YandexPlan) -> Self {
        let book = Book { knobs: plan.knobs, ledger: Ledger::new() };
        Self { token: plan.token, partner_id: plan.partner_id, book: Mutex::new(book) }
    }

    pub(super) fn open(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Settles a call; `answer` says what a good one is answered.
    fn take(
        &self,
        request: &HttpRequest,
        method: ConfirmedBy,
        read: impl FnOnce() -> Reading,
        answer: impl FnOnce(&Reading) -> Value,
    ) -> End {
        let admitted = self.admits(request);
        let reading = if admitted { read() } else { Reading::default() };
        let mut book = self.open();
        let arrival = book.ledger.arrive(method);
        if !admitted {
            let problem = Problem::new("Authorization".into(), "must be OAuth or Bearer with the token");
            return End::at_once(book.refuse(arrival, &reading, 403, vec![problem]));
        }
        if !reading.problems.is_empty() {
            let problems = reading.problems.clone();
            return End::at_once(book.refuse(arrival, &reading, 400, problems));
        }
        let (fate, delay, sales) = (book.knobs.next(), book.knobs.delay, &reading.sales);
        let ledger = &mut book.ledger;
        match fate {
            Fate::Heard => match ledger.count(arrival, sales, Some(200)) {
                Ok(()) => End::Answer(Reply::json(200, &answer(&reading)), delay),
                Err(problems) => End::Answer(wrong(409, &problems), delay),
            },
            Fate::Refused(status) => {
                ledger.pass(arrival, sales, Some(status));
                End::Answer(refusal(status, "refused, as the knobs want it"), delay)
            }
            Fate::Ignored { counted: false } => {
                ledger.pass(arrival, sales, None);
                End::Cut(LONGEST)
            }
            // A contradiction is written down, and nobody is told.
            Fate::Ignored { counted: true } => {
                let _ = ledger.count(arrival, sales, None);
                End::Cut(LONGEST)
            }
            Fate::Cut => {
                let _ = ledger.count(arrival, sales, None);
                End::Cut(delay)
            }
        }
    }

    fn admits(&self, request: &HttpRequest) -> bool {
        let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        header.and_then(|value| value.split_once(' ')).is_some_and(|(scheme, token)| {
            let known = ["OAuth", "Bearer"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
            known && token == self.token
        })
    }
}

fn is_json(request: &HttpRequest) -> bool {
    use actix_web::HttpMessage;
    request.content_type().eq_ignore_ascii_case("application/json")
}

// === impl Book ===

impl Book {
    fn refuse(&mut self, arrival: Arrival, reading: &Reading, status: u16, problems: Vec<Problem>) -> Reply {
        self.ledger.refuse(arrival, &reading.sales, status, &problems);
        wrong(status, &problems)
    }
}

/// A refusal that names the fields.
fn wrong(status: u16, problems: &[Problem]) -> Reply {
    let message = match status {
        403 => "the token is missing or wrong",
        409 => "the sale was confirmed otherwise before",
        _ => "the request is wrong",
    };
    let properties: Vec<Value> = problems.iter().map(Problem::as_json).collect();
    Reply::json(status, &json!({"message": message, "properties": properties}))
}

fn refusal(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({ "message": message }))
}

fn refused(status: u16, message: &str) -> HttpResponse {
    respond(refusal(status, message))
}

// === impl End ===

impl End {
    fn at_once(reply: Reply) -> Self {
        End::Answer(reply, Duration::ZERO)
    }

    async fn finish(self) -> HttpResponse {
        let (End::Answer(_, time) | End::Cut(time)) = &self;
        if !time.is_zero() {
            tokio::time::sleep((*time).min(LONGEST)).await;
        }
        match self {
            End::Answer(reply, _) => respond(reply),
            End::Cut(_) => cut(),
        }
    }
}

/// An answer of which nothing arrives: its body fails before its head has left the buffer, and the server
/// then drops the connection.
fn cut() -> HttpResponse {
    let failure = io::Error::from(io::ErrorKind::ConnectionReset);
    HttpResponse::Ok().streaming(stream::iter([Err::<Bytes, _>(failure)]))
}
