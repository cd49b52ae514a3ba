//! `GetDocument`: the draft's and the policy's file. No such method is public.

use actix_web::HttpResponse;
use base64::{Engine, prelude::BASE64_STANDARD};

use super::{Insurer, REFUSED, application, soap::Request};
use crate::{
    Outcome,
    exchange::{Exchange, Operation},
    sale::{Paper, print},
};

pub(super) const GET_DOCUMENT: Operation = Operation::asks("GetDocument");

pub(super) async fn answer(this: &Insurer, request: &Request) -> HttpResponse {
    let company = &this.company;
    let application = company.book.application(request.text("AgrID"));
    let exchange = Exchange::take(company, &GET_DOCUMENT, application.as_ref().map(|it| it.risk));
    let Some(application) = application else { return application::unknown(exchange, request).await };
    let paper = match request.text("DocType") {
        "draft" => Paper::Draft,
        "policy" => Paper::Policy,
        _ => {
            let reply = request.refusal(REFUSED, "Неверное значение поля DocType");
            return exchange.answer(Outcome::Rejected, reply).await;
        }
    };
    let there = match paper {
        Paper::Draft => application.is_approved(),
        Paper::Policy => company.book.is_issued(&application, exchange.knobs()),
    };
    if !there {
        let reply = request.refusal(REFUSED, "Документ ещё не сформирован");
        return exchange.answer(Outcome::Pending, reply).await;
    }
    let content = BASE64_STANDARD.encode(print(company, &application, paper));
    exchange.answer(Outcome::Answered, request.success(&format!("<Content>{content}</Content>"))).await
}
