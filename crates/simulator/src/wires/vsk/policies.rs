//! `POST policies` and `GET policies/{number}`: the application, stored and numbered, and how it stands. The second is
//! not public.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Path},
};
use serde_json::json;

use super::{
    Insurer, Patience, This, failure, failures, gave_up,
    operations::{Held, stub},
    policy,
};
use crate::{
    Outcome,
    company::Refusal,
    exchange::{Exchange, Operation, Reply, respond},
    sale::{Application, Payment, Quoted, SERIES, Wait},
};

pub(super) const APPLY: Operation = Operation::makes("policies").waited_for();
pub(super) const READ: Operation = Operation::asks("policies/{number}");

/// The key of an application in the book, which is its number as this wire writes it.
pub(super) fn key(number: u64) -> String {
    format!("{SERIES}0{number:09}")
}

/// What the platform calls the application besides.
pub(super) fn draft_id(this: &Insurer, number: &str) -> String {
    this.company.own.with("draft").with(number).uuid("draft")
}

pub(super) async fn apply(request: HttpRequest, body: Bytes, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let company = &this.company;
    let risk = match policy::read(&body, company.dictionary()) {
        Ok(risk) => risk,
        Err(problems) => {
            let exchange = Exchange::take(company, &APPLY, None);
            return exchange.answer(Outcome::Rejected, failures(400, &problems)).await;
        }
    };
    let id = risk.id(&company.world);
    let exchange = Exchange::take(company, &APPLY, Some(id));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let price = match company.price(&risk, id, 0) {
        Ok(price) => company.final_price(price, id, exchange.attempt),
        Err(Refusal(reason)) => return exchange.answer(Outcome::Declined, failure(400, reason)).await,
    };
    let patience = Patience::of(&request, exchange.knobs());
    let mut application = Application::new(company, &exchange, Quoted { risk: id, start: risk.start, price });
    let at_once = exchange.draws().happens("operation", exchange.knobs().operations)
        || application.hold.askings_left() > 0;
    let late = exchange.latency() > patience.time();
    if !late && !at_once {
        application.checks = Wait::new(Duration::ZERO, 0);
    }
    let verdict = application.verdict;
    let (number, key) = number(&this, &exchange, application);
    if late && let Patience::Cut(time) = patience {
        return exchange.answered_within(time).answer(Outcome::Pending, gave_up()).await;
    }
    if late || at_once {
        let operation = exchange.draws().with(&key).uuid("operation");
        this.operations.put(operation.clone(), Held::Application { number });
        let time = if at_once { Duration::ZERO } else { patience.time() };
        let reply = Reply::json(202, &stub(&draft_id(&this, &key), &operation));
        return exchange.answered_within(time).answer(Outcome::Pending, reply).await;
    }
    let stored_one = company.book.application(&key);
    let (outcome, reply) = match (verdict.refusal(), stored_one) {
        (None, Some(application)) => (Outcome::Priced, stored(&this, 201, &key, &application)),
        (reason, _) => (Outcome::Declined, failure(400, reason.unwrap_or_default())),
    };
    exchange.answer(outcome, reply).await
}

/// Writes an application down under a number that is free.
fn number(this: &This, exchange: &Exchange<'_>, application: Application) -> (u64, String) {
    const NUMBERS: u64 = 1_000_000_000;
    let book = &this.company.book;
    let from = exchange.draws().below("policy", NUMBERS);
    let key = book.apply_under(from, |number| key(number % NUMBERS), application);
    let digits = key.trim_start_matches(SERIES).to_owned();
    let number = digits.parse().unwrap_or_default();
    book.with(&key, |application| application.policy = digits);
    (number, key)
}

pub(super) async fn read(request: HttpRequest, number: Path<String>, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let application = this.company.book.application(&number).filter(Application::may_be_paid);
    let exchange = Exchange::take(&this.company, &READ, application.as_ref().map(|it| it.risk));
    let (outcome, reply) = match application {
        Some(application) => (Outcome::Answered, stored(&this, 200, &number, &application)),
        None => (Outcome::Rejected, failure(400, "Договор не найден")),
    };
    exchange.answer(outcome, reply).await
}

/// The policy with its number and its state.
pub(super) fn stored(this: &This, status: u16, number: &str, application: &Application) -> Reply {
    let company = &this.company;
    let state = match company.book.payment(application, &company.knobs()) {
        Payment::Nothing | Payment::Held => "NEW",
        Payment::Paid => "PAID",
        Payment::Cancelled => "CANCELED",
    };
    let mut answer = policy::priced(application.start, application.price.premium, &draft_id(this, number));
    answer["policyNumber"] = number.into();
    answer["status"] = json!({"code": state});
    Reply::json(status, &answer)
}
