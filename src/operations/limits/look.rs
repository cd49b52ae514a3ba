//! What holds, what happened, and what would have happened. No credentials are asked for.

use actix_web::{
    HttpRequest, HttpResponse, get, post,
    web::{Bytes, Data, ServiceConfig},
};
use serde_json::json;

use crate::{
    operations::{
        Answer,
        asked::{Body, Query},
        refusal::Refusal,
    },
    store::RevisionsOf,
    tuning::Tuning,
};

const LIMIT: u32 = 100;
const LARGEST_LIMIT: u32 = 10_000;

/// Wires the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(show).service(history).service(dry_run);
}

/// What holds.
#[get("/limits")]
async fn show(tuning: Data<Tuning>, request: HttpRequest) -> Answer {
    let mut query = Query::parse(request.query_string(), &["insurer", "lane"])?;
    let (insurer, lane) = (query.text("insurer"), query.text("lane"));
    Ok(HttpResponse::Ok().json(tuning.show(insurer.as_deref(), lane.as_deref())?))
}

/// What happened, the newest first.
#[get("/limits/history")]
async fn history(tuning: Data<Tuning>, request: HttpRequest) -> Answer {
    let known = ["insurer", "lane", "knob", "before", "limit"];
    let mut query = Query::parse(request.query_string(), &known)?;
    let limits = format!("from 1 to {LARGEST_LIMIT}");
    let limit = query.read("limit", &limits, |text| {
        text.parse().ok().filter(|limit| (1..=LARGEST_LIMIT).contains(limit))
    })?;
    let of = RevisionsOf {
        before: query.read("before", "a revision's number", |text| text.parse().ok())?,
        insurer: query.text("insurer"),
        lane: query.text("lane"),
        knob: query.text("knob"),
    };
    let revisions = tuning.history(&of, limit.unwrap_or(LIMIT)).await.map_err(Refusal::failed)?;
    Ok(HttpResponse::Ok().json(json!({ "revisions": revisions })))
}

/// What the past hour would have come to under another limit.
#[post("/limits/dry-run")]
async fn dry_run(
    tuning: Data<Tuning>,
    request: HttpRequest,
    body: Result<Bytes, actix_web::Error>,
) -> Answer {
    let mut body = Body::read(&request, body, &["insurer", "lane", "limit"])?;
    let (insurer, lane, limit) = (body.needed("insurer")?, body.needed("lane")?, body.needed("limit")?);
    // A replay of an hour of a busy lane takes its time.
    let tuning = tuning.get_ref().clone();
    let run = actix_web::web::block(move || tuning.dry_run(&insurer, &lane, &limit)).await;
    Ok(HttpResponse::Ok().json(run.map_err(Refusal::failed)??))
}
