//! What an answer must be: its status, its type, its shape, and what its fields say to each other.
//!
//! Pure functions from an exchange to what is wrong with it. The shapes themselves are data, in
//! [`contract`](super::contract).

use std::collections::HashSet;

use serde_json::Value;

use super::{
    contract::{ACCEPTED, CALCULATION, DRAFT, ERROR, OFFER, POLICY, STATUSES, WRONG},
    exchange::{Answer, Exchange},
    fault::Fault,
    money::price,
    shape::{self, Kind, is_pdf},
};

const JSON: &str = "application/json";
const PDF: &str = "application/pdf";

/// A 200 with a JSON body of this shape.
pub(super) fn body(exchange: &Exchange, kind: &Kind) -> Vec<Fault> {
    with_json(exchange, 200, |body| shape::faults(body, kind))
}

/// An error of the contract's shape with this status.
pub(super) fn refusal(exchange: &Exchange, status: u16) -> Vec<Fault> {
    let kind = if status == 400 { &WRONG } else { &ERROR };
    with_json(exchange, status, |body| {
        let mut faults = shape::faults(body, kind);
        if let Some(about) = exchange.about
            && faults.is_empty()
            && !same_id(&body["request_id"], &about.to_string())
        {
            faults.push(Fault::of("request_id", "must be the request's own id, as that is a valid one"));
        }
        faults
    })
}

/// A 400 that names exactly these fields.
pub(super) fn names(exchange: &Exchange, fields: &[&str]) -> Vec<Fault> {
    let mut faults = refusal(exchange, 400);
    if faults.is_empty() {
        let named: Vec<&str> = named(exchange.json()).collect();
        let missing = fields.iter().filter(|field| !named.contains(field));
        faults.extend(missing.map(|field| Fault::of(*field, "is wrong, and the answer does not name it")));
        let extra = named.iter().filter(|field| !fields.contains(field));
        faults.extend(extra.map(|field| Fault::of(*field, "is named as wrong, and is not")));
    }
    faults
}

/// A 400 that names this field or one within it.
pub(super) fn names_within(exchange: &Exchange, field: &str) -> Vec<Fault> {
    let mut faults = refusal(exchange, 400);
    let within = |named: &str| {
        named.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    if faults.is_empty() && !named(exchange.json()).any(within) {
        faults.push(Fault::of(field, "is wrong, and the answer names neither it nor anything in it"));
    }
    faults
}

/// `POST /osago/calculate`.
pub(super) fn accepted(exchange: &Exchange, request_id: &str) -> Vec<Fault> {
    let mut faults = body(exchange, &ACCEPTED);
    own_id(exchange.json(), "request_id", request_id, &mut faults);
    faults
}

/// `GET /osago/calculate`.
pub(super) fn calculation(exchange: &Exchange, request_id: &str) -> Vec<Fault> {
    let mut faults = body(exchange, &CALCULATION);
    let calculation = exchange.json();
    own_id(calculation, "request_id", request_id, &mut faults);
    if faults.is_empty() {
        let offers = list(calculation, "offers");
        once(offers, "offer_id", "offers", &mut faults);
        for (index, offer) in offers.iter().enumerate() {
            offer_says(offer, &format!("offers[{index}]."), &mut faults);
        }
    }
    faults
}

/// `GET /osago/calculate/status`.
pub(super) fn statuses(exchange: &Exchange, request_id: &str) -> Vec<Fault> {
    let mut faults = body(exchange, &STATUSES);
    own_id(exchange.json(), "request_id", request_id, &mut faults);
    if faults.is_empty() {
        once(list(exchange.json(), "offers"), "offer_id", "offers", &mut faults);
    }
    faults
}

/// `GET` and `POST /osago/offer`.
pub(super) fn offer(exchange: &Exchange, offer_id: &str) -> Vec<Fault> {
    let mut faults = body(exchange, &OFFER);
    own_id(exchange.json(), "offer_id", offer_id, &mut faults);
    if faults.is_empty() {
        offer_says(exchange.json(), "", &mut faults);
    }
    faults
}

/// `GET /osago/offer/draft`.
pub(super) fn draft(exchange: &Exchange, request_id: &str, offer_id: &str) -> Vec<Fault> {
    let mut faults = body(exchange, &DRAFT);
    document_is_of(exchange.json(), request_id, offer_id, &mut faults);
    if faults.is_empty() {
        let (draft, made) = (exchange.json(), exchange.json()["status"] == "success");
        with_file_when(made, draft, &mut faults);
        if !made && draft.get("url").is_some() {
            faults.push(Fault::of("url", "must not be there while the draft is being made"));
        }
    }
    faults
}

/// `GET /osago/offer/policy`.
pub(super) fn policy(exchange: &Exchange, request_id: &str, offer_id: &str) -> Vec<Fault> {
    let mut faults = body(exchange, &POLICY);
    let policy = exchange.json();
    document_is_of(policy, request_id, offer_id, &mut faults);
    if faults.is_empty() && policy["status"] != "CLOSED_PAID" {
        for field in ["file", "url"] {
            if policy.get(field).is_some() {
                faults.push(Fault::of(field, "must not be there before the policy is issued"));
            }
        }
    }
    faults
}

/// A PDF as it is.
pub(super) fn document(exchange: &Exchange) -> Vec<Fault> {
    with_answer(exchange, 200, PDF, |answer| {
        if is_pdf(&answer.bytes) {
            return Vec::new();
        }
        vec![Fault::new("the body is no PDF: it does not begin with %PDF")]
    })
}

/// A page that a browser shows.
pub(super) fn page(exchange: &Exchange) -> Vec<Fault> {
    with_answer(exchange, 200, "text/html", |_| Vec::new())
}

/// An object's array; empty where there is none.
pub(super) fn list<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    object[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A text field; empty where there is none.
pub(super) fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().unwrap_or_default()
}

fn with_json(exchange: &Exchange, status: u16, check: impl FnOnce(&Value) -> Vec<Fault>) -> Vec<Fault> {
    with_answer(exchange, status, JSON, |answer| match &answer.body {
        Some(body) => check(body),
        None => vec![Fault::new("the body is not JSON")],
    })
}

fn with_answer(
    exchange: &Exchange,
    status: u16,
    content_type: &str,
    check: impl FnOnce(&Answer) -> Vec<Fault>,
) -> Vec<Fault> {
    let answer = match &exchange.answer {
        Ok(answer) => answer,
        Err(why) => return vec![Fault::new(format!("no answer: {why}"))],
    };
    if answer.status != status {
        let why = said(answer);
        return vec![Fault::new(format!("the status must be {status}, not {}{why}", answer.status))];
    }
    let given = answer.content_type.as_deref().unwrap_or_default();
    let mut faults = Vec::new();
    if !given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(content_type) {
        faults.push(Fault::new(format!("Content-Type must be {content_type}, not {given:?}")));
    }
    faults.extend(check(answer));
    faults
}

/// What an error says, for the reason of a failure.
fn said(answer: &Answer) -> String {
    let Some(body) = &answer.body else { return String::new() };
    let named: Vec<String> = list(body, "properties")
        .iter()
        .map(|wrong| format!("{} {}", text(wrong, "property"), text(wrong, "message")))
        .collect();
    match (text(body, "message"), named.is_empty()) {
        ("", _) => String::new(),
        (message, true) => format!(": {message}"),
        (message, false) => format!(": {message} ({})", named.join("; ")),
    }
}

fn named(refusal: &Value) -> impl Iterator<Item = &str> {
    list(refusal, "properties").iter().map(|wrong| text(wrong, "property"))
}

fn own_id(answer: &Value, field: &str, id: &str, faults: &mut Vec<Fault>) {
    if faults.is_empty() && !same_id(&answer[field], id) {
        faults.push(Fault::of(field, "must be the one that was asked for"));
    }
}

/// A UUID may come back in another case; other ids have none to come in.
fn same_id(given: &Value, id: &str) -> bool {
    given.as_str().is_some_and(|given| given == id || given.len() == 36 && given.eq_ignore_ascii_case(id))
}

fn document_is_of(answer: &Value, request_id: &str, offer_id: &str, faults: &mut Vec<Fault>) {
    own_id(answer, "request_id", request_id, faults);
    own_id(answer, "offer_id", offer_id, faults);
}

fn with_file_when(made: bool, answer: &Value, faults: &mut Vec<Fault>) {
    match (made, answer.get("file").is_some()) {
        (true, false) => faults.push(Fault::of("file", "is missing: base64 is the default format")),
        (false, true) => faults.push(Fault::of("file", "must not be there while it is being made")),
        _ => {}
    }
}

/// An id stands once in a list.
pub(super) fn once(items: &[Value], field: &str, path: &str, faults: &mut Vec<Fault>) {
    let mut seen = HashSet::new();
    for (index, item) in items.iter().enumerate() {
        if !seen.insert(item[field].to_string()) {
            faults.push(Fault::of(format!("{path}[{index}].{field}"), "stands there twice"));
        }
    }
}

/// What an offer's status promises is there, and its ids are unambiguous.
fn offer_says(offer: &Value, path: &str, faults: &mut Vec<Fault>) {
    let status = text(offer, "status");
    if has_price(status) && price(offer).is_none_or(|price| price == 0) {
        faults.push(Fault::of(format!("{path}price"), format!("must be there and not 0 in {status}")));
    }
    if status == "PAYMENT_READY" && offer.get("payment_url").is_none() {
        faults.push(Fault::of(format!("{path}payment_url"), "must be there in PAYMENT_READY"));
    }
    let upsales = list(offer, "upsales");
    once(upsales, "id", &format!("{path}upsales"), faults);
    for (index, upsale) in upsales.iter().enumerate() {
        once(list(upsale, "options"), "id", &format!("{path}upsales[{index}].options"), faults);
    }
}

/// Whether an offer of this status can be bought.
pub(super) fn has_price(offer: &str) -> bool {
    matches!(offer, "PRE_CALC_READY" | "APPROVED" | "PAYMENT_READY")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::cli::rehearse::exchange::Call;

    const ID: &str = "550e8400-e29b-41d4-a716-446655440000";

    fn answered(status: u16, content_type: &str, body: &Value) -> Exchange {
        let answer = Answer {
            status,
            content_type: Some(content_type.to_owned()),
            correlation: None,
            location: None,
            etag: None,
            bytes: body.to_string().into_bytes(),
            body: Some(body.clone()),
        };
        let call = Call::new("GET", "/osago/offer");
        Exchange { call, about: ID.parse().ok(), took: Duration::ZERO, answer: Ok(answer) }
    }

    fn told(faults: &[Fault]) -> Vec<String> {
        faults.iter().map(Fault::to_string).collect()
    }

    fn wrong(fields: &[&str]) -> Value {
        let properties: Vec<Value> =
            fields.iter().map(|field| json!({ "property": field, "message": "is required" })).collect();
        json!({ "request_id": ID, "message": "Wrong.", "properties": properties })
    }

    #[test]
    fn a_refusal_names_neither_less_nor_more() {
        let exchange = answered(400, JSON, &wrong(&["a", "c.d"]));
        assert_eq!(names(&exchange, &["a", "c.d"]), []);
        assert_eq!(
            told(&names(&exchange, &["a", "b"])),
            ["b: is wrong, and the answer does not name it", "c.d: is named as wrong, and is not"]
        );
        assert_eq!(names_within(&exchange, "c"), []);
        assert_eq!(names_within(&exchange, "a"), []);
        assert_eq!(names_within(&exchange, "c.").len(), 1);
        assert_eq!(names_within(&exchange, "d").len(), 1);
    }

    #[test]
    fn a_refusal_has_status_type_shape_and_the_requests_own_id() {
        let error = json!({ "request_id": ID, "message": "No." });
        assert_eq!(refusal(&answered(404, JSON, &error), 404), []);
        assert_eq!(refusal(&answered(404, "application/json; charset=utf-8", &error), 404), []);
        assert_eq!(
            told(&refusal(&answered(401, JSON, &error), 403)),
            ["the status must be 403, not 401: No."]
        );
        assert_eq!(
            told(&refusal(&answered(404, "text/html", &error), 404)),
            ["Content-Type must be application/json, not \"text/html\""]
        );
        let other = json!({ "request_id": "01890000-0000-7000-8000-000000000000", "message": "No." });
        assert_eq!(
            told(&refusal(&answered(404, JSON, &other), 404)),
            ["request_id: must be the request's own id, as that is a valid one"]
        );
        assert_eq!(
            told(&refusal(&answered(404, JSON, &wrong(&["a"])), 404)),
            ["properties: is not a field of the contract"]
        );
    }

    #[test]
    fn no_answer_is_told() {
        let mut exchange = answered(200, JSON, &json!({}));
        exchange.answer = Err("connection refused".into());
        assert_eq!(told(&offer(&exchange, "1")), ["no answer: connection refused"]);
    }

    #[test]
    fn an_offer_keeps_what_its_status_promises() {
        let offered = |status: &str| json!({ "offer_id": "1", "partner": { "code": 1, "name": "Раз" }, "status": status });
        let told = |body: &Value| told(&offer(&answered(200, JSON, body), "1"));
        assert_eq!(told(&offered("PRE_CALC_IN_PROGRESS")), [""; 0]);
        assert_eq!(
            told(&offered("PAYMENT_READY")),
            [
                "price: must be there and not 0 in PAYMENT_READY",
                "payment_url: must be there in PAYMENT_READY"
            ]
        );
        let mut other = offered("CREATED");
        other["offer_id"] = "2".into();
        assert_eq!(told(&other), ["offer_id: must be the one that was asked for"]);
        let mut doubled = offered("CREATED");
        let upsale =
            json!({ "id": "u", "short_name": "Н", "full_name": "НС", "insured": "", "insurance_period": "" });
        doubled["upsales"] = json!([upsale, upsale]);
        assert_eq!(told(&doubled), ["upsales[1].id: stands there twice"]);
    }

    #[test]
    fn documents_come_when_they_are_made() {
        let draft_of = |fields: Value| {
            let mut body = json!({ "request_id": ID, "offer_id": "1" });
            body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            told(&draft(&answered(200, JSON, &body), ID, "1"))
        };
        assert_eq!(draft_of(json!({ "status": "inProcess" })), [""; 0]);
        assert_eq!(
            draft_of(json!({ "status": "success" })),
            ["file: is missing: base64 is the default format"]
        );
        let early = json!({ "request_id": ID, "offer_id": "1", "status": "PAYMENT_READY", "url": "http://a.example/" });
        assert_eq!(
            told(&policy(&answered(200, JSON, &early), ID, "1")),
            ["url: must not be there before the policy is issued"]
        );
    }
}
