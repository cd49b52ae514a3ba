//! Chapter: calculations that cannot be asked for, each told by its field.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ask::Ask, check, exchange::Exchange, fault::Fault, request, stage::Stage};

pub(super) const TITLE: &str = "errors of a calculation";

const PATH: &str = "/osago/calculate";
const STATUS: &str = "/osago/calculate/status";

/// What an empty request lacks.
const REQUIRED: &[&str] = &[
    "drivers_info",
    "insurer",
    "is_cross_allowed",
    "owner",
    "partner",
    "policy_start_date",
    "product_type",
    "request_id",
    "vehicle",
];

/// One wrong value in an otherwise good request: what it is, where, and the value.
const WRONG: &[(&str, &str, &str)] = &[
    ("a date of another form", "/drivers_info/drivers/0/license/date", "10.06.2015"),
    ("a day that no calendar has", "/insurer/birth_date", "1980-02-30"),
    ("an unknown category", "/vehicle/category", "Z"),
    ("an unknown kind of document", "/vehicle/car_documents/0/document_type", "receipt"),
    ("a purpose that is none", "/purpose", "racing"),
    ("an instant without its offset", "/policy_start_date", "2030-01-01"),
    ("a word for a flag", "/is_cross_allowed", "perhaps"),
    ("a word for an object", "/owner", "Иванов"),
    ("a request_id that is no UUID", "/request_id", "17"),
];

pub(super) async fn play(stage: &mut Stage) {
    stage.chapter(TITLE);
    let empty = Ask::post(PATH, "{}");
    stage.ask("an empty object names every required field", empty, |got| check::names(got, REQUIRED)).await;
    for (name, body) in [
        ("a body that is not JSON is a 400", "{\"request_id\": "),
        ("an empty body is a 400", ""),
        ("an array is a 400", "[]"),
    ] {
        stage.ask(name, Ask::post(PATH, body), unreadable).await;
    }
    for (what, pointer, value) in WRONG {
        let field = request::path(pointer);
        let name = format!("{what} is a 400 that names {field}");
        match fresh(stage, pointer, (*value).into()) {
            Some(body) => {
                let ask = Ask::post_json(PATH, &body);
                stage.ask(&name, ask, |got| check::names(got, &[&field])).await;
            }
            None => stage.skip(&name, "the request has no such field"),
        }
    }
    queries(stage).await;
    addresses(stage).await;
}

async fn queries(stage: &mut Stage) {
    for path in [PATH, STATUS] {
        let name = format!("GET {path} without a request_id names it");
        stage.ask(&name, Ask::get(path), |got| check::names(got, &["request_id"])).await;
        let name = format!("GET {path} with a request_id that is no UUID names it");
        let ask = Ask::get(path).query("request_id", "17");
        stage.ask(&name, ask, |got| check::names(got, &["request_id"])).await;
        let name = format!("GET {path} of an unknown calculation is a 404");
        let ask = Ask::get(path).request_id(Uuid::new_v4());
        stage.ask(&name, ask, |got| check::refusal(got, 404)).await;
    }
}

async fn addresses(stage: &mut Stage) {
    for path in ["/", "/osago", "/osago/none"] {
        let name = format!("the unknown address {path} is a 404");
        stage.ask(&name, Ask::get(path), |got| check::refusal(got, 404)).await;
    }
    let delete = Ask::other(Method::DELETE, PATH);
    stage.ask("DELETE, which is no method here, is refused", delete, no_such_method).await;
}

/// The request with a wrong value and, so that nothing of it can be taken for a repetition, its own id.
fn fresh(stage: &Stage, pointer: &str, value: Value) -> Option<Value> {
    let mut body = stage.request.with("/request_id", json!(Uuid::new_v4()))?;
    let (parent, field) = pointer.rsplit_once('/')?;
    body.pointer_mut(parent)?.as_object_mut()?.insert(field.to_owned(), value);
    Some(body)
}

/// There are no fields to name.
pub(super) fn unreadable(exchange: &Exchange) -> Vec<Fault> {
    check::names(exchange, &[])
}

/// The contract has no word for it; HTTP has two.
fn no_such_method(exchange: &Exchange) -> Vec<Fault> {
    let status = if exchange.status() == 405 { 405 } else { 404 };
    check::refusal(exchange, status)
}
