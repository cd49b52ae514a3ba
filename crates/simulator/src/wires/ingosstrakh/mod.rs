//! ingosstrakh: SOAP 1.1 with a session token.

mod agreement;
mod application;
mod bill;
mod dictionary;
mod document;
mod products;
mod sessions;
pub(super) mod soap;
mod tariff;

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Bytes, Data, ServiceConfig},
};
use reqwest::RequestBuilder;

use super::{REGISTRY_DOWN, Speaks, Writing};
use crate::{
    Outcome,
    company::{Company, Credentials},
    exchange::{Exchange, Operation, Reply, respond},
    spoil,
};
use sessions::Sessions;
use soap::Request;

pub(crate) use soap::soap_fault;

/// One insurer of this wire.
pub(crate) struct Insurer {
    company: Arc<Company>,
    sessions: Sessions,
}

/// What the service answers besides sessions' own codes; its real codes are not public.
const REFUSED: i32 = -1;

const LOGIN: Operation =
    Operation { name: "Login", creates: false, faults: false, waits: false, sale: false };

/// The user of its own calls.
const NOTICE_USER: &str = "ingosstrakh";

// === impl Insurer ===

impl Speaks for Insurer {
    const NAMES: (&'static str, &'static str) = ("Ингосстрах", "Ingosstrakh");
    const OPERATIONS: &'static [&'static Operation] = &[
        &tariff::GET_TARIFF,
        &application::CREATE_AGREEMENT,
        &application::GET_AGREEMENT,
        &application::MAKE_E_OSAGO,
        &bill::CREATE_BILL,
        &bill::CREATE_ONLINE_BILL,
        &bill::GET_BILL,
        &document::GET_DOCUMENT,
        &dictionary::GET_DICTI,
    ];
    const WRITING: Writing = Writing { one_numbering: true, by_category: true, ..Writing::PLAIN };

    fn new(company: Arc<Company>) -> Self {
        Self { sessions: Sessions::new(company.own.with("session")), company }
    }

    fn configure(config: &mut ServiceConfig) {
        config
            .route("/SalesService.svc", web::post().to(handle))
            .default_service(web::to(async || respond(spoil::page(404, "Not Found"))));
    }

    fn technical_error() -> Reply {
        soap_fault("Внутренняя ошибка сервера")
    }

    fn registry_down(operation: &str) -> Reply {
        failure(operation, -1, REGISTRY_DOWN)
    }

    fn settings(credentials: &Credentials) -> Vec<(&'static str, String)> {
        vec![
            ("user", credentials.user.clone()),
            ("password", credentials.password.clone()),
            ("callback_user", NOTICE_USER.to_owned()),
            ("callback_password", credentials.callback.clone()),
        ]
    }

    fn notice(request: RequestBuilder, secret: &str, order: &str, _: &str) -> Option<RequestBuilder> {
        let body = format!("<PaymentNotice><BillISN>{order}</BillISN><Paid>2</Paid></PaymentNotice>");
        let request = request.basic_auth(NOTICE_USER, Some(secret));
        Some(request.header("content-type", "text/xml; charset=utf-8").body(body))
    }
}

impl Insurer {
    async fn login(&self, request: &Request) -> HttpResponse {
        let sent = |name: &str| request.body.find(name).map(|node| node.text.clone()).unwrap_or_default();
        let known = &self.company.credentials;
        if sent("User") != known.user || sent("Password") != known.password {
            return respond(request.refusal(REFUSED, "Неверное имя пользователя или пароль"));
        }
        let exchange = Exchange::take(&self.company, &LOGIN, None);
        let token = self.sessions.open();
        let data = format!("<SessionToken>{token}</SessionToken>");
        exchange.answer(Outcome::Answered, request.success(&data)).await
    }
}

/// A refusal of an operation in its own envelope.
pub(crate) fn failure(operation: &str, code: i32, message: &str) -> Reply {
    soap::response(operation, None, code, message, "")
}

/// The operation is the first element of the body, whatever its prefix.
async fn handle(request: HttpRequest, body: Bytes, this: Data<Insurer>) -> HttpResponse {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|value| value.trim_start().to_lowercase().starts_with("text/xml")) {
        return respond(spoil::page(415, "Unsupported Media Type"));
    }
    let Some(request) = std::str::from_utf8(&body).ok().and_then(Request::read) else {
        return respond(spoil::page(400, "Bad Request"));
    };
    if request.operation == "Login" {
        return this.login(&request).await;
    }
    if !Insurer::OPERATIONS.iter().any(|operation| operation.name == request.operation) {
        return respond(soap_fault("The message cannot be processed: there is no such operation."));
    }
    let token = request.body.find("SessionToken").map(|node| node.text.as_str()).unwrap_or_default();
    if let Err(code) = this.sessions.spend(token, &this.company.knobs()) {
        return respond(request.refusal(code, "Сессия не найдена или истекла"));
    }
    match request.operation.as_str() {
        "GetDicti" => dictionary::answer(&this, &request).await,
        "CreateAgreement" => application::create(&this, &request).await,
        "GetAgreement" => application::get(&this, &request).await,
        "MakeEOsago" => application::make(&this, &request).await,
        "CreateBill" => bill::create(&this, &request).await,
        "CreateOnlineBill" => bill::online(&this, &request).await,
        "GetBill" => bill::get(&this, &request).await,
        "GetDocument" => document::answer(&this, &request).await,
        _ => tariff::answer(&this, &request).await,
    }
}
