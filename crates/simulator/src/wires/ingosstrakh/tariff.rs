//! `GetTariff`: the price. The wire gives the amount and nothing of what it is made of; what is sold along
//! is of our own making.

use actix_web::HttpResponse;

use super::{Insurer, REFUSED, agreement, products, soap::Request};
use crate::{
    Outcome,
    company::Refusal,
    exchange::{Exchange, Operation},
};

pub(super) const GET_TARIFF: Operation =
    Operation { name: "GetTariff", creates: false, faults: true, waits: true, sale: false };

pub(super) async fn answer(this: &Insurer, request: &Request) -> HttpResponse {
    let read = request.body.find("Agreement").map_or_else(
        || Err(vec!["Не заполнено обязательное поле TariffParameters.Agreement".into()]),
        |tree| agreement::read(tree, this.company.dictionary()),
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
            let products = products::list(&this.company.cross_sales(id, price.pooled));
            let tariff = format!(
                "<Tariff><PremiumAmount>{}</PremiumAmount><ReinsurancePool>{}</ReinsurancePool>{products}\
                 </Tariff>",
                price.premium,
                if price.pooled { "Y" } else { "N" },
            );
            (Outcome::Priced, request.success(&tariff))
        }
        Err(Refusal(reason)) => (Outcome::Declined, request.refusal(REFUSED, reason)),
    };
    exchange.answer(outcome, reply).await
}
