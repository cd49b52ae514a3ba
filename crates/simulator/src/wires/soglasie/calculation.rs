//! `POST CCM/CCMService`, method `calcProduct`: the price, and nothing of what it is made of.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Bytes};

use super::{This, basic, contract::Asked, price_key, soap};
use crate::{
    Outcome,
    company::Refusal,
    exchange::{Exchange, Operation, respond},
    sale::Quoted,
    spoil,
};

pub(super) const CALCULATION: Operation =
    Operation { name: "calcProduct", creates: false, faults: true, waits: true, sale: false };

pub(super) async fn handle(request: HttpRequest, body: Bytes, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return refused.answer();
    }
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|value| value.trim_start().to_lowercase().starts_with("text/xml")) {
        return respond(spoil::page(415, "Unsupported Media Type"));
    }
    let company = &this.company;
    let Some(data) = std::str::from_utf8(&body).ok().and_then(soap::read) else {
        return respond(soap::fault("Cannot find dispatch method"));
    };
    let asked = match Asked::read(&data, &basic::sub_user(&company.credentials), company.dictionary()) {
        Ok(asked) => asked,
        Err(problems) => {
            let exchange = Exchange::take(company, &CALCULATION, None);
            return exchange.answer(Outcome::Rejected, soap::refusal(&problems.join("; "))).await;
        }
    };
    let id = asked.risk.id(&company.world);
    let exchange = Exchange::take(company, &CALCULATION, Some(id));
    let known = asked.request_id.as_ref().map(|request_id| this.bonuses.get(request_id));
    if known.is_some_and(|bonus| bonus != Some(asked.bonus)) {
        let reply = soap::refusal("Неверное значение поля ИДРасчетаКБМ или Кбм");
        return exchange.answer(Outcome::Rejected, reply).await;
    }
    let (outcome, reply) = match company.price(&asked.risk, id, exchange.attempt) {
        Ok(price) => {
            if !exchange.is_refused() {
                let licences: Vec<String> =
                    asked.risk.drivers.iter().flatten().map(|driver| driver.licence.clone()).collect();
                let quoted = Quoted { risk: id, start: asked.risk.start, price };
                this.quotes.put(price_key(id, asked.risk.taxi, &licences), quoted);
            }
            (Outcome::Priced, soap::price(&price.premium.to_string()))
        }
        Err(Refusal(reason)) => (Outcome::Declined, soap::refusal(reason)),
    };
    exchange.answer(outcome, reply).await
}
