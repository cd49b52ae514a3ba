//! vsk: REST JSON with OAuth 2. What takes longer than the caller wishes becomes an operation to ask for.

mod files;
mod operations;
mod payment;
mod policies;
mod policy;
mod quotes;
mod tokens;

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest,
    http::header,
    web::{self, Data, ServiceConfig},
};
use serde_json::{Value, json};

use super::{REGISTRY_DOWN, Speaks, Writing, oauth::Access};
use crate::{
    Knobs,
    company::{Company, Credentials},
    exchange::{Operation, Reply, respond},
    recent::Recent,
    spoil,
};
use operations::Held;

/// One insurer of this wire.
pub(crate) struct Insurer {
    company: Arc<Company>,
    tokens: Access,
    /// Prices and applications that became an operation, by its id. A payment's operation has the bill's key.
    operations: Recent<String, Held>,
}

/// How the caller's patience ends.
enum Patience {
    /// It is told of an operation.
    Told(Duration),
    /// The proxy gives up before.
    Cut(Duration),
}

const PRODUCT: &str = "/biz/sales/v2/individual/osago";

// === impl Insurer ===

impl Speaks for Insurer {
    const NAMES: (&'static str, &'static str) = ("ВСК", "VSK");
    const OPERATIONS: &'static [&'static Operation] = &[
        &quotes::QUOTES,
        &policies::APPLY,
        &policies::READ,
        &operations::READ,
        &payment::LINK,
        &payment::INSTALLMENTS,
        &files::FILES,
    ];
    const WRITING: Writing = Writing { numbered: false, ..Writing::PLAIN };

    fn new(company: Arc<Company>) -> Self {
        let tokens = Access::new(company.own.with("token"));
        Self { tokens, operations: Recent::default(), company }
    }

    fn configure(config: &mut ServiceConfig) {
        let of_product = |path: &str| format!("{PRODUCT}/{path}");
        config
            .route("/token", web::post().to(tokens::handle))
            .route(&of_product("quotes"), web::post().to(quotes::handle))
            .route(&of_product("policies"), web::post().to(policies::apply))
            .route(&of_product("policies/{number}"), web::get().to(policies::read))
            .route(&of_product("policies/{number}/paymentLink"), web::post().to(payment::link))
            .route(&of_product("policies/{number}/installments/1"), web::put().to(payment::installment))
            .route("/biz/sales/v2/operations", web::get().to(operations::read))
            .route("/biz/sales/v2/policies/{number}/files", web::get().to(files::by_query))
            .route("/biz/sales/v2/policies/{number}/files/{type}", web::get().to(files::by_path))
            .default_service(web::to(async || respond(failure(404, "Ресурс не найден"))));
    }

    fn technical_error() -> Reply {
        // One object, as the payment's errors are documented.
        Reply::json(503, &error(0, "Сервис временно недоступен"))
    }

    fn registry_down(_: &str) -> Reply {
        failure(400, REGISTRY_DOWN)
    }

    fn settings(credentials: &Credentials) -> Vec<(&'static str, String)> {
        vec![("client_id", credentials.user.clone()), ("client_secret", credentials.password.clone())]
    }
}

impl Insurer {
    /// Lets a call with a good token pass, if it speaks JSON.
    fn admit(&self, request: &HttpRequest) -> Result<(), Reply> {
        if !self.tokens.admits(request, &self.company.knobs()) {
            return Err(failure(401, "Unauthorized"));
        }
        let is_json = |name: header::HeaderName| {
            let value = request.headers().get(name).and_then(|value| value.to_str().ok());
            value.is_some_and(|value| value.starts_with("application/json"))
        };
        let has_body = ["POST", "PUT"].contains(&request.method().as_str());
        if !is_json(header::ACCEPT) || (has_body && !is_json(header::CONTENT_TYPE)) {
            return Err(failure(400, "Неверный тип содержимого: только application/json"));
        }
        Ok(())
    }
}

// === impl Patience ===

impl Patience {
    /// How long the caller waits: until its `desired-timeout`, and never longer than the proxy.
    fn of(request: &HttpRequest, knobs: &Knobs) -> Self {
        let wish =
            request.headers().get("desired-timeout").and_then(|value| value.to_str().ok()?.parse().ok());
        match wish.map(Duration::from_millis) {
            Some(wish) if wish < knobs.proxy_patience => Self::Told(wish),
            _ => Self::Cut(knobs.proxy_patience),
        }
    }

    fn time(&self) -> Duration {
        match self {
            Self::Told(time) | Self::Cut(time) => *time,
        }
    }
}

/// What the proxy says.
fn gave_up() -> Reply {
    spoil::page(504, "Gateway Time-out")
}

/// The wire's errors, a list.
fn failure(status: u16, words: &str) -> Reply {
    failures(status, &[words.to_owned()])
}

fn failures(status: u16, words: &[String]) -> Reply {
    let errors: Vec<Value> = words.iter().enumerate().map(|(place, words)| error(place, words)).collect();
    Reply::json(status, &errors.into())
}

fn error(place: usize, words: &str) -> Value {
    json!({"errorCode": format!("ERR-{:03}", place + 1), "errorDescription": words})
}

type This = Data<Insurer>;
