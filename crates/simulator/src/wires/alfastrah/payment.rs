//! `POST …/payment/{uuid}` and `GET …/payment/{uuid}?order_id=`: a bill, and how its payment stands.

use std::collections::HashMap;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Path, Query},
};
use serde_json::{Value, json};

use super::{This, failure};
use crate::{
    Outcome,
    company::Refusal,
    exchange::{Exchange, Operation, Reply},
    sale::{Application, Order, Payment},
    wires::{
        fields::{at, text},
        upsales,
    },
};

pub(super) const PAYMENT: Operation = Operation::makes("payment");
pub(super) const STATUS: Operation = Operation::asks("payment/status");

pub(super) async fn link(request: HttpRequest, uuid: Path<String>, body: Bytes, this: This) -> HttpResponse {
    if let Err(challenge) = this.admit(&request) {
        return challenge.answer();
    }
    let application = this.company.book.application(&uuid);
    let exchange = Exchange::take(&this.company, &PAYMENT, application.as_ref().map(|it| it.risk));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let (outcome, reply) = match bill(&this, &exchange, &uuid, application, &body) {
        Ok(answer) => (Outcome::Answered, Reply::json(200, &answer)),
        Err(refused) => (Outcome::Rejected, refused),
    };
    exchange.answer(outcome, reply).await
}

fn bill(
    this: &This,
    exchange: &Exchange<'_>,
    uuid: &str,
    application: Option<Application>,
    body: &[u8],
) -> Result<Value, Reply> {
    let company = &this.company;
    let application = application.ok_or_else(|| failure(404, "Заявление не найдено"))?;
    if !application.may_be_paid() {
        return Err(failure(400, "Договор не готов к оплате"));
    }
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    if at(&body, "email").and_then(text).is_none_or(|email| !email.contains('@')) {
        return Err(failure(400, "Не заполнено обязательное поле email"));
    }
    let selected = upsales::selected(body.get("upsales"))
        .ok_or_else(|| failure(400, "Неверное значение поля upsales"))?;
    let extra = company
        .selected(application.risk, application.price.pooled, &selected)
        .map_err(|Refusal(reason)| failure(400, reason))?;
    if exchange.link_fails() {
        return Err(failure(500, "Сервис оплаты временно не отвечает"));
    }
    let order = Order::new(uuid, &application, extra, None);
    let amount = order.amount;
    let key = company
        .book
        .bill(order, exchange.attempt, |number| exchange.draws().with_number(number).uuid("order"))
        .ok_or_else(|| failure(400, "Договор уже оплачен"))?;
    let link = company.payment_page(&key);
    Ok(json!({"order_id": key, "payment_link": link, "amount": amount.to_string()}))
}

pub(super) async fn status(
    request: HttpRequest,
    uuid: Path<String>,
    query: Query<HashMap<String, String>>,
    this: This,
) -> HttpResponse {
    if let Err(challenge) = this.admit(&request) {
        return challenge.answer();
    }
    let book = &this.company.book;
    let order = query.get("order_id").and_then(|key| book.order(key));
    let order = order.filter(|order| order.application == *uuid);
    let exchange = Exchange::take(&this.company, &STATUS, order.as_ref().map(|order| order.risk));
    let Some(order) = order else {
        return exchange.answer(Outcome::Rejected, failure(404, "Заказ не найден")).await;
    };
    let (outcome, status) = match order.payment(exchange.knobs()) {
        Payment::Nothing => (Outcome::Pending, "NOT_PAID"),
        Payment::Held => (Outcome::Pending, "HOLDED"),
        Payment::Paid => (Outcome::Answered, "PAID"),
        Payment::Cancelled => (Outcome::Declined, "CANCELED"),
    };
    exchange.answer(outcome, Reply::json(200, &json!({"payment_status": status}))).await
}
