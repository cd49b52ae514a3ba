//! `GET online/api/eosago/{policyId}/paylink`: where to pay. Asked again, it is the same page.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use jiff::{Timestamp, tz::Offset};
use serde_json::json;
use veer_contract::domain::Kopecks;

use super::{This, failure, unknown};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, Reply},
    sale::{Application, Order},
};

pub(super) const PAYLINK: Operation = Operation::asks("paylink");

pub(super) async fn link(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return refused.answer();
    }
    let application = this.company.book.application(&id);
    let exchange = Exchange::take(&this.company, &PAYLINK, application.as_ref().map(|it| it.risk));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let Some(application) = application else { return unknown(exchange).await };
    let (outcome, reply) = match page(&this, &exchange, &id, &application) {
        Ok(page) => {
            let now = Offset::constant(3).to_datetime(Timestamp::now());
            let number: u64 = id.parse().unwrap_or_default();
            let date = now.strftime("%Y-%m-%dT%H:%M:%S").to_string();
            let answer = json!({"policyId": number, "PayDate": date, "PayLink": page});
            (Outcome::Answered, Reply::json(200, &answer))
        }
        Err(refused) => (Outcome::Rejected, refused),
    };
    exchange.answer(outcome, reply).await
}

fn page(this: &This, exchange: &Exchange<'_>, id: &str, application: &Application) -> Result<String, Reply> {
    let company = &this.company;
    let book = &company.book;
    let wrong_state = || failure(409, "Оплата невозможна", "Статус договора не позволяет оплату");
    if !application.may_be_paid() || this.filed(id).suspended {
        return Err(wrong_state());
    }
    if exchange.link_fails() {
        return Err(failure(500, "Сервис оплаты временно не отвечает", ""));
    }
    if let Some((key, order)) = book.order_of(application) {
        return if order.is_open() { Ok(company.payment_page(&key)) } else { Err(wrong_state()) };
    }
    let order = Order::new(id, application, Kopecks::ZERO, None);
    let key = book.bill(order, exchange.attempt, |number| exchange.draws().with_number(number).uuid("order"));
    key.map(|key| company.payment_page(&key)).ok_or_else(wrong_state)
}
