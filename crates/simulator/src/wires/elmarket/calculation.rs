//! `POST calculations/` and `GET calculations/{id}/`: one insurer's price for a stored form, asked for and then
//! polled for.
//!
//! The price comes with the address where it is paid, and the insurer's checks are over with it: so the knobs of
//! applications hold for calculations. What the answer says after the payment is not public, and of our own
//! making.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Path},
};
use serde_json::{Value, json};

use super::{This, companies, contract::Contract, failure};
use crate::{
    Knobs, Outcome,
    company::{Company, Refusal},
    exchange::{Exchange, Operation, Reply, respond},
    risk::RiskId,
    sale::{Application, Order, Payment, Quoted, SERIES, Wait},
    wires::fields::{at, text},
};

pub(super) const CREATE: Operation =
    Operation { name: "calculations", creates: true, faults: true, waits: false, sale: false };
pub(super) const POLL: Operation =
    Operation { name: "calculations/{id}", creates: false, faults: true, waits: false, sale: false };

/// What one insurer was asked.
#[derive(Clone, Copy)]
pub(super) struct Calculation {
    /// The risk at that insurer.
    risk: RiskId,
    /// Its no, where it has no price.
    refusal: Option<Refusal>,
    /// When it answers.
    wait: Wait,
}

pub(super) async fn create(request: HttpRequest, body: Bytes, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let company = &this.company;
    let tree: Value = serde_json::from_slice(&body).unwrap_or_default();
    let field = |name| at(&tree, name).and_then(text).unwrap_or_default();
    let partner = companies::find(&field("company_code"));
    let contract = field("contract_id").parse().ok().and_then(|number| this.contracts.get(&number));
    let (Some(partner), Some(contract)) = (partner, contract) else {
        let wrong = if partner.is_none() { "company_code" } else { "contract_id" };
        let exchange = Exchange::take(company, &CREATE, None);
        let reply = failure(400, &format!("Неверное значение поля {wrong}"));
        return exchange.answer(Outcome::Rejected, reply).await;
    };
    // Each insurer has its own luck with the same form.
    let own = company.own.with("company").with(partner.code);
    let risk = RiskId(own.with_number(contract.id.0).number("risk"));
    let exchange = Exchange::take(company, &CREATE, Some(risk));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let Contract { risk: form, id } = &*contract;
    let price = company.price_by(&own, form, *id, exchange.attempt);
    let number = 10_000_000 + exchange.draws().below("calculation", 90_000_000_000);
    let wait = Wait::new(exchange.latency(), exchange.knobs().polls.draw(exchange.draws()));
    this.calculations.put(number, Calculation { risk, refusal: price.err(), wait });
    if let Ok(price) = price {
        let application = Application::new(company, &exchange, Quoted { risk, start: form.start, price });
        company.book.apply(&number.to_string(), application);
    }
    let reply = Reply::json(201, &json!({"id": number, "status": "PROCESSING"}));
    exchange.answer(Outcome::Pending, reply).await
}

pub(super) async fn poll(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let found = id.parse().ok().and_then(|id| this.calculations.with(&id, |it| it.wait.ask()));
    let exchange = Exchange::take(&this.company, &POLL, found.map(|(calculation, _)| calculation.risk));
    let Some((calculation, ready)) = found else {
        return exchange.answer(Outcome::Rejected, failure(404, "Не найдено.")).await;
    };
    let (outcome, status, data) = match calculation.refusal {
        _ if !ready => (Outcome::Pending, "PROCESSING", json!({})),
        Some(Refusal(reason)) => (Outcome::Declined, "DECLINED", json!({ "message": reason })),
        None => standing(&this.company, &exchange, &id),
    };
    let number: u64 = id.parse().unwrap_or_default();
    let reply = Reply::json(200, &json!({"id": number, "status": status, "data": data}));
    exchange.answer(outcome, reply).await
}

/// How a priced calculation stands: under way, declined by the checks, to be paid, paid.
fn standing(company: &Company, exchange: &Exchange<'_>, id: &str) -> (Outcome, &'static str, Value) {
    let found = company.book.with(id, |application| application.hold.ask());
    let Some((application, free)) = found else { return (Outcome::Pending, "PROCESSING", json!({})) };
    if let Some(reason) = application.verdict.refusal() {
        return (Outcome::Declined, "DECLINED", json!({ "message": reason }));
    }
    if !free {
        return (Outcome::Pending, "PROCESSING", json!({}));
    }
    let price = application.price.premium.as_json_number();
    if company.book.payment(&application, exchange.knobs()) == Payment::Paid {
        let policy = policy(company, &application, exchange.knobs());
        return (Outcome::Answered, "PAID", json!({"price": price, "policy": policy}));
    }
    let page = if exchange.link_fails() { None } else { page(company, id, &application) };
    (Outcome::Priced, "CALCULATED", json!({"price": price, "payment_url": page}))
}

fn policy(company: &Company, application: &Application, knobs: &Knobs) -> Value {
    match company.book.is_issued(application, knobs) {
        true => json!({"series": SERIES, "number": application.policy}),
        false => Value::Null,
    }
}

/// The page of the open bill, or of a new one where there is none.
fn page(company: &Company, id: &str, application: &Application) -> Option<String> {
    let open = company.book.order_of(application).filter(|(_, order)| order.is_open());
    let key = match open {
        Some((key, _)) => key,
        None => {
            let order = Order::new(id, application, veer_contract::domain::Kopecks::ZERO, None);
            let key = |number| if number == 1 { id.to_owned() } else { format!("{id}-{number}") };
            company.book.bill(order, 1, key)?
        }
    };
    Some(company.payment_page(&key))
}
