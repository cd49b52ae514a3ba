//! The addresses of the partner API.
//!
//! An address is a resource with its methods, so that another method is a 405 that names them, and everything
//! else is a 404. Both have the contract's shape; nothing of the server's own plain text gets out. Two
//! addresses are not the partner's: one for the browser of whoever bought a policy, one for insurers.

use actix_web::{
    HttpRequest, HttpResponse, Resource, Route, guard,
    middleware::{Condition, from_fn},
    web,
};

use super::{
    auto_info, calculate, correlation::CorrelationId, dictionaries, error::ApiError, files, insurer_calls,
    offer, offer_files, query, relay, state::PartnerState,
};

/// Puts the partner API on a server.
pub fn configure(config: &mut web::ServiceConfig, state: web::Data<PartnerState>) {
    // A gateway that is alone has nobody to ask.
    let shared = state.relay.is_some();
    config
        .app_data(state)
        .configure(pages)
        .service(
            web::resource("/auto/info").route(web::get().to(auto_info::vehicle)).default_service(only("GET")),
        )
        .service(
            web::resource("/osago/calculate")
                .wrap(Condition::new(shared, from_fn(relay::by_query)))
                .route(web::get().to(calculate::calculation))
                .route(web::post().to(calculate::create))
                .default_service(only("GET, POST")),
        )
        .service(
            web::resource("/osago/calculate/status")
                .wrap(Condition::new(shared, from_fn(relay::by_query)))
                .route(web::get().to(calculate::status))
                .default_service(only("GET")),
        )
        .service(
            web::resource("/osago/offer")
                .wrap(Condition::new(shared, from_fn(relay::by_query)))
                .route(web::get().to(offer::show))
                .route(web::post().to(offer::confirm))
                .default_service(only("GET, POST")),
        )
        .service(
            web::resource("/osago/offer/draft")
                .wrap(Condition::new(shared, from_fn(relay::by_query)))
                .route(web::get().to(offer_files::draft))
                .default_service(only("GET")),
        )
        .service(
            web::resource("/osago/offer/policy")
                .wrap(Condition::new(shared, from_fn(relay::by_query)))
                .route(web::get().to(offer_files::policy))
                .default_service(only("GET")),
        )
        .service(
            web::resource("/files/{offer_id}/{file}")
                .route(web::get().to(files::open))
                .route(web::head().to(files::open))
                .default_service(only("GET, HEAD")),
        )
        .service(
            web::resource("/insurers/{code}/callback")
                .route(web::post().to(insurer_calls::take))
                .default_service(only("POST")),
        )
        .default_service(web::to(
            |request: HttpRequest| async move { refuse(&request, &ApiError::UnknownPath) },
        ));
}

/// What can be read, and asked whether it has changed.
fn pages(config: &mut web::ServiceConfig) {
    config
        .service(page("/dictionaries/brands", reading().to(dictionaries::brands)))
        .service(page("/dictionaries/models", reading().to(dictionaries::models)))
        .service(page("/dictionaries/years", reading().to(dictionaries::years)))
        .service(page("/dictionaries/powers", reading().to(dictionaries::powers)))
        .service(page("/dictionaries/modifications", reading().to(dictionaries::modifications)))
        .service(page("/dictionaries/sync-all", reading().to(dictionaries::sync_all)));
}

fn page(path: &str, route: Route) -> Resource {
    web::resource(path).route(route).default_service(only("GET, HEAD"))
}

fn reading() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

fn only(allowed: &'static str) -> Route {
    web::to(move |request: HttpRequest| async move { refuse(&request, &ApiError::WrongMethod(allowed)) })
}

fn refuse(request: &HttpRequest, error: &ApiError) -> HttpResponse {
    error.answer(CorrelationId::of(request), query::request_id(request.query_string()).ok())
}
