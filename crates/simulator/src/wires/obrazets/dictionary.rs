//! `GET api/v1/vehicles`: the dictionary, all of it at once.

use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::This;
use crate::{
    Outcome,
    dictionary::{Brand, Entry},
    exchange::{Exchange, Operation, Reply, respond},
};

pub(super) const VEHICLES: Operation = Operation::lists("vehicles");

pub(super) async fn list(request: HttpRequest, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let exchange = Exchange::take(&this.company, &VEHICLES, None);
    let model = |brand: &Brand, entry: &Entry| {
        json!({
            "code": entry.isn.to_string(),
            "brand_code": brand.number.to_string(),
            "brand": brand.name,
            "model": entry.model,
            "category": entry.category.map(|category| category.letter().to_string()),
        })
    };
    let brands = this.company.dictionary().brands();
    let rows = brands.iter().flat_map(|brand| brand.entries.iter().map(move |entry| model(brand, entry)));
    let reply = Reply::json(200, &json!({"vehicles": rows.collect::<Value>()}));
    exchange.answer(Outcome::Answered, reply).await
}
