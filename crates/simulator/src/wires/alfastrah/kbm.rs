//! `POST wapi/osago/kbm/physical`: a driver's class from the register.
//!
//! How the request is shaped is not public; every document with a number in it counts as a licence.

use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use serde_json::{Value, json};

use super::{This, failure};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, Reply},
    wires::fields::{number, text},
};

const KBM: Operation =
    Operation { name: "kbm/physical", creates: false, faults: false, waits: false, sale: false };

pub(super) async fn handle(request: HttpRequest, body: Bytes, this: This) -> HttpResponse {
    if let Err(challenge) = this.admit(&request) {
        return challenge.answer();
    }
    let exchange = Exchange::take(&this.company, &KBM, None);
    let mut licences = Vec::new();
    if let Ok(body) = serde_json::from_slice::<Value>(&body) {
        collect(&body, &mut licences);
    }
    let classes: Vec<_> = licences.iter().map(|licence| this.company.bonus_malus(licence)).collect();
    let Some(largest) = classes.iter().max() else {
        let reply = failure(400, "Не заполнено обязательное поле document_number");
        return exchange.answer(Outcome::Rejected, reply).await;
    };
    let draws = exchange.draws();
    let details: Vec<Value> = classes
        .iter()
        .enumerate()
        .map(|(index, class)| {
            json!({
                "kbm": number(*class),
                "original_kbm": number(*class),
                "accident_count": 0,
                "party_request_id": draws.with_number(index as u64).uuid("party"),
                "party_request_end_date": null,
                "accidents": [],
                "previous_contract": null,
            })
        })
        .collect();
    let body = json!({
        "calculated_kbm_value": number(*largest),
        "request_id": draws.uuid("request"),
        "response_id": draws.uuid("response"),
        "calculation_details": details,
        "comment_list": [],
    });
    exchange.answer(Outcome::Answered, Reply::json(200, &body)).await
}

fn collect(value: &Value, licences: &mut Vec<String>) {
    if let Some(number) = value.get("document_number").and_then(text) {
        licences.push(value.get("document_series").and_then(text).unwrap_or_default() + &number);
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, licences)),
        Value::Object(members) => members.values().for_each(|item| collect(item, licences)),
        _ => {}
    }
}
