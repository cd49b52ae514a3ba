//! `GET api/v1/applications/{id}/documents/{kind}`: the draft's and the policy's file.

use actix_web::{HttpRequest, HttpResponse, web::Path};

use super::{This, failure};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, Reply, respond},
    sale::{Paper, print},
};

pub(super) const DOCUMENT: Operation = Operation::asks("applications/documents");

pub(super) async fn fetch(request: HttpRequest, path: Path<(String, String)>, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let (id, kind) = path.into_inner();
    let company = &this.company;
    let application = company.book.application(&id);
    let exchange = Exchange::take(company, &DOCUMENT, application.as_ref().map(|it| it.risk));
    let paper = match kind.as_str() {
        "draft" => Paper::Draft,
        "policy" => Paper::Policy,
        _ => {
            let reply = failure(404, "not_found", "Документ не найден");
            return exchange.answer(Outcome::Rejected, reply).await;
        }
    };
    let there = application.filter(|application| match paper {
        Paper::Draft => application.may_be_paid(),
        Paper::Policy => company.book.is_issued(application, exchange.knobs()),
    });
    let Some(application) = there else {
        let reply = failure(404, "not_ready", "Документ ещё не сформирован");
        return exchange.answer(Outcome::Pending, reply).await;
    };
    exchange.answer(Outcome::Answered, Reply::pdf(print(company, &application, paper))).await
}
