//! `GET policy/{id}/status/`, `…/info/`, `…/acquiring/renins/` and `…/pdf/`: an application on its way to a
//! policy.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;
use veer_contract::domain::{Kopecks, ReturnUrls};

use super::{This, failure, query, success};
use crate::{
    Outcome,
    company::Refusal,
    exchange::{Exchange, Operation, Reply, respond},
    sale::{Application, Order, Paper, Payment, SERIES, Verdict, print},
};

pub(super) const STATUS: Operation = Operation::asks("policy/status");
pub(super) const INFO: Operation = Operation::asks("policy/info");
pub(super) const ACQUIRING: Operation = Operation::asks("acquiring");
pub(super) const PDF: Operation = Operation::asks("pdf");

pub(super) async fn status(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&query(&request), None) {
        return respond(refused);
    }
    let asked = this.company.book.with(&id, |application| application.checks.ask());
    let exchange = Exchange::take(&this.company, &STATUS, asked.as_ref().map(|(it, _)| it.risk));
    let Some((application, ready)) = asked else { return unknown(exchange).await };
    let draws = exchange.draws();
    let (outcome, reply) = match application.verdict {
        _ if !ready => (Outcome::Pending, success(draws, json!({"return": {"Status": "wait"}}))),
        Verdict::Approved => (Outcome::Answered, success(draws, json!({"Status": "ok"}))),
        Verdict::NotInRegistry(Refusal(reason)) => {
            let data = json!({"Status": "ok", "RSA": {}, "Upload": 1});
            let body = json!({"result": true, "data": data, "message": reason});
            (Outcome::Declined, Reply::json(200, &body))
        }
        Verdict::Declined(Refusal(reason)) => {
            let body = json!({"result": false, "data": {"Status": "error"}, "message": reason});
            (Outcome::Declined, Reply::json(200, &body))
        }
    };
    exchange.answer(outcome, reply).await
}

pub(super) async fn info(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&query(&request), None) {
        return respond(refused);
    }
    let company = &this.company;
    // What is still checked is not yet in the queue.
    let asked = company.book.with(&id, |application| application.is_approved() && application.hold.ask());
    let asked = asked.filter(|(application, _)| !application.trial);
    let exchange = Exchange::take(company, &INFO, asked.as_ref().map(|(it, _)| it.risk));
    let Some((application, agreed)) = asked else { return unknown(exchange).await };
    let paid = match company.book.payment(&application, exchange.knobs()) {
        Payment::Paid => "Оплачен",
        Payment::Cancelled => "Отменён",
        Payment::Nothing | Payment::Held => "",
    };
    let issued = company.book.is_issued(&application, exchange.knobs());
    let (outcome, status) = match application.verdict {
        _ if issued => (Outcome::Answered, "Оформлен"),
        _ if agreed => (Outcome::Answered, "Согласован"),
        _ if !application.checks.is_over() => (Outcome::Pending, "На проверке"),
        Verdict::Approved => (Outcome::Pending, "На согласовании"),
        Verdict::Declined(_) | Verdict::NotInRegistry(_) => (Outcome::Declined, "Отказ"),
    };
    let document = if issued { document_number(&this, &application) } else { String::new() };
    let number = id.get(3..).unwrap_or_default();
    let data = json!({"return": {
        "Status": status, "Number": number, "StatusPay": paid, "DocNumber": document,
    }});
    let reply = success(exchange.draws(), data);
    exchange.answer(outcome, reply).await
}

/// The core behind this service writes the series in Latin letters, and sometimes it shows.
fn document_number(this: &This, application: &Application) -> String {
    let latin = this.company.about(application.risk).happens("latin series", 0.5);
    format!("{} {}", if latin { "XXX" } else { SERIES }, application.policy)
}

pub(super) async fn acquiring(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    let query = query(&request);
    if let Err(refused) = this.admit(&query, None) {
        return respond(refused);
    }
    let application = this.company.book.application(&id).filter(|application| !application.trial);
    let exchange = Exchange::take(&this.company, &ACQUIRING, application.as_ref().map(|it| it.risk));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let Some(application) = application else { return unknown(exchange).await };
    let refusal = if !application.may_be_paid() {
        Some("Договор не согласован, оплата недоступна")
    } else if exchange.link_fails() {
        Some("Сервис оплаты временно не отвечает")
    } else {
        None
    };
    if let Some(reason) = refusal {
        return exchange.answer(Outcome::Rejected, failure(reason)).await;
    }
    let url = |name: &str| query.get(name).filter(|url| !url.is_empty()).cloned();
    let return_urls =
        url("success_url").zip(url("fail_url")).map(|(success, failure)| ReturnUrls { success, failure });
    let Some((page, amount)) = order(&this, &id, &application, return_urls) else {
        return exchange.answer(Outcome::Rejected, failure("Договор уже оплачен")).await;
    };
    let data = json!({"url": this.company.payment_page(&page), "amount": amount.as_json_number()});
    let reply = success(exchange.draws(), data);
    exchange.answer(Outcome::Answered, reply).await
}

/// The open bill of an application, or a new one: asking again makes no second bill.
fn order(
    this: &This,
    id: &str,
    application: &Application,
    return_urls: Option<ReturnUrls>,
) -> Option<(String, Kopecks)> {
    let book = &this.company.book;
    if let Some((key, order)) = book.order_of(application)
        && order.is_open()
    {
        return Some((key, order.amount));
    }
    let order = Order::new(id, application, application.extra, return_urls);
    let amount = order.amount;
    let key = |number| if number == 1 { id.to_owned() } else { format!("{id}-{number}") };
    Some((book.bill(order, 1, key)?, amount))
}

pub(super) async fn pdf(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&query(&request), None) {
        return respond(refused);
    }
    let company = &this.company;
    let application = company.book.application(&id).filter(|application| !application.trial);
    let exchange = Exchange::take(company, &PDF, application.as_ref().map(|it| it.risk));
    let Some(application) = application else { return unknown(exchange).await };
    let paper = match company.book.is_issued(&application, exchange.knobs()) {
        true => Paper::Policy,
        false if application.is_approved() => Paper::Draft,
        false => return exchange.answer(Outcome::Pending, failure("Документ ещё не сформирован")).await,
    };
    let file = print(company, &application, paper);
    // Which of the two it is, is not public.
    let reply = if exchange.draws().happens("file in json", 0.5) {
        success(exchange.draws(), json!({"pdf": BASE64_STANDARD.encode(file)}))
    } else {
        Reply::pdf(file)
    };
    exchange.answer(Outcome::Answered, reply).await
}

async fn unknown(exchange: Exchange<'_>) -> HttpResponse {
    exchange.answer(Outcome::Rejected, failure("Заявление не найдено")).await
}
