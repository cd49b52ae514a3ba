//! `GET cars` and `GET cars/{id}`: the makes, and the models of one of them.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use serde_json::{Value, json};

use super::{This, failure};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, Reply},
};

pub(super) const MAKES: Operation = Operation::lists("cars");
pub(super) const MODELS: Operation = Operation::lists("cars/{id}");

/// What tractors have in place of a category.
const TRACTORS: &str = "F";

pub(super) async fn makes(request: HttpRequest, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return refused.answer();
    }
    let exchange = Exchange::take(&this.company, &MAKES, None);
    let brands = this.company.dictionary().brands();
    let makes: Vec<Value> =
        brands.iter().map(|brand| json!({"id": brand.number, "name": brand.name})).collect();
    exchange.answer(Outcome::Answered, Reply::json(200, &makes.into())).await
}

pub(super) async fn models(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return refused.answer();
    }
    let exchange = Exchange::take(&this.company, &MODELS, None);
    let number = id.parse().ok();
    let brands = this.company.dictionary().brands();
    let Some(brand) = brands.into_iter().find(|brand| Some(brand.number) == number) else {
        return exchange.answer(Outcome::Rejected, failure(404, "Марка не найдена", "")).await;
    };
    let models: Vec<Value> = brand
        .entries
        .iter()
        .map(|entry| {
            let category = entry.category.map(|category| category.letter().to_string());
            json!({"id": entry.isn, "name": entry.model, "cat": category.unwrap_or_else(|| TRACTORS.into())})
        })
        .collect();
    exchange.answer(Outcome::Answered, Reply::json(200, &models.into())).await
}
