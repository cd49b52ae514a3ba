//! The catalogue: sheets into the draft, what that changes, publishing, and sheets out of it.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::ContentType,
    post,
    web::{Bytes, Data, ServiceConfig},
};
use serde_json::json;

use super::{Answer, listing};
use crate::{
    dictionary::{Of, Reading, catalogue::Sheets},
    operations::{
        asked::{Body, Query},
        refusal::Refusal,
    },
};

const OF: &str = "the number of a version, `published` or `draft`";

/// Wires the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(take).service(publish).service(difference).service(export);
}

/// Takes sheets of the catalogue into the draft, all or nothing.
#[post("/catalogue")]
async fn take(reading: Data<Reading>, request: HttpRequest, body: Result<Bytes, actix_web::Error>) -> Answer {
    let mut body = Body::read(&request, body, &["brands", "models", "modifications", "author"])?;
    let sheets = [body.text("brands")?, body.text("models")?, body.text("modifications")?];
    if sheets.iter().all(Option::is_none) {
        let message = "a sheet is missing: `brands`, `models` or `modifications`";
        return Err(Refusal::wrong(message.to_owned()));
    }
    let [brands, models, modifications] = sheets.map(Option::unwrap_or_default);
    let sheets = Sheets { brands, models, modifications };
    let author = body.short("author")?.unwrap_or_default();
    let dictionary = reading.dictionary().clone();
    let done = reading.to_the_end(async move { dictionary.edit(sheets).await }).await?;
    tracing::info!(
        author,
        added = done.added.len(),
        changed = done.changed,
        "sheets were taken into the draft"
    );
    Ok(HttpResponse::Ok().json(done))
}

/// Makes the draft the next version.
#[post("/publish")]
async fn publish(
    reading: Data<Reading>,
    request: HttpRequest,
    body: Result<Bytes, actix_web::Error>,
) -> Answer {
    let mut body = Body::read(&request, body, &["author", "note"])?;
    let (author, note) = (body.needed("author")?, body.needed("note")?);
    let dictionary = reading.dictionary().clone();
    let version = reading.to_the_end(async move { dictionary.publish(&author, &note).await }).await?;
    Ok(HttpResponse::Ok().json(version))
}

/// What is different between two catalogues; the text is the report for the partner.
#[get("/diff")]
async fn difference(reading: Data<Reading>, request: HttpRequest) -> Answer {
    let mut query = Query::parse(request.query_string(), &["from", "to", "format"])?;
    let from = query.read("from", OF, of)?.unwrap_or(Of::Published);
    let to = query.read("to", OF, of)?.unwrap_or(Of::Draft);
    let is_text = query.read("format", "json or text", |format| match format {
        "json" => Some(false),
        "text" => Some(true),
        _ => None,
    })?;
    let named = reading.dictionary().difference(from, to).await?;
    if is_text == Some(true) {
        return Ok(HttpResponse::Ok().insert_header(ContentType::plaintext()).body(named.report()));
    }
    let body = json!({ "from": named.from, "to": named.to, "difference": named.difference });
    Ok(HttpResponse::Ok().json(body))
}

/// A catalogue's sheets, or an insurer's names as CSV.
#[get("/export")]
async fn export(reading: Data<Reading>, request: HttpRequest) -> Answer {
    let mut query = Query::parse(request.query_string(), &["of", "insurer"])?;
    let (wanted, insurer) = (query.read("of", OF, of)?, query.text("insurer"));
    match (wanted, insurer) {
        (Some(_), Some(_)) => Err(Refusal::wrong("`of` cannot stand beside `insurer`".to_owned())),
        (None, Some(insurer)) => {
            let names = reading.dictionary().listing(&insurer)?;
            let text = listing::write(&names).map_err(Refusal::failed)?;
            Ok(HttpResponse::Ok().insert_header(("content-type", "text/csv; charset=utf-8")).body(text))
        }
        (wanted, None) => {
            let sheets = reading.dictionary().export(wanted.unwrap_or(Of::Published)).await?;
            Ok(HttpResponse::Ok().json(sheets))
        }
    }
}

fn of(text: &str) -> Option<Of> {
    match text {
        "draft" => Some(Of::Draft),
        "published" => Some(Of::Published),
        number => number.parse().ok().filter(|number| *number > 0).map(Of::Version),
    }
}
