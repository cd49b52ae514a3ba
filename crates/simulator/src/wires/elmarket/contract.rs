//! `POST contracts/`: the form, stored once for all insurers.

use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use serde_json::{Value, json};

use super::{This, failure, request};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, Reply, respond},
    risk::{Risk, RiskId},
};

pub(super) const CONTRACTS: Operation =
    Operation { name: "contracts", creates: true, faults: true, waits: false, sale: false };

/// A stored form.
pub(super) struct Contract {
    pub(super) risk: Risk,
    pub(super) id: RiskId,
}

pub(super) async fn store(request: HttpRequest, body: Bytes, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let company = &this.company;
    let tree: Value = serde_json::from_slice(&body).unwrap_or_default();
    let risk = match request::read(&tree, company.dictionary()) {
        Ok(risk) => risk,
        Err(problems) => {
            let exchange = Exchange::take(company, &CONTRACTS, None);
            return exchange.answer(Outcome::Rejected, failure(400, &problems.join("; "))).await;
        }
    };
    let id = risk.id(&company.world);
    let exchange = Exchange::take(company, &CONTRACTS, Some(id));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let number = 1_000_000 + exchange.draws().below("contract", 9_000_000_000);
    this.contracts.put(number, Contract { risk, id }.into());
    let reply = Reply::json(201, &json!({ "contract_id": number }));
    exchange.answer(Outcome::Answered, reply).await
}
