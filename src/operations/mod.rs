//! The operations port: health, metrics, the OpenAPI document, why an insurer is not in an answer, and what operators
//! see and change.
//!
//! Never on the partner's port, and by default on loopback only: who changes limits and other settings is an operator
//! with a token of its own; everything else, changes of the dictionary and the repetition of sales too, asks for none.

mod asked;
pub(crate) mod dictionary;
pub mod incidents;
pub(crate) mod limits;
mod refusal;
mod replicas;
pub(crate) mod sales;
mod specs;

use actix_web::{
    HttpResponse, get,
    web::{Data, Path, ServiceConfig},
};
use uuid::Uuid;

use self::{incidents::Incidents, refusal::Refusal};
use crate::calculation::Calculations;

/// What a handler answers.
type Answer = Result<HttpResponse, Refusal>;

/// Wires the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(alive).service(ready).service(metrics).service(openapi).service(explain);
    config.configure(sales::configure).configure(dictionary::configure).configure(specs::configure);
    config.configure(incidents::configure).configure(limits::configure).configure(replicas::configure);
}

/// The process runs.
#[get("/health/live")]
async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "live" }))
}

/// New calculations are taken and at least one insurer can be asked.
#[get("/health/ready")]
async fn ready(calculations: Data<Calculations>) -> HttpResponse {
    let not_ready = |why: &str| {
        HttpResponse::ServiceUnavailable().json(serde_json::json!({ "status": "not ready", "why": why }))
    };
    if calculations.is_stopping() {
        return not_ready("the gateway is stopping");
    }
    if !calculations.services().store.is_healthy() {
        return not_ready("the store does not take writes; see the log");
    }
    let enabled =
        calculations.services().insurers.iter().filter(|insurer| insurer.standing().enabled).count();
    if enabled == 0 {
        return not_ready(
            "no insurer is enabled: set insurers.<code>.enabled, or `veer limits set <code> enabled yes`",
        );
    }
    HttpResponse::Ok().json(serde_json::json!({ "status": "ready", "insurers": enabled }))
}

#[get("/metrics")]
async fn metrics(calculations: Data<Calculations>, incidents: Data<Incidents>) -> HttpResponse {
    // A breaker whose pause is over and that nobody asks does not turn by itself.
    incidents.breakers();
    let services = calculations.services();
    for insurer in &services.insurers {
        services.metrics.stuck(insurer.code(), insurer.stuck_steps());
    }
    services.everyone.iter().for_each(|insurer| insurer.observe_limits());
    services.metrics.running(services.live.running());
    services.store.cluster().observe(&services.metrics);
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(services.metrics.render())
}

#[get("/openapi.json")]
async fn openapi() -> HttpResponse {
    HttpResponse::Ok().json(crate::partner::openapi::document())
}

/// Verdicts and timelines of a calculation, whoever's it is.
#[get("/calculations/{request_id}")]
async fn explain(calculations: Data<Calculations>, request_id: Path<String>) -> HttpResponse {
    let problem = |status: actix_web::http::StatusCode, message: &str| {
        HttpResponse::build(status).json(serde_json::json!({ "message": message }))
    };
    let Ok(id) = request_id.parse::<Uuid>() else {
        return problem(actix_web::http::StatusCode::BAD_REQUEST, "the id of a calculation is a UUID");
    };
    match calculations.explain(id).await {
        Ok(found) if found.is_empty() => {
            problem(actix_web::http::StatusCode::NOT_FOUND, "nothing is known under that id")
        }
        Ok(found) => HttpResponse::Ok().json(serde_json::json!({ "request_id": id, "calculations": found })),
        Err(error) => {
            tracing::error!(%error, "a calculation could not be explained");
            let message = "the store did not answer; see the log";
            problem(actix_web::http::StatusCode::INTERNAL_SERVER_ERROR, message)
        }
    }
}
