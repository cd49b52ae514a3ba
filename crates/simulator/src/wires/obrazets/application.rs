//! `POST api/v1/applications` and `GET api/v1/applications/{id}`: the application, made once for a key and
//! then polled for, through to the policy's number.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Path},
};
use serde_json::{Value, json};

use super::{This, failure, invalid, keys::Key};
use crate::{
    Outcome,
    company::Refusal,
    exchange::{Exchange, Operation, Reply, respond},
    sale::{Application, Payment, Quoted, SERIES, Verdict},
    wires::fields::Fields,
};

pub(super) const CREATE: Operation = Operation::makes("applications");
pub(super) const POLL: Operation = Operation::asks("applications/{id}");

pub(super) async fn create(request: HttpRequest, body: Bytes, this: This) -> HttpResponse {
    if let Err(refused) = this.admit_signed(&request, &body) {
        return respond(refused);
    }
    let tree: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut fields = Fields::of_json(&tree);
    let quote = this.quotes.get(&fields.need("quote_id"));
    let key = request.headers().get("idempotency-key").and_then(|value| value.to_str().ok());
    if key.is_none() {
        fields.missing("Idempotency-Key");
    }
    if fields.need("policyholder.email").contains(' ') {
        fields.wrong("policyholder.email");
    }
    fields.need("policyholder.phone");
    let problems = fields.problems();
    let quoted = quote.as_ref().filter(|quote| quote.wait.is_over()).and_then(|quote| quote.result.ok());
    let exchange = Exchange::take(&this.company, &CREATE, quoted.map(|quoted| quoted.risk));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    if !problems.is_empty() {
        return exchange.answer(Outcome::Rejected, invalid(&problems)).await;
    }
    let made = this.keys.use_for(key.unwrap_or_default(), &body, || make(&this, &exchange, quoted));
    let (outcome, reply) = match made {
        Ok(Key::Of(id)) => {
            (Outcome::Pending, Reply::json(202, &json!({"application_id": id, "status": "checking"})))
        }
        Ok(Key::Reused) => {
            let message = "Ключ идемпотентности уже использован с другим запросом";
            (Outcome::Rejected, failure(409, "key_reused", message))
        }
        Err(refused) => (Outcome::Rejected, refused),
    };
    exchange.answer(outcome, reply).await
}

fn make(this: &This, exchange: &Exchange<'_>, quoted: Option<Quoted>) -> Result<String, Reply> {
    let quoted = quoted.ok_or_else(|| failure(404, "not_found", "Готовый расчёт не найден"))?;
    let company = &this.company;
    let price = company.final_price(quoted.price, quoted.risk, exchange.attempt);
    let application = Application::new(company, exchange, Quoted { price, ..quoted });
    let key = |number: u64| exchange.draws().with_number(number).uuid("application");
    Ok(company.book.apply_under(0, key, application))
}

pub(super) async fn poll(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let asked = this.company.book.with(&id, |application| {
        let checked = application.checks.ask();
        (checked, checked && application.hold.ask())
    });
    let exchange = Exchange::take(&this.company, &POLL, asked.as_ref().map(|(it, _)| it.risk));
    let Some((application, (checked, free))) = asked else {
        return exchange.answer(Outcome::Rejected, failure(404, "not_found", "Заявление не найдено")).await;
    };
    let (outcome, status, body) = standing(&this, &exchange, &application, checked, free);
    let mut body = body;
    body["application_id"] = id.as_str().into();
    exchange.answer(outcome, Reply::json(status, &body)).await
}

fn standing(
    this: &This,
    exchange: &Exchange<'_>,
    application: &Application,
    checked: bool,
    free: bool,
) -> (Outcome, u16, Value) {
    let no = |code: &str, Refusal(message): Refusal| {
        json!({"status": "declined", "reason": {"code": code, "message": message}})
    };
    match application.verdict {
        _ if application.withdrawn => (Outcome::Declined, 200, json!({"status": "cancelled"})),
        _ if !checked => (Outcome::Pending, 202, json!({"status": "checking"})),
        Verdict::Declined(refusal) => (Outcome::Declined, 200, no("underwriting", refusal)),
        Verdict::NotInRegistry(refusal) => (Outcome::Declined, 200, no("registry", refusal)),
        Verdict::Approved if !free => (Outcome::Pending, 202, json!({"status": "on_hold"})),
        Verdict::Approved => (Outcome::Priced, 200, approved(this, exchange, application)),
    }
}

fn approved(this: &This, exchange: &Exchange<'_>, application: &Application) -> Value {
    let (book, knobs) = (&this.company.book, exchange.knobs());
    let issued = book.is_issued(application, knobs);
    let status = match book.payment(application, knobs) {
        _ if issued => "issued",
        Payment::Paid => "paid",
        Payment::Nothing | Payment::Held | Payment::Cancelled => "approved",
    };
    let policy = issued.then(|| json!({"series": SERIES, "number": application.policy}));
    json!({"status": status, "premium": application.price.premium.to_string(), "policy": policy})
}
