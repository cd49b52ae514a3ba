//! `GET cars/`: the dictionary, whose names are the codes.

use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::{This, query};
use crate::{
    Outcome, Wire, dictionary,
    exchange::{Exchange, Operation, Reply, respond},
};

const CARS: Operation = Operation { name: "cars", creates: false, faults: false, waits: false, sale: false };

pub(super) async fn list(request: HttpRequest, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&query(&request), None) {
        return respond(refused);
    }
    let exchange = Exchange::take(&this.company, &CARS, None);
    let all = dictionary::vehicles(Wire::Renessans);
    let make = |brand: &str| {
        let models: Vec<Value> = all
            .iter()
            .filter(|row| row.brand == brand)
            .map(|row| json!({"model": row.model, "category": row.category.map(|c| c.letter().to_string())}))
            .collect();
        json!({"make": brand, "models": models})
    };
    let data: Vec<Value> = dictionary::brands().into_iter().map(make).collect();
    let reply = Reply::json(200, &json!({"result": true, "data": data}));
    exchange.answer(Outcome::Answered, reply).await
}
