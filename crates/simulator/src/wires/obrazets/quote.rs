//! `POST api/v1/quotes` and `GET api/v1/quotes/{id}`: the price, asked for and then polled for.
//!
//! The latency knob says when a price is ready; asking and polling answer at once, with 202 until then.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Path},
};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{This, failure, invalid, request};
use crate::{
    Outcome,
    company::{Price, Refusal},
    exchange::{Exchange, Operation, Reply, respond},
    sale::{Quoted, Wait},
    tariff::Factors,
    wires::upsales,
};

pub(super) const CREATE: Operation =
    Operation { name: "quotes", creates: true, faults: true, waits: false, sale: false };
pub(super) const POLL: Operation =
    Operation { name: "quotes/{id}", creates: false, faults: true, waits: false, sale: false };

/// A price under way.
#[derive(Clone)]
pub(super) struct Quote {
    /// For what, and what it will come to,
    pub(super) result: Result<Quoted, Refused>,
    /// and when.
    pub(super) wait: Wait,
    /// КБМ of each driver, in the request's order.
    drivers: Arc<[Decimal]>,
}

/// A no to a risk.
#[derive(Clone, Copy)]
pub(super) struct Refused {
    risk: crate::risk::RiskId,
    reason: &'static str,
}

pub(super) async fn create(request: HttpRequest, body: Bytes, this: This) -> HttpResponse {
    if let Err(refused) = this.admit_signed(&request, &body) {
        return respond(refused);
    }
    let company = &this.company;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let risk = match request::read(&body, company.dictionary()) {
        Ok(risk) => risk,
        Err(problems) => {
            let exchange = Exchange::take(company, &CREATE, None);
            return exchange.answer(Outcome::Rejected, invalid(&problems)).await;
        }
    };
    let id = risk.id(&company.world);
    let exchange = Exchange::take(company, &CREATE, Some(id));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let result = match company.price(&risk, id, exchange.attempt) {
        Ok(price) => Ok(Quoted { risk: id, start: risk.start, price }),
        Err(Refusal(reason)) => Err(Refused { risk: id, reason }),
    };
    let named = risk.drivers.iter().flatten();
    let quote = Quote {
        result,
        wait: Wait::new(exchange.latency(), exchange.knobs().polls.draw(exchange.draws())),
        drivers: named.map(|driver| company.bonus_malus(&driver.licence)).collect(),
    };
    let key = exchange.draws().uuid("quote");
    this.quotes.put(key.clone(), quote);
    let reply = Reply::json(202, &json!({"quote_id": key, "status": "pending"}));
    exchange.answer(Outcome::Pending, reply).await
}

pub(super) async fn poll(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let found = this.quotes.with(&id, |quote| quote.wait.ask());
    let exchange = Exchange::take(&this.company, &POLL, found.as_ref().map(|(quote, _)| quote.risk()));
    let Some((quote, ready)) = found else {
        return exchange.answer(Outcome::Rejected, failure(404, "not_found", "Расчёт не найден")).await;
    };
    let (outcome, reply) = match quote.result {
        _ if !ready => {
            (Outcome::Pending, Reply::json(202, &json!({"quote_id": *id, "status": "pending"})))
        }
        Ok(quoted) => (Outcome::Priced, Reply::json(200, &ready_quote(&this, &id, &quoted, &quote.drivers))),
        Err(Refused { reason, .. }) => {
            let reason = json!({"code": "underwriting", "message": reason});
            let body = json!({"quote_id": *id, "status": "declined", "reason": reason});
            (Outcome::Declined, Reply::json(200, &body))
        }
    };
    exchange.answer(outcome, reply).await
}

fn ready_quote(this: &This, id: &str, quoted: &Quoted, drivers: &[Decimal]) -> Value {
    let Price { premium, factors, pooled, .. } = quoted.price;
    let drivers = drivers.iter().map(|class| json!({"kbm": class.normalize().to_string()}));
    json!({
        "quote_id": id,
        "status": "ready",
        "premium": premium.to_string(),
        "coefficients": coefficients(&factors),
        "drivers": drivers.collect::<Value>(),
        "reinsurance_pool": pooled,
        "cross_sales": upsales::list(&this.company.cross_sales(quoted.risk, pooled)),
    })
}

/// What a price is made of, in the wire's names.
fn coefficients(factors: &Factors) -> Value {
    let name = |russian| match russian {
        "ТБ" => "tb",
        "КТ" => "kt",
        "КБМ" => "kbm",
        "КВС" => "kvs",
        "КО" => "ko",
        "КС" => "ks",
        "КМ" => "km",
        _ => "kpr",
    };
    let named = factors.named().map(|(russian, value)| {
        (name(russian).to_owned(), Value::from(value.normalize().to_string()))
    });
    Value::Object(named.into_iter().collect())
}

// === impl Quote ===

impl Quote {
    fn risk(&self) -> crate::risk::RiskId {
        self.result.as_ref().map_or_else(|refused| refused.risk, |quoted| quoted.risk)
    }
}
