//! `POST` and `GET api/v1/applications/{id}/payment`: the bill, and how its payment stands.
//!
//! An application has one payment at a time: a new one ends an open one before it, and the newest is told.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Path},
};
use serde_json::{Value, json};
use veer_contract::domain::{Kopecks, ReturnUrls};

use super::{This, failure, invalid};
use crate::{
    Outcome,
    company::Refusal,
    exchange::{Exchange, Operation, Reply, respond},
    sale::{Application, Order, Payment},
    wires::{
        fields::{at, text},
        upsales,
    },
};

pub(super) const CREATE: Operation = Operation::makes("applications/payment");
pub(super) const STATUS: Operation = Operation::asks("applications/payment/status");

pub(super) async fn create(
    request: HttpRequest,
    id: Path<String>,
    body: Bytes,
    this: This,
) -> HttpResponse {
    if let Err(refused) = this.admit_signed(&request, &body) {
        return respond(refused);
    }
    let application = this.company.book.application(&id);
    let exchange = Exchange::take(&this.company, &CREATE, application.as_ref().map(|it| it.risk));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let (outcome, reply) = match bill(&this, &exchange, &id, application, &body) {
        Ok((key, amount)) => {
            (Outcome::Answered, Reply::json(201, &payment(&this, &key, amount, "new")))
        }
        Err(refused) => (Outcome::Rejected, refused),
    };
    exchange.answer(outcome, reply).await
}

fn bill(
    this: &This,
    exchange: &Exchange<'_>,
    id: &str,
    application: Option<Application>,
    body: &[u8],
) -> Result<(String, Kopecks), Reply> {
    let company = &this.company;
    let application = application.ok_or_else(|| failure(404, "not_found", "Заявление не найдено"))?;
    if !application.may_be_paid() || application.withdrawn {
        return Err(failure(409, "wrong_state", "Заявление не одобрено, оплата недоступна"));
    }
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let selected = upsales::selected(body.get("cross_sales"))
        .ok_or_else(|| invalid(&["Неверное значение поля cross_sales".to_owned()]))?;
    let extra = company
        .selected(application.risk, application.price.pooled, &selected)
        .map_err(|Refusal(reason)| invalid(&[reason.to_owned()]))?;
    if exchange.link_fails() {
        return Err(failure(424, "payment_unavailable", "Сервис оплаты временно не отвечает"));
    }
    let url = |name: &str| at(&body, &format!("return_urls.{name}")).and_then(text);
    let return_urls =
        url("success").zip(url("failure")).map(|(success, failure)| ReturnUrls { success, failure });
    let order = Order::new(id, &application, extra, return_urls);
    let amount = order.amount;
    let key = |number| exchange.draws().with_number(number).uuid("payment");
    let key = company.book.bill(order, exchange.attempt, key);
    key.map(|key| (key, amount)).ok_or_else(|| failure(409, "already_paid", "Полис уже оплачен"))
}

pub(super) async fn status(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let book = &this.company.book;
    let application = book.application(&id);
    let exchange = Exchange::take(&this.company, &STATUS, application.as_ref().map(|it| it.risk));
    let Some((key, order)) = application.and_then(|application| book.order_of(&application)) else {
        let reply = failure(404, "not_found", "Платёж не найден");
        return exchange.answer(Outcome::Rejected, reply).await;
    };
    let (outcome, status) = match order.payment(exchange.knobs()) {
        Payment::Nothing => (Outcome::Pending, "new"),
        Payment::Held => (Outcome::Pending, "processing"),
        Payment::Paid => (Outcome::Answered, "paid"),
        Payment::Cancelled => (Outcome::Declined, "cancelled"),
    };
    let reply = Reply::json(200, &payment(&this, &key, order.amount, status));
    exchange.answer(outcome, reply).await
}

fn payment(this: &This, key: &str, amount: Kopecks, status: &str) -> Value {
    json!({
        "payment_id": key,
        "status": status,
        "payment_url": this.company.payment_page(key),
        "amount": amount.to_string(),
    })
}
