//! `GetTariff`: the price. The wire gives the amount and nothing of what it is made of.

use actix_web::HttpResponse;

use super::{Insurer, REFUSED, agreement, soap::Request};
use crate::{
    Outcome,
    company::Refusal,
    exchange::{Exchange, Operation},
};

const GET_TARIFF: Operation = Operation { name: "GetTariff", creates: false, faults: true, waits: true };

pub(super) async fn answer(this: &Insurer, request: &Request) -> HttpResponse {
    let read = request.body.find("Agreement").map_or_else(
        || Err(vec!["Не заполнено обязательное поле TariffParameters.Agreement".into()]),
        agreement::read,
    );
    let risk = match read {
        Ok(risk) => risk,
        Err(problems) => {
            let exchange = Exchange::take(&this.company, &GET_TARIFF, None);
            return exchange.answer(Outcome::Rejected, request.refusal(REFUSED, &problems.join("; "))).await;
        }
    };
    let id = risk.id(&this.company.world);
    let exchange = Exchange::take(&this.company, &GET_TARIFF, Some(id));
    let (outcome, reply) = match this.company.price(&risk, id, exchange.attempt) {
        Ok(price) => {
            let amount = format!("<Tariff><PremiumAmount>{}</PremiumAmount></Tariff>", price.premium);
            (Outcome::Priced, request.success(&amount))
        }
        Err(Refusal(reason)) => (Outcome::Declined, request.refusal(REFUSED, reason)),
    };
    exchange.answer(outcome, reply).await
}
