//! `GET online/api/eosago/{policyId}/status`: how the upload is, and how its policy is.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use serde_json::{Value, json};

use super::{Filed, This, unknown};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, Reply},
    sale::{Application, Payment, SERIES, Verdict},
    wires::fields::number,
};

pub(super) const STATUS: Operation = Operation::asks("eosago/status");

/// A state with its name, and the way of the upload that goes with it.
struct Standing {
    upload: &'static str,
    state: &'static str,
    name: &'static str,
    outcome: Outcome,
}

pub(super) async fn handle(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return refused.answer();
    }
    let book = &this.company.book;
    let asked = book.with(&id, |application| {
        let checked = application.checks.ask();
        (checked, checked && application.verdict == Verdict::Approved && application.hold.ask())
    });
    let risk = asked.as_ref().map(|(application, _)| application.risk);
    let exchange = Exchange::take(&this.company, &STATUS, risk);
    let Some((application, (checked, free))) = asked else { return unknown(exchange).await };
    let filed = this.filed(&id);
    let standing = if filed.suspended {
        Standing::of("COMPLETE", "SUSPENDED", "Оформление прекращено", Outcome::Declined)
    } else if !checked {
        // A draft until the registry has it.
        let (state, name) = match exchange.attempt {
            0 => ("DRAFT", "Предварительный"),
            _ => ("RSA_CHECK", "Отправлено в РСА"),
        };
        Standing::of("WORKING", state, name, Outcome::Pending)
    } else {
        match application.verdict {
            Verdict::NotInRegistry(_) => {
                Standing::of("COMPLETE", "RSA_CHECK_FAIL", "Не прошло проверку РСА", Outcome::Declined)
            }
            Verdict::Declined(_) => {
                Standing::of("COMPLETE", "SK_CHECK_FAIL", "Не прошло проверку СК", Outcome::Declined)
            }
            Verdict::Approved if !free => {
                let state = if exchange.attempt.is_multiple_of(2) { "SK_CHECK" } else { "SK_CHECK_START" };
                Standing::of("COMPLETE", state, "На проверке в СК", Outcome::Pending)
            }
            Verdict::Approved => paid(&this, &exchange, &application),
        }
    };
    let reply = Reply::json(200, &body(&id, &application, &filed, &standing));
    exchange.answer(standing.outcome, reply).await
}

/// What becomes of an application that may be paid.
fn paid(this: &This, exchange: &Exchange<'_>, application: &Application) -> Standing {
    let book = &this.company.book;
    match book.payment(application, exchange.knobs()) {
        // Which of the two checks was the last one.
        Payment::Nothing | Payment::Held
            if this.company.about(application.risk).happens("hold", exchange.knobs().hold.share) =>
        {
            Standing::of("COMPLETE", "SK_CHECK_OK", "Успешная проверка СК", Outcome::Priced)
        }
        Payment::Nothing | Payment::Held => {
            Standing::of("COMPLETE", "RSA_CHECK_OK", "Успешная проверка РСА", Outcome::Priced)
        }
        Payment::Cancelled => {
            Standing::of("COMPLETE", "SUSPENDED", "Оформление прекращено", Outcome::Declined)
        }
        Payment::Paid if book.is_issued(application, exchange.knobs()) => {
            Standing::of("COMPLETE", "SIGNED", "Вступил в силу", Outcome::Answered)
        }
        Payment::Paid => {
            let states = [("PAY_COMPLETE", "Документ оплачен"), ("RSA_SIGN", "Отправлено на подписание")];
            let (state, name) = states[usize::from(!exchange.attempt.is_multiple_of(2))];
            Standing::of("COMPLETE", state, name, Outcome::Pending)
        }
    }
}

fn body(id: &str, application: &Application, filed: &Filed, standing: &Standing) -> Value {
    let mut policy = json!({"status": standing.state, "statusName": standing.name});
    // Series and number are told long before they hold.
    if application.is_approved() && standing.outcome != Outcome::Pending || is_paid(standing) {
        policy["policyserial"] = SERIES.into();
        policy["policyno"] = application.policy.as_str().into();
        policy["premium"] = application.price.premium.as_json_number().into();
        policy["surcharge"] = 0.into();
        policy["redirect"] = "0".into();
        policy["delivery"] = false.into();
        policy["drivers"] = filed.drivers.clone().into();
        policy["coeffs"] = application.price.factors.named().into_iter().map(coefficient).collect();
    }
    json!({
        "policyId": id.parse::<u64>().unwrap_or_default(),
        "status": standing.upload,
        "lastError": if standing.state == "SK_CHECK_FAIL" { application.verdict.refusal() } else { None }.unwrap_or_default(),
        "policy": policy,
        "rsacheck": checks(application, standing),
    })
}

fn is_paid(standing: &Standing) -> bool {
    ["PAY_COMPLETE", "RSA_SIGN"].contains(&standing.state)
}

/// What the registry said of each of its checks.
fn checks(application: &Application, standing: &Standing) -> Value {
    if standing.upload == "WORKING" {
        return json!([]);
    }
    let driver = json!({"type": "driver", "status": "ok", "result": "Проверка пройдена"});
    let car = match application.verdict {
        Verdict::NotInRegistry(reason) => json!({"type": "car", "status": "error", "result": reason.0}),
        _ => json!({"type": "car", "status": "ok", "result": "Проверка пройдена"}),
    };
    json!([driver, car])
}

/// The insurer turns the base rate's name round.
fn coefficient((name, value): (&'static str, rust_decimal::Decimal)) -> Value {
    json!({"brief": if name == "ТБ" { "БТ" } else { name }, "value": number(value)})
}

// === impl Standing ===

impl Standing {
    fn of(upload: &'static str, state: &'static str, name: &'static str, outcome: Outcome) -> Self {
        Self { upload, state, name, outcome }
    }
}
