//! obrazets: an invented insurer, as plain as REST gets. OAuth 2 client credentials, signed bodies where
//! something is made, 202 while something is not ready, and an idempotency key for the application.
//!
//! Its quirk is one that real services have: its core's failures arrive with status 200.

mod application;
mod cancellation;
mod dictionary;
mod document;
mod keys;
mod payment;
mod quote;
mod request;
mod tokens;

use std::sync::Arc;

use actix_web::{
    HttpRequest,
    web::{self, Data, ServiceConfig},
};
use reqwest::RequestBuilder;
use serde_json::json;

use super::{REGISTRY_DOWN, Speaks, oauth::Access};
use crate::{
    company::{Company, Credentials},
    exchange::{Operation, Reply, respond},
    recent::Recent,
    sale::signature,
};
use keys::Keys;
use quote::Quote;

/// One insurer of this wire.
pub(crate) struct Insurer {
    company: Arc<Company>,
    tokens: Access,
    /// Prices under way and given, by `quote_id`.
    quotes: Recent<String, Quote>,
    /// Idempotency keys of applications.
    keys: Keys,
}

// === impl Insurer ===

impl Speaks for Insurer {
    const NAMES: (&'static str, &'static str) = ("Образец Страхование", "Obrazets Strakhovanie");
    const OPERATIONS: &'static [&'static Operation] = &[
        &quote::CREATE,
        &quote::POLL,
        &application::CREATE,
        &application::POLL,
        &payment::CREATE,
        &payment::STATUS,
        &document::DOCUMENT,
        &cancellation::CANCEL,
        &dictionary::VEHICLES,
    ];

    fn new(company: Arc<Company>) -> Self {
        Self {
            tokens: Access::new(company.own.with("token")),
            company,
            quotes: Recent::default(),
            keys: Keys::default(),
        }
    }

    fn configure(config: &mut ServiceConfig) {
        config
            .route("/oauth/token", web::post().to(tokens::issue))
            .route("/api/v1/quotes", web::post().to(quote::create))
            .route("/api/v1/quotes/{id}", web::get().to(quote::poll))
            .route("/api/v1/applications", web::post().to(application::create))
            .route("/api/v1/applications/{id}", web::get().to(application::poll))
            .route("/api/v1/applications/{id}", web::delete().to(cancellation::cancel))
            .route("/api/v1/applications/{id}/payment", web::post().to(payment::create))
            .route("/api/v1/applications/{id}/payment", web::get().to(payment::status))
            .route("/api/v1/applications/{id}/documents/{kind}", web::get().to(document::fetch))
            .route("/api/v1/vehicles", web::get().to(dictionary::list))
            .default_service(web::to(async || respond(failure(404, "not_found", "Ресурс не найден"))));
    }

    fn technical_error() -> Reply {
        failure(200, "internal", "Внутренняя ошибка сервера")
    }

    fn registry_down(_: &str) -> Reply {
        failure(424, "registry_unavailable", REGISTRY_DOWN)
    }

    fn settings(credentials: &Credentials) -> Vec<(&'static str, String)> {
        vec![
            ("client_id", credentials.user.clone()),
            ("client_secret", credentials.password.clone()),
            ("signing_key", credentials.key.clone()),
            ("callback_secret", credentials.callback.clone()),
        ]
    }

    fn notice(
        request: RequestBuilder,
        secret: &str,
        order: &str,
        application: &str,
    ) -> Option<RequestBuilder> {
        let body = json!({"application_id": application, "payment_id": order, "status": "paid"}).to_string();
        let request = request.header("x-signature", signature(secret, body.as_bytes()));
        Some(request.header("content-type", "application/json").body(body))
    }
}

impl Insurer {
    /// Lets a call with a token that is good pass.
    fn admit(&self, request: &HttpRequest) -> Result<(), Reply> {
        match self.tokens.admits(request, &self.company.knobs()) {
            true => Ok(()),
            false => Err(failure(401, "invalid_token", "Токен не найден или истёк")),
        }
    }

    /// Lets a call pass whose body is signed by who it names; such a call needs no token.
    fn admit_signed(&self, request: &HttpRequest, body: &[u8]) -> Result<(), Reply> {
        let sent = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let known = &self.company.credentials;
        let proof = signature(&known.key, body);
        if sent("x-client-id") == Some(&known.user) && sent("x-signature") == Some(&proof) {
            return Ok(());
        }
        Err(failure(401, "invalid_signature", "Подпись запроса неверна"))
    }
}

/// The wire's error body.
fn failure(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &json!({"error": {"code": code, "message": message, "fields": []}}))
}

/// The same where fields are wrong: each is named.
fn invalid(problems: &[String]) -> Reply {
    let error = json!({"code": "validation_failed", "message": "Данные не прошли проверку", "fields": problems});
    Reply::json(422, &json!({ "error": error }))
}

type This = Data<Insurer>;
