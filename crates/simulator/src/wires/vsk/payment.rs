//! `POST policies/{number}/paymentLink` and `PUT policies/{number}/installments/1`: the payment page, asked for in the
//! way of 2021 and in that of 2022. The first names the payment's operation, the second does not.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Path},
};
use serde_json::{Value, json};
use veer_contract::domain::{Kopecks, ReturnUrls};

use super::{This, error, failure, operations::stub, policies};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, Reply, respond},
    sale::{Application, Order},
    wires::fields::{at, text},
};

pub(super) const LINK: Operation = Operation::makes("paymentLink");
pub(super) const INSTALLMENTS: Operation = Operation::makes("installments");

pub(super) async fn link(
    request: HttpRequest,
    number: Path<String>,
    body: Bytes,
    this: This,
) -> HttpResponse {
    pay(&request, &number, &body, &this, &LINK).await
}

pub(super) async fn installment(
    request: HttpRequest,
    number: Path<String>,
    body: Bytes,
    this: This,
) -> HttpResponse {
    pay(&request, &number, &body, &this, &INSTALLMENTS).await
}

async fn pay(
    request: &HttpRequest,
    number: &str,
    body: &[u8],
    this: &This,
    operation: &'static Operation,
) -> HttpResponse {
    if let Err(refused) = this.admit(request) {
        return respond(refused);
    }
    let application = this.company.book.application(number);
    let exchange = Exchange::take(&this.company, operation, application.as_ref().map(|it| it.risk));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let body = serde_json::from_slice(body).unwrap_or(Value::Null);
    let by_link = operation.name == LINK.name;
    let (outcome, reply) = match bill(this, &exchange, number, application, &body, by_link) {
        Ok(answer) => (Outcome::Answered, Reply::json(200, &answer)),
        Err(refused) => (Outcome::Rejected, refused),
    };
    exchange.answer(outcome, reply).await
}

fn bill(
    this: &This,
    exchange: &Exchange<'_>,
    number: &str,
    application: Option<Application>,
    body: &Value,
    by_link: bool,
) -> Result<Value, Reply> {
    let company = &this.company;
    let application = application.ok_or_else(|| failure(400, "Договор не найден"))?;
    if !application.may_be_paid() {
        return Err(failure(400, "Договор не готов к оплате"));
    }
    let draft_id = policies::draft_id(this, number);
    let field = |name: &str| at(body, name).and_then(text).unwrap_or_default();
    let wrong = |name: &str| failure(400, &format!("Неверное значение поля {name}"));
    let sum = if by_link { "premium" } else { "amount" };
    if Kopecks::parse_roubles(&field(sum)) != Ok(application.price.premium) {
        return Err(wrong(sum));
    }
    if by_link && field("draftId") != draft_id {
        return Err(wrong("draftId"));
    }
    if !by_link && field("paymentType") != "CARD" {
        return Err(wrong("paymentType"));
    }
    let return_urls = match (field("successUrl"), field("failUrl")) {
        (success, failure) if success.is_empty() && failure.is_empty() => None,
        (success, failure) => Some(ReturnUrls { success, failure }),
    };
    let sound = |url: &str| url::Url::parse(url).is_ok();
    if return_urls.as_ref().is_some_and(|urls| !sound(&urls.success) || !sound(&urls.failure)) {
        return Err(wrong("successUrl | failUrl"));
    }
    if exchange.link_fails() {
        // One object, as it is documented.
        return Err(Reply::json(503, &error(104, "Сервис оплаты онлайн временно недоступен")));
    }
    let order = Order::new(number, &application, Kopecks::ZERO, return_urls);
    let amount = order.amount.as_json_number();
    let key = company
        .book
        .bill(order, exchange.attempt, |number| exchange.draws().with_number(number).uuid("order"))
        .ok_or_else(|| failure(400, "Договор уже оплачен"))?;
    let page = company.payment_page(&key);
    if !by_link {
        return Ok(json!({"paymentLink": page}));
    }
    let mut answer = stub(&draft_id, &key);
    answer["premium"] = amount.into();
    answer["successUrl"] = body["successUrl"].clone();
    answer["failUrl"] = body["failUrl"].clone();
    answer["paymentUrl"] = page.into();
    Ok(answer)
}
