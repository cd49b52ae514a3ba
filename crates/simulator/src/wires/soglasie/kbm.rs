//! `POST rsaproxy/api/osago/v1/kbm`: the drivers' КБМ. Its `requestId` is good for calculations.

use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use serde_json::{Value, json};

use super::{This, risk_of};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, Reply},
    wires::fields::{Fields, number},
};

pub(super) const KBM: Operation =
    Operation { name: "kbm", creates: false, faults: true, waits: false, sale: false };

/// The request went well.
const SUCCESS: u8 = 3;
/// It did not; the real numbers are not public.
const FAILED: u8 = 4;
/// РСА's number of a Russian licence.
const LICENCE: &str = "20";

pub(super) async fn handle(request: HttpRequest, body: Bytes, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return refused.answer();
    }
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        let exchange = Exchange::take(&this.company, &KBM, None);
        return exchange.answer(Outcome::Rejected, super::failure(400, "Неверный JSON", "")).await;
    };
    let mut fields = Fields::of_json(&body);
    let vehicle = fields.need_any(&[
        "vehicleId.vin",
        "vehicleId.licensePlate",
        "vehicleId.bodyNumber",
        "vehicleId.chassisNumber",
    ]);
    if body["vehicleId"].as_object().is_some_and(|numbers| numbers.len() != 1) {
        fields.wrong("vehicleId");
    }
    let start = fields.need_day(&["contractEffectiveDate"]);
    // It may lie behind the first day: the partner's own example asks for a policy of the past.
    fields.need_day(&["contractClosingDate"]);
    if fields.need("driverLimitIndicator") != "true" {
        fields.wrong("driverLimitIndicator");
    }
    let licences = licences(&mut fields);
    let problems = fields.problems();
    let exchange = Exchange::take(&this.company, &KBM, Some(risk_of(&this.company, &vehicle, start)));
    if !problems.is_empty() {
        let reply = super::failure(400, "Ошибка валидации", &problems.join("; "));
        return exchange.answer(Outcome::Rejected, reply).await;
    }
    let classes: Vec<_> = licences.iter().map(|licence| this.company.bonus_malus(licence)).collect();
    let largest = classes.iter().max().copied().unwrap_or_default();
    let request_id = exchange.draws().uuid("request");
    if !exchange.is_refused() {
        this.bonuses.put(request_id.clone(), largest);
    }
    let drivers: Vec<Value> = classes
        .iter()
        .enumerate()
        .map(|(index, class)| {
            json!({
                "partyRequestId": exchange.draws().with_number(index as u64).uuid("party"),
                "kbm": number(*class),
                "originalKbm": number(*class),
                "accidentCount": 0,
            })
        })
        .collect();
    let answer = json!({
        "requestId": request_id,
        "statusCode": SUCCESS,
        "processingResult": {"calculatedKbmValue": number(largest), "calculateKbmResponses": drivers},
        "errors": [],
    });
    exchange.answer(Outcome::Answered, Reply::json(200, &answer)).await
}

/// The registry's no, in the answer's own form.
pub(super) fn failure(code: &str, description: &str) -> Reply {
    let error = json!({"code": code, "description": description, "isCritical": true});
    Reply::json(200, &json!({"requestId": null, "statusCode": FAILED, "errors": [error]}))
}

/// Series and number of every driver's licence.
fn licences(fields: &mut Fields<'_>) -> Vec<String> {
    let path = |index: usize, field: &str| format!("persons.{index}.driverLicense.{field}");
    let count = fields.count(|index| path(index, "docNumber"));
    if count == 0 {
        fields.missing("persons");
    }
    let licence = |index| {
        for field in ["countryCode", "lastName", "firstName"] {
            fields.need(&path(index, field));
        }
        fields.need_day(&[&path(index, "birthDate")]);
        if fields.need(&path(index, "docType")) != LICENCE {
            fields.wrong(&path(index, "docType"));
        }
        let series = fields.maybe(&path(index, "docSeries")).unwrap_or_default();
        series + &fields.need(&path(index, "docNumber"))
    };
    (0..count).map(licence).collect()
}
