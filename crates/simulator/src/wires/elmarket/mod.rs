//! elmarket: another aggregator. One stored form, then one calculation for each of its insurers, each with a
//! price, a no and a pace of its own; JSON with a token.

mod calculation;
mod companies;
mod contract;
mod lists;
mod request;

use std::sync::Arc;

use actix_web::{
    HttpRequest,
    http::header,
    web::{self, Data, ServiceConfig},
};
use serde_json::json;

use super::{REGISTRY_DOWN, Speaks};
use crate::{
    company::{Company, Credentials},
    exchange::{Operation, Reply, respond},
    recent::Recent,
};
use calculation::Calculation;
use contract::Contract;

/// One aggregator of this wire.
pub(crate) struct Insurer {
    company: Arc<Company>,
    /// The stored forms, by `contract_id`.
    contracts: Recent<u64, Arc<Contract>>,
    /// What was asked of which insurer, by the calculation's `id`.
    calculations: Recent<u64, Calculation>,
}

// === impl Insurer ===

impl Speaks for Insurer {
    const NAMES: (&'static str, &'static str) = ("Эль-Маркет", "El-market");
    const OPERATIONS: &'static [&'static Operation] = &[
        &contract::CONTRACTS,
        &calculation::CREATE,
        &calculation::POLL,
        &lists::MARKS,
        &lists::MODELS,
        &lists::COMPANIES,
    ];

    fn new(company: Arc<Company>) -> Self {
        Self { company, contracts: Recent::default(), calculations: Recent::default() }
    }

    fn configure(config: &mut ServiceConfig) {
        config
            .route("/v1/osago/contracts/", web::post().to(contract::store))
            .route("/v1/osago/calculations/", web::post().to(calculation::create))
            .route("/v1/osago/calculations/{id}/", web::get().to(calculation::poll))
            .route("/v1/osago/lists/marks/", web::get().to(lists::marks))
            .route("/v1/osago/lists/models/", web::get().to(lists::models))
            .route("/v1/osago/lists/companies/", web::get().to(lists::companies))
            .default_service(web::to(async || respond(failure(404, "Не найдено."))));
    }

    fn technical_error() -> Reply {
        failure(500, "Внутренняя ошибка сервера")
    }

    fn registry_down(_: &str) -> Reply {
        failure(500, REGISTRY_DOWN)
    }

    fn settings(credentials: &Credentials) -> Vec<(&'static str, String)> {
        vec![
            ("token", credentials.key.clone()),
            ("agent_phone", "+79990000000".to_owned()),
            ("agent_email", "agent@veer.example".to_owned()),
        ]
    }
}

impl Insurer {
    fn admit(&self, request: &HttpRequest) -> Result<(), Reply> {
        let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match sent.and_then(|sent| sent.strip_prefix("Token ")) {
            Some(token) if token == self.company.credentials.key => Ok(()),
            _ => Err(failure(401, "Недопустимый токен.")),
        }
    }
}

/// The wire's error body.
fn failure(status: u16, detail: &str) -> Reply {
    Reply::json(status, &json!({"errors": {"detail": detail}}))
}

type This = Data<Insurer>;
