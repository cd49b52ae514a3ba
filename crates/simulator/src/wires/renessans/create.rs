//! `POST create/`: the trial (`CheckSegment` 1), which shows what the insurer would make of a calculation,
//! and the application (`CheckSegment` 0). Each call makes a new one.

use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use serde_json::{Value, json};
use veer_contract::domain::Kopecks;

use super::{This, body, calculations::Calculation, failure, query, success};
use crate::{
    Outcome,
    company::Refusal,
    exchange::{Exchange, Operation, Reply, respond},
    sale::{Application, Quoted, Verdict},
    wires::{fields::Fields, upsales},
};

pub(super) const SEGMENT: Operation = Operation::makes("create/segment");
pub(super) const APPLICATION: Operation = Operation::makes("create/application");

pub(super) async fn handle(request: HttpRequest, bytes: Bytes, this: This) -> HttpResponse {
    let tree = body(&request, &bytes);
    if let Err(refused) = this.admit(&query(&request), Some(&tree)) {
        return respond(refused);
    }
    let mut fields = Fields::of_json(&tree);
    let trial = match fields.need("CheckSegment").as_str() {
        "0" | "false" => false,
        text => {
            if !["1", "true", ""].contains(&text) {
                fields.wrong("CheckSegment");
            }
            true
        }
    };
    let calculation = fields.need("calculationId").parse().ok().and_then(|id| this.calculations.get(&id));
    let operation = if trial { &SEGMENT } else { &APPLICATION };
    let exchange = Exchange::take(&this.company, operation, calculation.map(|calculation| calculation.risk));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    // A trial is about the policy alone.
    let selection = if trial { None } else { tree.get("upsales") };
    let (outcome, reply) = match apply(&this, &exchange, fields, calculation, trial, selection) {
        Ok(policy) => (Outcome::Pending, success(exchange.draws(), json!({"policyId": policy}))),
        Err(refused) => (Outcome::Rejected, refused),
    };
    exchange.answer(outcome, reply).await
}

fn apply(
    this: &This,
    exchange: &Exchange<'_>,
    mut fields: Fields<'_>,
    calculation: Option<Calculation>,
    trial: bool,
    selection: Option<&Value>,
) -> Result<u64, Reply> {
    fields.need("cabinet.email");
    fields.need("car.year");
    fields.need_any(&["insurer.lastname", "insurer.organization.name"]);
    fields.need_any(&["car.sts.number", "car.pts.number"]);
    let problems = fields.problems();
    if !problems.is_empty() {
        return Err(failure(&problems.join("; ")));
    }
    let calculation = calculation.ok_or_else(|| failure("Расчёт не найден"))?;
    let Ok(price) = calculation.result else {
        return Err(failure("По расчёту получен отказ"));
    };
    if !calculation.wait.is_over() {
        return Err(failure("Расчёт ещё не выполнен"));
    }
    let book = &this.company.book;
    let passed = |application: &Application| {
        application.trial
            && application.risk == calculation.risk
            && application.checks.is_over()
            && application.verdict == Verdict::Approved
    };
    if !trial && !book.any(passed) {
        return Err(failure("Не пройдена сегментация"));
    }
    let selected = upsales::selected(selection).ok_or_else(|| failure("Неверное значение поля upsales"))?;
    let extra = if trial {
        Kopecks::ZERO
    } else {
        this.company
            .selected(calculation.risk, price.pooled, &selected)
            .map_err(|Refusal(reason)| failure(reason))?
    };
    let quoted = Quoted { risk: calculation.risk, start: calculation.start, price };
    let application = Application { trial, extra, ..Application::new(&this.company, exchange, quoted) };
    let from = 800_000_000 + exchange.draws().below("policy id", 100_000_000);
    let key = book.apply_under(from, |number| number.to_string(), application);
    Ok(key.parse().unwrap_or(from))
}
