//! avtocod: a source that knows vehicles and sells nothing. JSON with a token in a header; a report is made,
//! then asked for.

mod content;
mod query;
mod register;
mod reports;

use std::sync::Arc;

use actix_web::{
    HttpRequest,
    http::header,
    web::{self, Data, ServiceConfig},
};
use serde_json::{Value, json};

use super::{REGISTRY_DOWN, Speaks};
use crate::{
    company::{Company, Credentials},
    exchange::{Operation, Reply, respond},
    recent::Recent,
    sale::Wait,
    spoil,
};

/// The only type of reports that there is, as an account would be told it.
pub const REPORT_TYPE: &str = "vehicle@simulated";

/// One source of this wire.
pub(crate) struct Insurer {
    company: Arc<Company>,
    /// When each report that was made is ready.
    reports: Recent<String, Wait>,
}

/// The wire's moment of everything: nobody reads it.
const STAMP: &str = "2026-01-01T00:00:00.000Z";

// === impl Insurer ===

impl Speaks for Insurer {
    const NAMES: (&'static str, &'static str) = ("Автокод", "Avtocod");
    const OPERATIONS: &'static [&'static Operation] = &[&reports::MAKE, &reports::READ];

    fn new(company: Arc<Company>) -> Self {
        Self { company, reports: Recent::default() }
    }

    fn configure(config: &mut ServiceConfig) {
        config
            .route("/user/reports/{type}/_make", web::post().to(reports::make))
            .route("/user/reports/{uid}", web::get().to(reports::read))
            .default_service(web::to(async || respond(spoil::page(404, "Not Found"))));
    }

    fn technical_error() -> Reply {
        failure(500, "GenericSystemError", "Внутренняя ошибка сервера")
    }

    fn registry_down(_: &str) -> Reply {
        failure(500, "GenericSystemError", REGISTRY_DOWN)
    }

    fn settings(credentials: &Credentials) -> Vec<(&'static str, String)> {
        vec![("token", credentials.key.clone()), ("report_type", REPORT_TYPE.to_owned())]
    }
}

impl Insurer {
    fn admit(&self, request: &HttpRequest) -> Result<(), Reply> {
        let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match header.and_then(|header| header.strip_prefix("AR-REST ")) {
            Some(token) if token == self.company.credentials.key => Ok(()),
            Some(_) => Err(refused(403, "SecurityAuthTimeoutedStamp", "Метка времени просрочена")),
            None => Err(refused(400, "SecurityAuthMalformedToken", "Неверная структура токена авторизации")),
        }
    }
}

/// Refused credentials: an event alone.
fn refused(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &event("Security", code, message))
}

/// Every other error: an event in the envelope.
pub(crate) fn failure(status: u16, code: &str, message: &str) -> Reply {
    let class = if code.starts_with("Data") { "Data" } else { "System" };
    Reply::json(status, &json!({"state": "fail", "stamp": STAMP, "event": event(class, code, message)}))
}

fn event(class: &str, code: &str, message: &str) -> Value {
    json!({
        "uid": "", "stamp": STAMP, "cls": class, "type": code, "name": message, "message": message,
        "data": {}, "events": [],
    })
}

/// A good answer.
fn success(data: &[Value]) -> Reply {
    Reply::json(200, &json!({"state": "ok", "size": data.len(), "stamp": STAMP, "data": data}))
}

type This = Data<Insurer>;
