//! `GET /specs`: which revision of each spec is running, and what is wrong with a newer text.

use actix_web::{
    HttpResponse, get,
    web::{Data, ServiceConfig},
};

use crate::specs::Specs;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(specs);
}

#[get("/specs")]
async fn specs(specs: Data<Specs>) -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "specs": specs.status() }))
}
