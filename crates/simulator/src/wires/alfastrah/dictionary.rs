//! The dictionaries of marks and models. A mark's id is its place in the list, from 1, until the dictionary is
//! numbered anew.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use serde_json::{Value, json};
use veer_contract::domain::VehicleCategory;

use super::{This, failure};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, Reply},
};

pub(super) const MARKS: Operation = Operation::lists("vehicle/mark");
pub(super) const MODELS: Operation = Operation::lists("vehicle/mark/model");

pub(super) async fn marks(request: HttpRequest, this: This) -> HttpResponse {
    if let Err(challenge) = this.admit(&request) {
        return challenge.answer();
    }
    let exchange = Exchange::take(&this.company, &MARKS, None);
    let brands = this.company.dictionary().brands();
    let marks: Vec<Value> =
        brands.iter().map(|brand| json!({"mark": brand.name, "mark_id": brand.number})).collect();
    exchange.answer(Outcome::Answered, Reply::json(200, &marks.into())).await
}

pub(super) async fn models(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    if let Err(challenge) = this.admit(&request) {
        return challenge.answer();
    }
    let exchange = Exchange::take(&this.company, &MODELS, None);
    let number = id.parse().ok();
    let Some(brand) =
        this.company.dictionary().brands().into_iter().find(|brand| Some(brand.number) == number)
    else {
        return exchange.answer(Outcome::Rejected, failure(404, "Марка не найдена")).await;
    };
    let models: Vec<Value> = brand
        .entries
        .iter()
        .map(|entry| {
            json!({
                "model": entry.model,
                "model_id": entry.isn,
                "category_name": category_name(entry.category),
            })
        })
        .collect();
    exchange.answer(Outcome::Answered, Reply::json(200, &models.into())).await
}

/// Only the name of B is public; the others follow its pattern.
fn category_name(category: Option<VehicleCategory>) -> &'static str {
    match category {
        Some(VehicleCategory::A) => "A - мотоциклы",
        Some(VehicleCategory::B) => "B - легковые",
        Some(VehicleCategory::C) => "C - грузовые",
        Some(VehicleCategory::D) => "D - автобусы",
        Some(VehicleCategory::E) => "E - составы",
        None => "Тракторы",
    }
}
