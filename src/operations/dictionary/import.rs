//! Reading insurers' dictionaries by command.

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Bytes, Data, ServiceConfig},
};
use futures::future::join_all;
use serde_json::{Value, json};

use super::Answer;
use crate::{
    dictionary::{
        DictionaryError, Reading,
        import::{self, ImportReport},
    },
    operations::{asked::Body, refusal::Refusal},
};

/// Wires the route.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(take);
}

/// Reads the dictionary of one insurer, from the insurer or from the CSV text of the body, or all that can be
/// read. Each outcome stands in `imports`; of several, those that failed say their `problem`.
#[post("/import")]
async fn take(reading: Data<Reading>, request: HttpRequest, body: Result<Bytes, actix_web::Error>) -> Answer {
    let mut body = Body::read(&request, body, &["insurer", "csv", "author", "force"])?;
    let (insurer, csv) = (body.short("insurer")?, body.text("csv")?);
    let (author, force) = (body.needed("author")?, body.flag("force")?);
    let imports = match (insurer, csv) {
        (Some(insurer), Some(csv)) => vec![from_file(&reading, insurer, csv, author, force).await?],
        (Some(insurer), None) => vec![from_insurer(&reading, insurer, author, force).await?],
        (None, Some(_)) => {
            return Err(Refusal::wrong("`insurer` is missing: `csv` is the dictionary of one".to_owned()));
        }
        (None, None) => from_all(&reading, &author, force).await?,
    };
    Ok(HttpResponse::Ok().json(json!({ "imports": imports })))
}

async fn from_file(
    reading: &Reading,
    insurer: String,
    csv: String,
    author: String,
    force: bool,
) -> Result<Value, DictionaryError> {
    let usable = reading.usable();
    if !usable.contains(&insurer) {
        let usable: Vec<String> = usable.into_iter().collect();
        let usable = if usable.is_empty() { "none".to_owned() } else { usable.join(", ") };
        return Err(DictionaryError::Unknown(format!(
            "no insurer of the configuration has the adapter {insurer}; these are there: {usable}"
        )));
    }
    let dictionary = reading.dictionary().clone();
    let work = async move {
        let rows = import::read_sheet(&csv)?;
        dictionary.import(&insurer, rows, "file", &author, force).await
    };
    Ok(read_well(&reading.to_the_end(work).await?))
}

async fn from_insurer(
    reading: &Reading,
    insurer: String,
    author: String,
    force: bool,
) -> Result<Value, DictionaryError> {
    let reader = reading.clone();
    let work = async move { reader.read(&insurer, &author, force).await };
    Ok(read_well(&reading.to_the_end(work).await?))
}

async fn from_all(reading: &Reading, author: &str, force: bool) -> Result<Vec<Value>, DictionaryError> {
    let outcomes = reading.readable().map(async |insurer| {
        let read = from_insurer(reading, insurer.to_owned(), author.to_owned(), force).await;
        read.unwrap_or_else(
            |error| json!({ "insurer": insurer, "problem": Refusal::from(error).to_string() }),
        )
    });
    let outcomes = join_all(outcomes).await;
    if outcomes.is_empty() {
        return Err(DictionaryError::Refused(
            "no insurer that is enabled hands out its dictionary; give one as a CSV file".to_owned(),
        ));
    }
    Ok(outcomes)
}

fn read_well(report: &ImportReport) -> Value {
    json!({ "insurer": report.dictionary, "report": report })
}
