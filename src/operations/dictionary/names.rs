//! Insurers' names: which wait, what was said of one, and a person's word.

use actix_web::{
    HttpRequest, HttpResponse, get, post,
    web::{Bytes, Data, Path, ServiceConfig},
};
use serde_json::json;

use super::Answer;
use crate::{
    dictionary::{Decision, Reading, Unmapped, mapping::MappingState},
    operations::{
        asked::{Body, Query},
        refusal::Refusal,
    },
};

const LIMIT: usize = 100;
const LARGEST_LIMIT: usize = 10_000;

/// Wires the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(history).service(confirm).service(refuse);
}

/// Names in a state, the surest first, and how many there are.
#[get("/names")]
async fn list(reading: Data<Reading>, request: HttpRequest) -> Answer {
    let wanted = wanted(request.query_string())?;
    let dictionary = reading.dictionary();
    if let Some(insurer) = wanted.dictionary.as_ref().filter(|insurer| dictionary.book(insurer).is_none()) {
        return Err(dictionary.unread(insurer).into());
    }
    let (names, count) = dictionary.names(&wanted);
    Ok(HttpResponse::Ok().json(json!({ "names": names, "count": count })))
}

fn wanted(query: &str) -> Result<Unmapped, Refusal> {
    let mut query = Query::parse(query, &["insurer", "state", "limit"])?;
    let states = format!("one of {}", MappingState::NAMES.join(", "));
    let limits = format!("from 1 to {LARGEST_LIMIT}");
    let limit = query.read("limit", &limits, |text| {
        text.parse().ok().filter(|limit| (1..=LARGEST_LIMIT).contains(limit))
    })?;
    Ok(Unmapped {
        dictionary: query.text("insurer"),
        state: query.read("state", &states, MappingState::parse)?,
        limit: limit.unwrap_or(LIMIT),
    })
}

/// All that was ever said of a name.
#[get("/names/{key}")]
async fn history(reading: Data<Reading>, key: Path<String>) -> Answer {
    Ok(HttpResponse::Ok().json(reading.dictionary().history(&key).await?))
}

/// From now on the name stands for that entry.
#[post("/confirm")]
async fn confirm(
    reading: Data<Reading>,
    request: HttpRequest,
    body: Result<Bytes, actix_web::Error>,
) -> Answer {
    let decision = decision(&request, body)?;
    let dictionary = reading.dictionary().clone();
    let said = reading.to_the_end(async move { dictionary.confirm(&decision).await }).await?;
    Ok(HttpResponse::Ok().json(said))
}

/// The name never stands for that entry.
#[post("/refuse")]
async fn refuse(
    reading: Data<Reading>,
    request: HttpRequest,
    body: Result<Bytes, actix_web::Error>,
) -> Answer {
    let decision = decision(&request, body)?;
    let dictionary = reading.dictionary().clone();
    let said = reading.to_the_end(async move { dictionary.refuse(&decision).await }).await?;
    Ok(HttpResponse::Ok().json(said))
}

fn decision(request: &HttpRequest, body: Result<Bytes, actix_web::Error>) -> Result<Decision, Refusal> {
    let mut body = Body::read(request, body, &["key", "entry", "author", "note"])?;
    Ok(Decision {
        key: body.needed("key")?,
        entry: body.entry("entry")?,
        author: body.needed("author")?,
        note: body.short("note")?.unwrap_or_default(),
    })
}
