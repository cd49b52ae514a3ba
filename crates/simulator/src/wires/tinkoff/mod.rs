//! tinkoff: SOAP 1.1 with quote sets, user and password in every body; the dictionary in JSON.

mod answer;
mod calculation;
mod dictionary;
mod issue;
mod payment;
mod print;
mod quote_set;
mod status;
mod subject;
mod vehicle;

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Bytes, Data, ServiceConfig},
};
use reqwest::RequestBuilder;

use super::{
    REGISTRY_DOWN, Speaks, Writing,
    ingosstrakh::{soap::Request, soap_fault},
};
use crate::{
    company::{Company, Credentials},
    exchange::{Exchange, Operation, Reply, respond},
    recent::Recent,
    sale::Quoted,
    spoil,
};

/// One insurer of this wire.
pub(crate) struct Insurer {
    company: Arc<Company>,
    /// Prices that were given, by the number of the set.
    quotes: Recent<String, Quoted>,
}

/// The account's `producerCode`.
const PRODUCER: &str = "VEER";
/// What a wrong account is answered; the real words are not public.
const UNKNOWN_ACCOUNT: &str = "Неверный логин или пароль";

// === impl Insurer ===

impl Speaks for Insurer {
    const NAMES: (&'static str, &'static str) = ("Т-Страхование", "T-Strakhovanie");
    const OPERATIONS: &'static [&'static Operation] = &[
        &calculation::FIRST,
        &calculation::AGAIN,
        &issue::ISSUE,
        &payment::REFERENCE,
        &status::STATUS,
        &print::PRINT,
        &dictionary::TYPES,
        &dictionary::YEARS,
        &dictionary::MAKERS,
        &dictionary::MODELS,
    ];
    const WRITING: Writing = Writing { by_year: true, ..Writing::PLAIN };

    fn new(company: Arc<Company>) -> Self {
        Self { company, quotes: Recent::default() }
    }

    fn configure(config: &mut ServiceConfig) {
        config
            .route("/services/partner", web::post().to(handle))
            .route("/services/dictionary", web::post().to(dictionary::handle))
            .default_service(web::to(async || respond(spoil::page(404, "Not Found"))));
    }

    fn technical_error() -> Reply {
        soap_fault("Внутренняя ошибка сервера")
    }

    fn registry_down(operation: &str) -> Reply {
        let method = operation.split('/').next().unwrap_or(operation);
        answer::response(method, None, Some(REGISTRY_DOWN), &[], "")
    }

    fn settings(credentials: &Credentials) -> Vec<(&'static str, String)> {
        vec![
            ("user", credentials.user.clone()),
            ("password", credentials.password.clone()),
            ("producer_code", PRODUCER.to_owned()),
            ("callback_key", credentials.callback.clone()),
        ]
    }

    fn notice(request: RequestBuilder, secret: &str, _: &str, application: &str) -> Option<RequestBuilder> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("key", secret)
            .append_pair("policyNumber", &quote_of(application))
            .append_pair("status", "PAID")
            .finish();
        Some(request.header("content-type", "application/x-www-form-urlencoded").body(body))
    }
}

impl Insurer {
    /// Whether user and password are the account's.
    fn knows(&self, user: &str, password: &str) -> bool {
        let known = &self.company.credentials;
        user == known.user && password == known.password
    }
}

/// The number of the quote in a set, which is also its policy's until that has series and number.
fn quote_of(set: &str) -> String {
    set.parse::<u64>().map_or_else(|_| String::new(), |number| (number + 100_000_000).to_string())
}

/// The method is the first element of the body, whatever its prefix.
async fn handle(request: HttpRequest, body: Bytes, this: Data<Insurer>) -> HttpResponse {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|value| value.trim_start().to_lowercase().starts_with("text/xml")) {
        return respond(spoil::page(415, "Unsupported Media Type"));
    }
    let Some(request) = std::str::from_utf8(&body).ok().and_then(Request::read) else {
        return respond(spoil::page(400, "Bad Request"));
    };
    let at = |path: &str| request.body.text_at(path).unwrap_or_default();
    if !this.knows(&at("Header.user"), &at("Header.password")) {
        return respond(answer::refusal(&request, UNKNOWN_ACCOUNT));
    }
    if at("producerCode") != PRODUCER {
        return respond(answer::refusal(&request, "Неизвестный producerCode"));
    }
    match request.operation.as_str() {
        "calcPartnerFQuote" if at("setNumber").is_empty() => calculation::first(&this, &request).await,
        "calcPartnerFQuote" => calculation::again(&this, &request).await,
        "issueQuoteSetPartner" => issue::answer(&this, &request).await,
        "getPaymentReferencePartner" => payment::answer(&this, &request).await,
        "getPolicyStatusPartner" => status::answer(&this, &request).await,
        "getPolicyPrintPartner" => print::answer(&this, &request).await,
        _ => respond(soap_fault("The message cannot be processed: there is no such operation.")),
    }
}

/// The answer about a set that there is not.
async fn unknown(exchange: Exchange<'_>, request: &Request) -> HttpResponse {
    exchange.answer(crate::Outcome::Rejected, answer::refusal(request, "Набор котировок не найден")).await
}
