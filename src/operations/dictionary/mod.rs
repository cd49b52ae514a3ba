//! The vehicle dictionary, for operators: how it is, what waits for a decision, decisions, readings of insurers'
//! dictionaries, and the next version of the catalogue.
//!
//! | | |
//! |---|---|
//! | `GET /dictionary` | the version that is served, the draft, insurers' dictionaries |
//! | `GET /dictionary/versions` | every version, the newest first |
//! | `GET /dictionary/names?insurer=&state=&limit=` | insurers' names in a state; without one, those that wait for a person |
//! | `GET /dictionary/names/{key}` | all that was ever said of a name |
//! | `POST /dictionary/confirm`, `/refuse` | `{"key", "entry"?, "author", "note"?}`: a person's word |
//! | `POST /dictionary/import` | `{"insurer"?, "csv"?, "author", "force"?}`: reads one insurer's dictionary, or all |
//! | `POST /dictionary/catalogue` | `{"brands"?, "models"?, "modifications"?, "author"?}`: sheets into the draft |
//! | `POST /dictionary/publish` | `{"author", "note"}`: the draft becomes the next version |
//! | `GET /dictionary/diff?from=&to=&format=` | what is different, as JSON or as the partner's report |
//! | `GET /dictionary/export?of=` or `?insurer=` | a catalogue's sheets, or an insurer's names as CSV |
//!
//! A POST demands `application/json`, which no form of a web page can send. What is begun is brought to its
//! end, also where the one who asked has left.

mod catalogue;
mod import;
mod listing;
mod names;
mod refusal;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod trial;

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{self, Data, PayloadConfig, ServiceConfig},
};
use serde_json::{Value, json};

use super::{Answer, asked::Query, refusal::Refusal};
use crate::dictionary::Reading;

/// The largest body. An insurer's dictionary of 50,000 rows is a tenth of it.
const LARGEST_BODY: usize = 64 << 20;

/// Wires the routes; they need a `Data<Reading>`.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let scope = web::scope("/dictionary").app_data(PayloadConfig::new(LARGEST_BODY));
    let scope = scope.service(status).service(versions).configure(names::configure);
    config.service(scope.configure(import::configure).configure(catalogue::configure));
}

/// How the dictionary is, and whose dictionaries can be read.
#[get("")]
async fn status(reading: Data<Reading>, request: HttpRequest) -> Answer {
    Query::parse(request.query_string(), &[])?;
    let mut status = serde_json::to_value(reading.dictionary().status().await?).map_err(Refusal::failed)?;
    let readable: Value = reading.readable().collect();
    if let Some(status) = status.as_object_mut() {
        status.insert("readable".to_owned(), readable);
    }
    Ok(HttpResponse::Ok().json(status))
}

/// Every version, the newest first.
#[get("/versions")]
async fn versions(reading: Data<Reading>, request: HttpRequest) -> Answer {
    Query::parse(request.query_string(), &[])?;
    let versions = reading.dictionary().versions().await?;
    Ok(HttpResponse::Ok().json(json!({ "versions": versions })))
}
