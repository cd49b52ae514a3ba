//! `GET …/contract/{uuid}/print?document_type=`: the draft's and the policy's file. No such call is public.

use std::collections::HashMap;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Path, Query},
};

use super::{This, failure};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, Reply},
    sale::{Paper, print},
};

pub(super) const PRINT: Operation = Operation::asks("print");

pub(super) async fn handle(
    request: HttpRequest,
    uuid: Path<String>,
    query: Query<HashMap<String, String>>,
    this: This,
) -> HttpResponse {
    if let Err(challenge) = this.admit(&request) {
        return challenge.answer();
    }
    let company = &this.company;
    let application = company.book.application(&uuid);
    let exchange = Exchange::take(company, &PRINT, application.as_ref().map(|it| it.risk));
    let paper = match query.get("document_type").map(String::as_str) {
        Some("draft") => Paper::Draft,
        Some("policy") => Paper::Policy,
        _ => {
            let reply = failure(400, "Неверное значение поля document_type");
            return exchange.answer(Outcome::Rejected, reply).await;
        }
    };
    let there = application.filter(|application| match paper {
        Paper::Draft => application.may_be_paid(),
        Paper::Policy => company.book.is_issued(application, exchange.knobs()),
    });
    let Some(application) = there else {
        return exchange.answer(Outcome::Pending, failure(404, "Документ ещё не сформирован")).await;
    };
    exchange.answer(Outcome::Answered, Reply::pdf(print(company, &application, paper))).await
}
