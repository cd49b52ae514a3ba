//! `GET operations?oper_id=`: what a call gives that took longer than its caller waited. An operation is under way
//! with 202; then it gives what the call itself would have given.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web::Query};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{This, failure, policies, policy};
use crate::{
    Outcome,
    company::{Price, Refusal},
    exchange::{Exchange, Operation, Reply, respond},
    risk::RiskId,
    sale::{Order, Payment, Wait},
};

pub(super) const READ: Operation = Operation { sale: false, ..Operation::asks("operations") };

/// What an operation is about.
#[derive(Clone, Copy)]
pub(super) enum Held {
    /// A price.
    Price { risk: RiskId, start: Date, result: Result<Price, Refusal>, wait: Wait },
    /// The application with that number.
    Application { number: u64 },
}

/// The answer of a call that became an operation.
pub(super) fn stub(draft_id: &str, operation: &str) -> Value {
    json!({
        "draftId": draft_id,
        "method": "GET",
        "href": format!("/sales/v2/operations?oper_id={operation}"),
    })
}

pub(super) async fn read(
    request: HttpRequest,
    query: Query<HashMap<String, String>>,
    this: This,
) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let id = query.get("oper_id").cloned().unwrap_or_default();
    let held = this.operations.with(&id, |held| match held {
        Held::Price { wait, .. } => wait.ask(),
        Held::Application { .. } => false,
    });
    match held {
        Some((Held::Price { risk, start, result, .. }, ready)) => {
            let exchange = Exchange::take(&this.company, &READ, Some(risk));
            let (outcome, reply) = match result {
                _ if !ready => (Outcome::Pending, Reply::json(202, &stub(&id, &id))),
                Ok(price) => (Outcome::Priced, Reply::json(200, &policy::priced(start, price.premium, &id))),
                Err(Refusal(reason)) => (Outcome::Declined, failure(400, reason)),
            };
            exchange.answer(outcome, reply).await
        }
        Some((Held::Application { number }, _)) => application(&this, &policies::key(number), &id).await,
        None => payment(&this, &id).await,
    }
}

async fn application(this: &This, number: &str, id: &str) -> HttpResponse {
    let asked = this.company.book.with(number, |application| {
        application.checks.ask() && (!application.is_approved() || application.hold.ask())
    });
    let risk = asked.as_ref().map(|(application, _)| application.risk);
    let exchange = Exchange::take(&this.company, &READ, risk);
    let Some((application, ready)) = asked else { return unknown(exchange).await };
    let (outcome, reply) = match application.verdict.refusal() {
        _ if !ready => (Outcome::Pending, Reply::json(202, &stub(&policies::draft_id(this, number), id))),
        None => (Outcome::Priced, policies::stored(this, 200, number, &application)),
        Some(reason) => (Outcome::Declined, failure(400, reason)),
    };
    exchange.answer(outcome, reply).await
}

/// A bill's key is its operation's id.
async fn payment(this: &This, id: &str) -> HttpResponse {
    let order = this.company.book.order(id);
    let exchange = Exchange::take(&this.company, &READ, order.as_ref().map(|order| order.risk));
    let kept = |order: &Order| !order.is_paid_longer_than(exchange.knobs().operation_life);
    let Some(order) = order.filter(kept) else { return unknown(exchange).await };
    let number = &order.application;
    let Some(application) = this.company.book.application(number) else { return unknown(exchange).await };
    let (outcome, reply) = match order.payment(exchange.knobs()) {
        Payment::Nothing | Payment::Held => {
            (Outcome::Pending, Reply::json(202, &stub(&policies::draft_id(this, number), id)))
        }
        Payment::Paid => (Outcome::Answered, policies::stored(this, 200, number, &application)),
        Payment::Cancelled => (Outcome::Declined, policies::stored(this, 200, number, &application)),
    };
    exchange.answer(outcome, reply).await
}

async fn unknown(exchange: Exchange<'_>) -> HttpResponse {
    exchange.answer(Outcome::Rejected, failure(400, "Операция не найдена")).await
}
