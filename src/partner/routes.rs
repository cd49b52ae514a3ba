//! The addresses of the partner API.
//!
//! An address is a resource with its methods, so that another method is a 405 that names them, and everything
//! else is a 404. Both have the contract's shape; nothing of the server's own plain text gets out.

use actix_web::{HttpRequest, HttpResponse, Route, web};

use super::{calculate, correlation::CorrelationId, error::ApiError, query, state::PartnerState};

/// Puts the partner API on a server.
pub fn configure(config: &mut web::ServiceConfig, state: web::Data<PartnerState>) {
    config
        .app_data(state)
        .service(
            web::resource("/osago/calculate")
                .route(web::get().to(calculate::calculation))
                .route(web::post().to(calculate::create))
                .default_service(only("GET, POST")),
        )
        .service(
            web::resource("/osago/calculate/status")
                .route(web::get().to(calculate::status))
                .default_service(only("GET")),
        )
        .default_service(web::to(
            |request: HttpRequest| async move { refuse(&request, &ApiError::UnknownPath) },
        ));
}

fn only(allowed: &'static str) -> Route {
    web::to(move |request: HttpRequest| async move { refuse(&request, &ApiError::WrongMethod(allowed)) })
}

fn refuse(request: &HttpRequest, error: &ApiError) -> HttpResponse {
    error.answer(CorrelationId::of(request), query::request_id(request.query_string()).ok())
}
