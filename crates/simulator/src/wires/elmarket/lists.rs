//! `GET lists/marks/`, `lists/models/` and `lists/companies/`: at most `limit` rows of each.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web::Query};
use serde_json::{Value, json};

use super::{This, companies, failure};
use crate::{
    Outcome,
    dictionary::Entry,
    exchange::{Exchange, Operation, Reply, respond},
};

pub(super) const MARKS: Operation = Operation::lists("lists/marks");
pub(super) const MODELS: Operation = Operation::lists("lists/models");
pub(super) const COMPANIES: Operation = Operation::lists("lists/companies");

type Asked = Query<HashMap<String, String>>;

/// Rows where the caller does not say how many.
const USUAL: usize = 100;

pub(super) async fn marks(request: HttpRequest, asked: Asked, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let exchange = Exchange::take(&this.company, &MARKS, None);
    let brands = this.company.dictionary().brands();
    let rows = brands.iter().map(|brand| {
        json!({"id": brand.number, "name": brand.name, "category": letter(brand.entries.first())})
    });
    let reply = list(rows, &asked);
    exchange.answer(Outcome::Answered, reply).await
}

pub(super) async fn models(request: HttpRequest, asked: Asked, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let exchange = Exchange::take(&this.company, &MODELS, None);
    let number = asked.get("mark_id").and_then(|id| id.parse().ok());
    let brands = this.company.dictionary().brands();
    let Some(brand) = brands.iter().find(|brand| Some(brand.number) == number) else {
        let reply = failure(400, "Неверное значение поля mark_id");
        return exchange.answer(Outcome::Rejected, reply).await;
    };
    let rows = brand.entries.iter().map(|entry| {
        json!({"id": entry.isn, "name": entry.model, "category": letter(Some(entry)), "mark_id": brand.number})
    });
    let reply = list(rows, &asked);
    exchange.answer(Outcome::Answered, reply).await
}

pub(super) async fn companies(request: HttpRequest, asked: Asked, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let exchange = Exchange::take(&this.company, &COMPANIES, None);
    let rows = companies::ALL.into_iter().zip(1_u32..);
    let rows = rows.map(|(partner, id)| json!({"id": id, "code": partner.code, "name": partner.name}));
    let reply = list(rows, &asked);
    exchange.answer(Outcome::Answered, reply).await
}

fn list(rows: impl Iterator<Item = Value>, asked: &Asked) -> Reply {
    let limit = asked.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(USUAL);
    Reply::json(200, &json!({"results": rows.take(limit).collect::<Value>()}))
}

/// A mark has the category of its first model; tractors have none.
fn letter(entry: Option<&Entry>) -> Option<String> {
    Some(entry?.category?.letter().to_string())
}
