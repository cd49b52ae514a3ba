//! `GET …/notice` and `GET …/policy`: the application's and the policy's file.

use actix_web::{HttpRequest, HttpResponse, web::Path};

use super::{This, failure};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, Reply},
    sale::{Paper, print},
};

pub(super) const NOTICE: Operation = Operation::asks("notice");
pub(super) const POLICY: Operation = Operation::asks("eosago/policy");

pub(super) async fn notice(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    handle(request, id, this, Paper::Draft).await
}

pub(super) async fn policy(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    handle(request, id, this, Paper::Policy).await
}

async fn handle(request: HttpRequest, id: Path<String>, this: This, paper: Paper) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return refused.answer();
    }
    let company = &this.company;
    let application = company.book.application(&id);
    let operation = match paper {
        Paper::Draft => &NOTICE,
        Paper::Policy => &POLICY,
    };
    let exchange = Exchange::take(company, operation, application.as_ref().map(|it| it.risk));
    let there = application.filter(|application| match paper {
        Paper::Draft => application.may_be_paid(),
        Paper::Policy => company.book.is_issued(application, exchange.knobs()),
    });
    let Some(application) = there else {
        return exchange.answer(Outcome::Pending, failure(404, "Документ не найден", "")).await;
    };
    exchange.answer(Outcome::Answered, Reply::pdf(print(company, &application, paper))).await
}
