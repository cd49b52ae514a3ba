//! `POST …/contract/{uuid}/eosago` and `GET …/contract/{uuid}/status`: the application, made once for a
//! calculation and then polled for. Made again, it is the one that there is.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use serde_json::{Value, json};

use super::{This, failure, first_second, last_second};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, Reply},
    sale::{Application, Quoted, SERIES, Verdict},
};

pub(super) const APPLICATION: Operation = Operation::makes("eosago");
pub(super) const STATUS: Operation = Operation::asks("contract/status");

pub(super) async fn apply(request: HttpRequest, uuid: Path<String>, this: This) -> HttpResponse {
    if let Err(challenge) = this.admit(&request) {
        return challenge.answer();
    }
    let quoted = this.quotes.get(&uuid);
    let exchange = Exchange::take(&this.company, &APPLICATION, quoted.map(|quoted| quoted.risk));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let Some(quoted) = quoted else {
        return exchange.answer(Outcome::Rejected, failure(404, "Расчёт не найден")).await;
    };
    let price = this.company.final_price(quoted.price, quoted.risk, exchange.attempt);
    this.company.book.apply(&uuid, Application::new(&this.company, &exchange, Quoted { price, ..quoted }));
    let href = format!("{}wapi/osago/contract/{uuid}/status", this.company.base_url);
    let reply = Reply::json(200, &json!({"osago_uuid": *uuid, "href": href}));
    exchange.answer(Outcome::Pending, reply).await
}

pub(super) async fn status(request: HttpRequest, uuid: Path<String>, this: This) -> HttpResponse {
    if let Err(challenge) = this.admit(&request) {
        return challenge.answer();
    }
    // An application in the queue is under way here as one under check is.
    let asked = this.company.book.with(&uuid, |application| {
        application.checks.ask() && (application.verdict != Verdict::Approved || application.hold.ask())
    });
    let risk = asked.as_ref().map(|(application, _)| application.risk);
    let exchange = Exchange::take(&this.company, &STATUS, risk);
    let Some((application, ready)) = asked else {
        return exchange.answer(Outcome::Rejected, failure(404, "Заявление не найдено")).await;
    };
    let (outcome, status, contract, comments) = match application.verdict.refusal() {
        _ if !ready => (Outcome::Pending, "PROCESSING", Value::Null, json!([])),
        None => (Outcome::Priced, "SUCCESS", contract(&application), json!([])),
        Some(reason) => (Outcome::Declined, "ERROR", Value::Null, json!([reason])),
    };
    let body = json!({
        "osago_uuid": *uuid,
        "status": status,
        "insurance_contract": contract,
        "comment_list": comments,
    });
    exchange.answer(outcome, Reply::json(200, &body)).await
}

fn contract(application: &Application) -> Value {
    json!({
        "contract_series": SERIES,
        "contract_number": application.policy,
        "premium_amount": application.price.premium.to_string(),
        "begin_date": first_second(application.start),
        "end_date": last_second(application.start),
        "operation_periods": [],
        "discount_program": null,
    })
}
