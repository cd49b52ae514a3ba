//! `POST user/reports/{type}/_make` and `GET user/reports/{uid}`.
//!
//! The latency knob says when a report is ready; making one and asking for it answer at once. A report that is
//! there already is given again.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Path},
};
use serde_json::{Value, json};

use super::{REPORT_TYPE, STAMP, This, content, failure, query::Query, register, success};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, respond},
    sale::Wait,
};

pub(super) const MAKE: Operation =
    Operation { name: "reports/_make", creates: true, faults: true, waits: false, sale: false };
pub(super) const READ: Operation =
    Operation { name: "reports/{uid}", creates: false, faults: true, waits: false, sale: false };

/// Whom a report asks.
const SOURCES: [&str; 2] = ["base", "references.base"];

pub(super) async fn make(request: HttpRequest, kind: Path<String>, bytes: Bytes, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let world = &this.company.world;
    let query = Query::read(&serde_json::from_slice(&bytes).unwrap_or_default());
    let exchange = Exchange::take(&this.company, &MAKE, query.as_ref().map(|query| query.id(world)));
    if *kind != REPORT_TYPE {
        let reply = failure(500, "DataSeekObjectError", "Отсутствует объект типа Report_Type");
        return exchange.answer(Outcome::Rejected, reply).await;
    }
    let Some(query) = query else {
        let reply = failure(400, "DataValidationError", "Неверные параметры запроса");
        return exchange.answer(Outcome::Rejected, reply).await;
    };
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let uid = query.uid();
    let is_new = this.reports.get(&uid).is_none();
    if is_new {
        let wait = Wait::new(exchange.latency(), exchange.knobs().polls.draw(exchange.draws()));
        this.reports.put(uid.clone(), wait);
    }
    let reply = success(&[json!({"uid": uid, "isnew": is_new, "suggest_get": STAMP})]);
    exchange.answer(Outcome::Pending, reply).await
}

pub(super) async fn read(request: HttpRequest, uid: Path<String>, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let world = &this.company.world;
    let query = Query::of_uid(&uid);
    let exchange = Exchange::take(&this.company, &READ, query.as_ref().map(|query| query.id(world)));
    let made = this.reports.with(&uid, Wait::ask);
    let (Some(query), Some((_, ready))) = (query, made) else {
        return exchange.answer(Outcome::Rejected, success(&[])).await;
    };
    if !ready {
        let reply = success(&[report(&uid, &query, "PROGRESS", Value::Null)]);
        return exchange.answer(Outcome::Pending, reply).await;
    }
    let vehicle = register::find(world, &query);
    let outcome = if vehicle.is_some() { Outcome::Answered } else { Outcome::Declined };
    let content = content::of(vehicle.as_ref(), world);
    exchange.answer(outcome, success(&[report(&uid, &query, "OK", content)])).await
}

fn report(uid: &str, query: &Query, state: &str, content: Value) -> Value {
    let sources = SOURCES.map(|source| json!({"_id": source, "state": state}));
    let count = |wanted: &str| if state == wanted { SOURCES.len() } else { 0 };
    let asked = query.json();
    json!({
        "uid": uid,
        "report_type_uid": REPORT_TYPE,
        "query": {"type": asked["queryType"], "body": asked["query"]},
        "progress_ok": count("OK"),
        "progress_wait": count("PROGRESS"),
        "progress_error": 0,
        "state": {"sources": sources},
        "content": content,
    })
}
