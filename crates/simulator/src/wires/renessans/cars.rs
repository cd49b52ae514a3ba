//! `GET cars/`: the dictionary, whose names are the codes.

use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::{This, query, success};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, respond},
};

pub(super) const CARS: Operation = Operation::lists("cars");

pub(super) async fn list(request: HttpRequest, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&query(&request), None) {
        return respond(refused);
    }
    let exchange = Exchange::take(&this.company, &CARS, None);
    let dictionary = this.company.dictionary();
    let make = |brand: &str| {
        let models: Vec<Value> = dictionary
            .of_brand(brand)
            .iter()
            .map(|entry| json!({"model": entry.model, "category": entry.category.map(|c| c.letter().to_string())}))
            .collect();
        json!({"make": brand, "models": models})
    };
    let data = dictionary.brands().iter().map(|brand| make(brand.name)).collect();
    let reply = success(exchange.draws(), data);
    exchange.answer(Outcome::Answered, reply).await
}
