//! `POST quotes`: the price. Nothing is stored.

use actix_web::{HttpRequest, HttpResponse, web::Bytes};

use super::{
    Patience, This, failure, failures, gave_up,
    operations::{Held, stub},
    policy,
};
use crate::{
    Outcome,
    company::Refusal,
    exchange::{Exchange, Operation, Reply, respond},
    sale::Wait,
};

pub(super) const QUOTES: Operation =
    Operation { name: "quotes", creates: false, faults: true, waits: true, sale: false };

pub(super) async fn handle(request: HttpRequest, body: Bytes, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return respond(refused);
    }
    let risk = match policy::read(&body, this.company.dictionary()) {
        Ok(risk) => risk,
        Err(problems) => {
            let exchange = Exchange::take(&this.company, &QUOTES, None);
            return exchange.answer(Outcome::Rejected, failures(400, &problems)).await;
        }
    };
    let id = risk.id(&this.company.world);
    let exchange = Exchange::take(&this.company, &QUOTES, Some(id));
    let patience = Patience::of(&request, exchange.knobs());
    let result = this.company.price(&risk, id, exchange.attempt);
    let draft_id = exchange.draws().uuid("draft");
    let at_once = exchange.draws().happens("operation", exchange.knobs().operations);
    let late = exchange.latency() > patience.time();
    if late && let Patience::Cut(time) = patience {
        return exchange.answered_within(time).answer(Outcome::Pending, gave_up()).await;
    }
    if late || at_once {
        let wait = Wait::new(exchange.latency(), exchange.knobs().polls.draw(exchange.draws()));
        this.operations.put(draft_id.clone(), Held::Price { risk: id, start: risk.start, result, wait });
        let time = if at_once { std::time::Duration::ZERO } else { patience.time() };
        let reply = Reply::json(202, &stub(&draft_id, &draft_id));
        return exchange.answered_within(time).answer(Outcome::Pending, reply).await;
    }
    let (outcome, reply) = match result {
        Ok(price) => {
            (Outcome::Priced, Reply::json(200, &policy::priced(risk.start, price.premium, &draft_id)))
        }
        Err(Refusal(reason)) => (Outcome::Declined, failure(400, reason)),
    };
    exchange.answer(outcome, reply).await
}
