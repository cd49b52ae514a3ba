//! `POST calculate/` and `GET calculate/{id}/`: the price, created and then polled for.
//!
//! The latency knob says when a calculation is ready; creating and polling answer at once.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Path},
};
use serde_json::json;

use super::{This, body, calculations::Calculation, failure, query, request, success};
use crate::{
    Outcome,
    company::Refusal,
    exchange::{Exchange, Operation, respond},
    sale::Wait,
    wires::{
        fields::{at, text},
        upsales,
    },
};

pub(super) const CREATE: Operation =
    Operation { name: "calculate", creates: true, faults: true, waits: false, sale: false };
pub(super) const POLL: Operation =
    Operation { name: "calculate/{id}", creates: false, faults: true, waits: false, sale: false };

pub(super) async fn create(request: HttpRequest, bytes: Bytes, this: This) -> HttpResponse {
    let query = query(&request);
    let tree = body(&request, &bytes);
    if let Err(refused) = this.admit(&query, Some(&tree)) {
        return respond(refused);
    }
    let risk = match request::read(&tree, this.company.dictionary()) {
        Ok(risk) => risk,
        Err(problems) => {
            let exchange = Exchange::take(&this.company, &CREATE, None);
            return exchange.answer(Outcome::Rejected, failure(&problems.join("; "))).await;
        }
    };
    let id = risk.id(&this.company.world);
    let exchange = Exchange::take(&this.company, &CREATE, Some(id));
    let asked_for = |value: Option<String>| value.is_some_and(|value| value == "1" || value == "true");
    let full = asked_for(query.get("fullInformation").cloned())
        || asked_for(at(&tree, "fullInformation").and_then(text));
    let calculation = Calculation {
        risk: id,
        start: risk.start,
        result: this.company.price(&risk, id, exchange.attempt),
        wait: Wait::new(exchange.latency(), exchange.knobs().polls.draw(exchange.draws())),
        full,
    };
    let number = 70_000_000 + exchange.draws().below("calculation", 900_000_000_000);
    this.calculations.put(number, calculation);
    let company = json!({"id": "9", "name": "Renaissance"});
    let data = json!([{"id": number.to_string(), "company": company}]);
    let reply = success(exchange.draws(), data);
    exchange.answer(Outcome::Pending, reply).await
}

pub(super) async fn poll(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&query(&request), None) {
        return respond(refused);
    }
    let found =
        id.parse().ok().and_then(|id| this.calculations.with(&id, |calculation| calculation.wait.ask()));
    let exchange = Exchange::take(&this.company, &POLL, found.map(|(calculation, _)| calculation.risk));
    let Some((calculation, ready)) = found else {
        return exchange.answer(Outcome::Rejected, failure("Расчёт не найден")).await;
    };
    if !ready {
        let reply = success(exchange.draws(), json!({"response": {}, "status": "wait"}));
        return exchange.answer(Outcome::Pending, reply).await;
    }
    match calculation.result {
        Ok(price) => {
            let mut response = json!({
                "Status": true,
                "Premium": price.premium.as_json_number(),
                "ReinsurancePool": price.pooled,
                "Upsales": upsales::list(&this.company.cross_sales(calculation.risk, price.pooled)),
            });
            if calculation.full {
                let class = price.factors.bonus_malus.normalize().to_string();
                response["KBM"] = json!([{ "KBM": class }]);
            }
            let reply = success(exchange.draws(), json!({"response": response, "status": "done"}));
            exchange.answer(Outcome::Priced, reply).await
        }
        Err(Refusal(reason)) => exchange.answer(Outcome::Declined, failure(reason)).await,
    }
}
