//! The dictionaries of marks and models. A mark's id is its place in the list, from 1.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use serde_json::{Value, json};
use veer_contract::domain::VehicleCategory;

use super::{This, failure};
use crate::{
    Outcome, dictionary,
    exchange::{Exchange, Operation, Reply},
};

const MARKS: Operation =
    Operation { name: "vehicle/mark", creates: false, faults: false, waits: false, sale: false };
const MODELS: Operation =
    Operation { name: "vehicle/mark/model", creates: false, faults: false, waits: false, sale: false };

pub(super) async fn marks(request: HttpRequest, this: This) -> HttpResponse {
    if let Err(challenge) = this.admit(&request) {
        return challenge.answer();
    }
    let exchange = Exchange::take(&this.company, &MARKS, None);
    let mark = |(index, brand): (usize, &str)| json!({"mark": brand.to_uppercase(), "mark_id": index + 1});
    let marks: Vec<Value> = dictionary::brands().into_iter().enumerate().map(mark).collect();
    exchange.answer(Outcome::Answered, Reply::json(200, &marks.into())).await
}

pub(super) async fn models(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    if let Err(challenge) = this.admit(&request) {
        return challenge.answer();
    }
    let exchange = Exchange::take(&this.company, &MODELS, None);
    let index = id.parse::<usize>().ok().and_then(|id| id.checked_sub(1));
    let Some(brand) = index.and_then(|index| dictionary::brands().get(index).copied()) else {
        return exchange.answer(Outcome::Rejected, failure(404, "Марка не найдена")).await;
    };
    let models: Vec<Value> = dictionary::all()
        .iter()
        .filter(|known| known.brand == brand)
        .map(|known| {
            json!({
                "model": known.model.to_uppercase(),
                "model_id": known.isn,
                "category_name": category_name(known.category),
            })
        })
        .collect();
    exchange.answer(Outcome::Answered, Reply::json(200, &models.into())).await
}

/// Only the name of B is public; the others follow its pattern.
fn category_name(category: VehicleCategory) -> &'static str {
    match category {
        VehicleCategory::A => "A - мотоциклы",
        VehicleCategory::B => "B - легковые",
        VehicleCategory::C => "C - грузовые",
        VehicleCategory::D => "D - автобусы",
        VehicleCategory::E => "E - составы",
    }
}
