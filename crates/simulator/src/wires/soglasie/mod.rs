//! soglasie: JSON for КБМ and applications, SOAP 1.1 for prices, HTTP Basic in two variants.
//!
//! A calculation does not name the owner. So that all calls about a risk name it alike, it is known here by its
//! vehicle and first day alone.

mod application;
mod basic;
mod calculation;
mod contract;
mod dictionary;
mod files;
mod form;
mod kbm;
mod payment;
mod soap;
mod status;
mod suspend;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use actix_web::{
    HttpResponse,
    web::{self, Data, ServiceConfig},
};
use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{REGISTRY_DOWN, Speaks, fields::Fields};
use crate::{
    Outcome,
    company::{Company, Credentials},
    exchange::{Exchange, Operation, Reply, respond},
    recent::Recent,
    risk::{RiskId, plain},
    sale::Quoted,
};

/// One insurer of this wire.
pub(crate) struct Insurer {
    company: Arc<Company>,
    /// КБМ that were given, by `requestId`.
    bonuses: Recent<String, Decimal>,
    /// Prices that were given, by [`price_key`].
    quotes: Recent<String, Quoted>,
    /// What the book does not know of applications, by `policyId`.
    filed: Mutex<HashMap<String, Filed>>,
}

/// What belongs to an application besides what every wire has.
#[derive(Clone, Default)]
struct Filed {
    /// The drivers as its status tells them.
    drivers: Vec<Value>,
    /// Given up.
    suspended: bool,
}

// === impl Insurer ===

impl Speaks for Insurer {
    const NAMES: (&'static str, &'static str) = ("Согласие", "Soglasie");
    const OPERATIONS: &'static [&'static Operation] = &[
        &kbm::KBM,
        &calculation::CALCULATION,
        &application::APPLICATION,
        &status::STATUS,
        &payment::PAYLINK,
        &suspend::SUSPEND,
        &files::NOTICE,
        &files::POLICY,
        &dictionary::MAKES,
        &dictionary::MODELS,
    ];

    fn new(company: Arc<Company>) -> Self {
        let (bonuses, quotes) = (Recent::default(), Recent::default());
        Self { company, bonuses, quotes, filed: Mutex::default() }
    }

    fn configure(config: &mut ServiceConfig) {
        config
            .route("/rsaproxy/api/osago/v1/kbm", web::post().to(kbm::handle))
            .route("/CCM/CCMService", web::post().to(calculation::handle))
            .route("/online/api/eosago", web::post().to(application::apply))
            .route("/online/api/eosago/{id}/status", web::get().to(status::handle))
            .route("/online/api/eosago/{id}/paylink", web::get().to(payment::link))
            .route("/online/api/eosago/{id}/suspend", web::put().to(suspend::handle))
            .route("/online/api/eosago/{id}/notice", web::get().to(files::notice))
            .route("/online/api/eosago/{id}/policy", web::get().to(files::policy))
            .route("/cars", web::get().to(dictionary::makes))
            .route("/cars/{id}", web::get().to(dictionary::models))
            .default_service(web::to(async || respond(failure(404, "Ресурс не найден", ""))));
    }

    fn technical_error() -> Reply {
        failure(500, "Внутренняя ошибка сервера", "")
    }

    fn registry_down(operation: &str) -> Reply {
        match operation {
            "kbm" => kbm::failure("34030023", REGISTRY_DOWN),
            "calcProduct" => soap::refusal(REGISTRY_DOWN),
            _ => failure(500, REGISTRY_DOWN, ""),
        }
    }

    fn settings(credentials: &Credentials) -> Vec<(&'static str, String)> {
        vec![
            ("user", credentials.user.clone()),
            ("password", credentials.password.clone()),
            ("sub_user", basic::sub_user(credentials)),
            ("sub_password", credentials.key.clone()),
        ]
    }
}

impl Insurer {
    /// What is known besides of the application under that number.
    fn filed(&self, id: &str) -> Filed {
        self.filed.lock().map(|filed| filed.get(id).cloned().unwrap_or_default()).unwrap_or_default()
    }

    fn file(&self, id: &str, change: impl FnOnce(&mut Filed)) {
        if let Ok(mut filed) = self.filed.lock() {
            change(filed.entry(id.to_owned()).or_default());
        }
    }
}

/// The wire's error body.
fn failure(status: u16, error: &str, info: &str) -> Reply {
    Reply::json(status, &json!({"error": error, "errorInfo": info, "errorData": {}}))
}

/// Nobody applied under that number.
async fn unknown(exchange: Exchange<'_>) -> HttpResponse {
    exchange.answer(Outcome::Rejected, failure(404, "Заявление не найдено", "policyId")).await
}

/// The risk by what every call about it tells.
fn risk_of(company: &Company, vehicle: &str, start: Date) -> RiskId {
    let parts = company.world.with("risk").with(&plain(vehicle)).with("");
    RiskId(parts.with(&start.to_string()).number("id"))
}

/// A contract's first and last day: from its first second to the last, and a whole year.
fn year(fields: &mut Fields<'_>, first: &str, last: &str) -> Date {
    let (start, end) = (fields.need_day(&[first]), fields.need_day(&[last]));
    let (begins, ends) = (fields.maybe(first), fields.maybe(last));
    if begins.is_some_and(|text| !text.ends_with("T00:00:00")) {
        fields.wrong(first);
    }
    let whole = end == start.saturating_add(1.year()).saturating_sub(1.day());
    if ends.is_some_and(|text| !whole || !text.ends_with("T23:59:59")) {
        fields.wrong(last);
    }
    start
}

/// What a price was given for, so that an application for the same finds it.
fn price_key(risk: RiskId, taxi: bool, licences: &[String]) -> String {
    let mut licences: Vec<String> = licences.iter().map(|licence| plain(licence)).collect();
    licences.sort();
    format!("{risk} {taxi} {}", licences.join(" "))
}

type This = Data<Insurer>;
