//! `GET policies/{number}/files?type_id=` and `…/files/{TYPE}`: base64 in JSON, asked for in the way of 2021 and in that
//! of 2022. That there is a file of the type `draft` is not public.

use std::collections::HashMap;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Path, Query},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use super::{This, failure};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, Reply, respond},
    sale::{Paper, print},
};

pub(super) const FILES: Operation = Operation::asks("files");

pub(super) async fn by_query(
    request: HttpRequest,
    number: Path<String>,
    query: Query<HashMap<String, String>>,
    this: This,
) -> HttpResponse {
    let kind = query.get("type_id").map(String::as_str).unwrap_or_default();
    file(&request, &number, kind, &this).await
}

pub(super) async fn by_path(request: HttpRequest, path: Path<(String, String)>, this: This) -> HttpResponse {
    let (number, kind) = path.into_inner();
    // In capitals here.
    let kind = if kind == kind.to_uppercase() { kind.to_lowercase() } else { String::new() };
    file(&request, &number, &kind, &this).await
}

async fn file(request: &HttpRequest, number: &str, kind: &str, this: &This) -> HttpResponse {
    if let Err(refused) = this.admit(request) {
        return respond(refused);
    }
    let company = &this.company;
    let application = company.book.application(number);
    let exchange = Exchange::take(company, &FILES, application.as_ref().map(|it| it.risk));
    let paper = match kind {
        "draft" => Paper::Draft,
        "policy" => Paper::Policy,
        _ => {
            let reply = failure(400, "Неверное значение поля type_id");
            return exchange.answer(Outcome::Rejected, reply).await;
        }
    };
    let there = application.filter(|application| match paper {
        Paper::Draft => application.may_be_paid(),
        Paper::Policy => company.book.is_issued(application, exchange.knobs()),
    });
    let Some(application) = there else {
        return exchange.answer(Outcome::Pending, failure(400, "Документ ещё не сформирован")).await;
    };
    let file = BASE64_STANDARD.encode(print(company, &application, paper));
    let reply = Reply::json(200, &json!({"fileTypeCode": kind, "policyPDF": file}));
    exchange.answer(Outcome::Answered, reply).await
}
