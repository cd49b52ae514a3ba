//! `POST online/api/eosago`: the application. Every upload makes a new one.

use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use serde_json::{Value, json};

use super::{Insurer, This, failure, form, price_key};
use crate::{
    Outcome,
    company::Refusal,
    exchange::{Exchange, Operation, Reply},
    risk::{Risk, RiskId},
    sale::{Application, Quoted},
};

pub(super) const APPLICATION: Operation = Operation::makes("eosago");

/// Numbers of applications begin here.
const FIRST: u64 = 81_000_000;

pub(super) async fn apply(request: HttpRequest, body: Bytes, this: This) -> HttpResponse {
    if let Err(refused) = this.admit_upload(&request) {
        return refused.answer();
    }
    let company = &this.company;
    let body = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    let risk = match form::read(&body, company.dictionary()) {
        Ok(risk) => risk,
        Err(problems) => {
            let exchange = Exchange::take(company, &APPLICATION, None);
            let reply = failure(422, "Ошибка валидации", &problems.join("; "));
            return exchange.answer(Outcome::Rejected, reply).await;
        }
    };
    let id = risk.id(&company.world);
    let exchange = Exchange::take(company, &APPLICATION, Some(id));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let quoted = match quoted(&this, &risk, id) {
        Ok(quoted) => quoted,
        Err(Refusal(reason)) => {
            return exchange.answer(Outcome::Declined, failure(400, "Заявление не принято", reason)).await;
        }
    };
    let price = company.final_price(quoted.price, id, exchange.attempt);
    let application = Application::new(company, &exchange, Quoted { price, ..quoted });
    let from = FIRST + exchange.draws().below("application", 1_000_000);
    let policy_id = company.book.apply_under(from, |number| number.to_string(), application);
    let drivers = form::rows(company, &body, &risk);
    this.file(&policy_id, |filed| filed.drivers = drivers);
    let reply =
        json!({"policyId": policy_id.parse::<u64>().unwrap_or_default(), "packageId": exchange.attempt + 1});
    exchange.answer(Outcome::Pending, Reply::json(200, &reply)).await
}

/// The price that was given for it; who never asked is given one now.
fn quoted(this: &Insurer, risk: &Risk, id: RiskId) -> Result<Quoted, Refusal> {
    let licences: Vec<String> = risk.drivers.iter().flatten().map(|driver| driver.licence.clone()).collect();
    if let Some(quoted) = this.quotes.get(&price_key(id, risk.taxi, &licences)) {
        return Ok(quoted);
    }
    let price = this.company.price(risk, id, 0)?;
    Ok(Quoted { risk: id, start: risk.start, price })
}
