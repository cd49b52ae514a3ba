//! alfastrah: REST JSON behind HTTP Digest.

mod application;
mod calculation;
mod dictionary;
mod digest;
mod kbm;
mod payment;
mod print;
mod request;

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Data, ServiceConfig},
};
use jiff::{Timestamp, ToSpan, civil::Date, tz::Offset};
use serde_json::json;
use reqwest::RequestBuilder;

use super::{REGISTRY_DOWN, Speaks, Writing};
use crate::{
    company::{Company, Credentials},
    draws::Draws,
    exchange::{Operation, Reply, respond},
    recent::Recent,
    sale::{Quoted, signature},
    spoil,
};
use digest::{Nonces, Proof};

/// One insurer of this wire.
pub(crate) struct Insurer {
    company: Arc<Company>,
    nonces: Nonces,
    /// Prices that were given, by `osago_uuid`.
    quotes: Recent<String, Quoted>,
}

/// What a call without good credentials is answered: the text of `WWW-Authenticate`.
struct Challenge(String);

const REALM: &str = "wapi";

// === impl Insurer ===

impl Speaks for Insurer {
    const NAMES: (&'static str, &'static str) = ("АльфаСтрахование", "AlfaStrakhovanie");
    const OPERATIONS: &'static [&'static Operation] = &[
        &calculation::CALCULATION,
        &application::APPLICATION,
        &application::STATUS,
        &payment::PAYMENT,
        &payment::STATUS,
        &print::PRINT,
        &dictionary::MARKS,
        &dictionary::MODELS,
    ];
    const WRITING: Writing = Writing { capitals: true, ..Writing::PLAIN };

    fn new(company: Arc<Company>) -> Self {
        Self { nonces: Nonces::new(company.own.with("nonce")), quotes: Recent::default(), company }
    }

    fn configure(config: &mut ServiceConfig) {
        config
            .route("/wapi/osago/calculation", web::post().to(calculation::handle))
            .route("/wapi/osago/kbm/physical", web::post().to(kbm::handle))
            .route("/wapi/osago/contract/{uuid}/eosago", web::post().to(application::apply))
            .route("/wapi/osago/contract/{uuid}/status", web::get().to(application::status))
            .route("/wapi/osago/contract/{uuid}/print", web::get().to(print::handle))
            .route("/wapi/osago/payment/{uuid}", web::post().to(payment::link))
            .route("/wapi/osago/payment/{uuid}", web::get().to(payment::status))
            .route("/wapi/dictionary/vehicle/mark", web::get().to(dictionary::marks))
            .route("/wapi/dictionary/vehicle/mark/{id}/model", web::get().to(dictionary::models))
            .default_service(web::to(async || respond(failure(404, "Ресурс не найден"))));
    }

    fn technical_error() -> Reply {
        failure(500, "Внутренняя ошибка сервера")
    }

    fn registry_down(_: &str) -> Reply {
        failure(500, REGISTRY_DOWN)
    }

    fn settings(credentials: &Credentials) -> Vec<(&'static str, String)> {
        vec![
            ("user", credentials.user.clone()),
            ("password", credentials.password.clone()),
            ("callback_secret", credentials.callback.clone()),
        ]
    }

    fn notice(request: RequestBuilder, secret: &str, order: &str, _: &str) -> Option<RequestBuilder> {
        let body = json!({"order_id": order, "payment_status": "PAID"}).to_string();
        let request = request.header("x-signature", signature(secret, body.as_bytes()));
        Some(request.header("content-type", "application/json").body(body))
    }
}

impl Insurer {
    /// Lets a call with good Digest credentials pass, and challenges every other one.
    fn admit(&self, request: &HttpRequest) -> Result<(), Challenge> {
        let knobs = self.company.knobs();
        let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let credentials = &self.company.credentials;
        let proof = sent.map_or(Proof::Wrong, |sent| {
            let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
            digest::check(
                sent,
                request.method().as_str(),
                target,
                REALM,
                &credentials.user,
                &credentials.password,
            )
        });
        let stale = match proof {
            Proof::Good { nonce } if self.nonces.spend(&nonce, &knobs) => return Ok(()),
            Proof::Good { .. } => ", stale=true",
            Proof::Wrong => "",
        };
        let nonce = self.nonces.current(&knobs);
        Err(Challenge(format!(
            "Digest realm=\"{REALM}\", nonce=\"{nonce}\", qop=\"auth\", algorithm=MD5{stale}"
        )))
    }
}

// === impl Challenge ===

impl Challenge {
    fn answer(self) -> HttpResponse {
        let mut response = respond(spoil::page(401, "Unauthorized"));
        if let Ok(challenge) = header::HeaderValue::from_str(&self.0) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// The wire's error body.
pub(crate) fn failure(status: u16, message: &str) -> Reply {
    failures(status, &[message.to_owned()])
}

fn failures(status: u16, messages: &[String]) -> Reply {
    let sub_errors: Vec<_> = messages.iter().map(|message| json!({ "message": message })).collect();
    let body = json!({
        "info": "Ошибка",
        "session_id": Draws::new(0).with(&messages.concat()).uuid("session"),
        "timestamp": Offset::constant(3).to_datetime(Timestamp::now()).strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        "sub_errors": sub_errors,
    });
    Reply::json(status, &body)
}

/// The first second of a policy.
fn first_second(start: Date) -> String {
    format!("{start} 00:00:00")
}

/// The last second of a policy.
fn last_second(start: Date) -> String {
    format!("{} 23:59:59", start.saturating_add(1.year()).saturating_sub(1.day()))
}

type This = Data<Insurer>;
