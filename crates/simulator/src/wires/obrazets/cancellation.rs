//! `DELETE api/v1/applications/{id}`: an application given up. Doing it twice is harmless.

use actix_web::{HttpRequest, HttpResponse, web::Path};

use super::{This, failure};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, Reply, respond},
    sale::Withdrawal,
};

pub(super) const CANCEL: Operation = Operation::asks("applications/cancel");

pub(super) async fn cancel(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let book = &this.company.book;
    let risk = book.application(&id).map(|application| application.risk);
    let exchange = Exchange::take(&this.company, &CANCEL, risk);
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let (outcome, reply) = match book.withdraw(&id) {
        None => (Outcome::Rejected, failure(404, "not_found", "Заявление не найдено")),
        Some(Withdrawal::Paid) => (Outcome::Rejected, failure(409, "already_paid", "Полис уже оплачен")),
        Some(Withdrawal::Done) => (Outcome::Answered, Reply::empty(204)),
    };
    exchange.answer(outcome, reply).await
}
