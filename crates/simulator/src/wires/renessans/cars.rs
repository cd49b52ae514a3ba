//! `GET cars/`: the dictionary, whose names are the codes.

use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::{This, query, success};
use crate::{
    Outcome,
    dictionary::{Brand, Entry},
    exchange::{Exchange, Operation, respond},
};

pub(super) const CARS: Operation = Operation::lists("cars");

pub(super) async fn list(request: HttpRequest, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&query(&request), None) {
        return respond(refused);
    }
    let exchange = Exchange::take(&this.company, &CARS, None);
    let model = |entry: &Entry| json!({"model": entry.model, "category": entry.category.map(|category| category.letter().to_string())});
    let make = |brand: &Brand| {
        let models: Vec<Value> = brand.entries.iter().map(model).collect();
        json!({"make": brand.name, "models": models})
    };
    let data = this.company.dictionary().brands().iter().map(make).collect();
    let reply = success(exchange.draws(), data);
    exchange.answer(Outcome::Answered, reply).await
}
