//! `POST wapi/osago/calculation`: the price.

use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use serde_json::{Value, json};

use super::{Insurer, This, failures, first_second, last_second, request::Asked};
use crate::{
    Outcome,
    company::{Price, Refusal},
    draws::Draws,
    exchange::{Exchange, Operation, Reply},
    risk::Risk,
    sale::Quoted,
    wires::{
        alfastrah::failure,
        fields::{at, number},
        upsales,
    },
};

pub(super) const CALCULATION: Operation =
    Operation { name: "calculation", creates: true, faults: true, waits: true, sale: false };

pub(super) async fn handle(request: HttpRequest, body: Bytes, this: This) -> HttpResponse {
    if let Err(challenge) = this.admit(&request) {
        return challenge.answer();
    }
    let rejected = |problems: Vec<String>| {
        let exchange = Exchange::take(&this.company, &CALCULATION, None);
        exchange.answer(Outcome::Rejected, failures(400, &problems))
    };
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return rejected(vec!["Тело запроса не является JSON".into()]).await;
    };
    let asked = match Asked::read(&body, this.company.dictionary()) {
        Ok(asked) => asked,
        Err(problems) => return rejected(problems).await,
    };
    let id = asked.risk.id(&this.company.world);
    let exchange = Exchange::take(&this.company, &CALCULATION, Some(id));
    if !asked.known_vehicle {
        // The real service does not check what it is given; it breaks on it.
        let reply = failure(500, "Нераспознанная системная ошибка (unrecognized system error)");
        return exchange.answer(Outcome::Rejected, reply).await;
    }
    let price = this.company.price(&asked.risk, id, exchange.attempt);
    let outcome = if price.is_ok() { Outcome::Priced } else { Outcome::Declined };
    let uuid = exchange.draws().uuid("osago");
    if let Ok(price) = price
        && !exchange.is_refused()
    {
        this.quotes.put(uuid.clone(), Quoted { risk: id, start: asked.risk.start, price });
    }
    let mut answer = answer(&this, exchange.draws(), &body, &asked.risk, price);
    answer["osago_uuid"] = uuid.into();
    if let Ok(price) = price {
        answer["upsales"] = upsales::list(&this.company.cross_sales(id, price.pooled));
        answer["calculation_details"]["reinsurance_pool"] = price.pooled.into();
    }
    let reply = Reply::json(200, &answer);
    exchange.answer(outcome, reply).await
}

fn answer(this: &Insurer, draws: &Draws, body: &Value, risk: &Risk, price: Result<Price, Refusal>) -> Value {
    let details = match &price {
        Ok(price) => json!({
            "insurance_premium": price.premium.as_json_number(),
            "kbm_value": number(price.factors.bonus_malus),
            "success": true,
            "need_underwriter_coordination": false,
            "popup_message": "",
        }),
        // A no comes in two forms: a failure, or the wish that an underwriter looks at it.
        Err(Refusal(reason)) => {
            let underwriter = draws.happens("underwriter", 0.5);
            json!({
                "insurance_premium": null,
                "kbm_value": null,
                "success": underwriter,
                "need_underwriter_coordination": underwriter,
                "popup_message": reason,
            })
        }
    };
    let mut details = details;
    details["kbm_request_rsa_id"] = json!(draws.uuid("kbm request"));
    details["owner_party_request_id"] = Value::Null;
    details["kbm_calculation_comment_list"] = json!([]);
    let coefficients = price.iter().flat_map(|price| price.factors.named());
    json!({
        "calculation_details": details,
        "coefficients": coefficients
            .map(|(name, value)| json!({"name": name, "value": value.normalize().to_string()}))
            .collect::<Vec<_>>(),
        "drivers": drivers(this, draws, body, risk),
        "insurance_contract": {
            "agreement_type": "ОСАГО",
            "begin_date": first_second(risk.start),
            "end_date": last_second(risk.start),
            "operation_periods": at(body, "insurance_contract.operation_periods"),
            "discount_program": null,
        },
        "comment_list": [],
    })
}

fn drivers(this: &Insurer, draws: &Draws, body: &Value, risk: &Risk) -> Vec<Value> {
    let driver = |(index, driver): (usize, &crate::risk::Driver)| {
        let echo = |field: &str| at(body, &format!("drivers.{index}.driver_data.{field}")).cloned();
        json!({
            "last_name": echo("last_name"),
            "first_name": echo("first_name"),
            "middle_name": echo("middle_name"),
            "birth_date": echo("birth_date"),
            "kbm": number(this.company.bonus_malus(&driver.licence)),
            "party_request_id": draws.with_number(index as u64).uuid("party"),
        })
    };
    risk.drivers.iter().flatten().enumerate().map(driver).collect()
}
