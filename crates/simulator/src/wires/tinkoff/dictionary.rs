//! The dictionary service: types, the years of a type, the makers of a year, the models of a maker in a year. JSON, the
//! method's name around question and answer.

use actix_web::{
    HttpResponse,
    web::{Bytes, Data},
};
use serde_json::{Value, json};
use veer_contract::domain::VehicleCategory;

use super::{Insurer, UNKNOWN_ACCOUNT};
use crate::{
    Outcome,
    dictionary::{Brand, Entry, RUNS, Run},
    exchange::{Exchange, Operation, Reply, respond},
    spoil,
};

pub(super) const TYPES: Operation = Operation::lists("listTypes");
pub(super) const YEARS: Operation = Operation::lists("listYears");
pub(super) const MAKERS: Operation = Operation::lists("listMakers");
pub(super) const MODELS: Operation = Operation::lists("listModels");

/// The types with vehicles; there are more, and no vehicle of theirs is sold here.
const ROAD: [(i64, &str, VehicleCategory); 4] = [
    (1, "A", VehicleCategory::A),
    (2, "B", VehicleCategory::B),
    (3, "C", VehicleCategory::C),
    (4, "D", VehicleCategory::D),
];
const OTHERS: [(i64, &str); 4] = [(5, "Tb"), (6, "Tm"), (9, "Муниципальный транспорт"), (13, "Погрузчик")];

type Rows = Vec<(i64, String)>;

pub(super) async fn handle(body: Bytes, this: Data<Insurer>) -> HttpResponse {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let named = [&TYPES, &YEARS, &MAKERS, &MODELS].into_iter().find_map(|operation| {
        let question = body.get(format!("{}Request", operation.name))?;
        Some((operation, question))
    });
    let Some((operation, question)) = named else { return respond(spoil::page(400, "Bad Request")) };
    let header = |name: &str| question["Header"][name].as_str().unwrap_or_default();
    if !this.knows(header("user"), header("password")) {
        return respond(refused(operation, UNKNOWN_ACCOUNT));
    }
    let exchange = Exchange::take(&this.company, operation, None);
    let (outcome, reply) = match rows(&this, operation, question) {
        Ok(rows) => (Outcome::Answered, listed(operation, &rows)),
        Err(problem) => (Outcome::Rejected, refused(operation, &problem)),
    };
    exchange.answer(outcome, reply).await
}

fn rows(this: &Insurer, operation: &Operation, question: &Value) -> Result<Rows, String> {
    let number =
        |name: &str| question[name].as_i64().ok_or_else(|| format!("Не заполнено обязательное поле {name}"));
    if operation.name == TYPES.name {
        let road = ROAD.iter().map(|(id, name, _)| (*id, *name));
        return Ok(road.chain(OTHERS).map(|(id, name)| (id, name.to_owned())).collect());
    }
    let kind = number("vehicleType")?;
    let category = ROAD.iter().find(|(id, _, _)| *id == kind).map(|(_, _, category)| *category);
    if operation.name == YEARS.name {
        let mut years: Rows = RUNS
            .iter()
            .flat_map(|run| run.years.0..=run.years.1)
            .map(|year| (year.into(), year.to_string()))
            .collect();
        years.sort();
        return Ok(if category.is_some() { years } else { Vec::new() });
    }
    let year = number("year")?;
    let Some(run) = i16::try_from(year).ok().and_then(Run::of) else { return Ok(Vec::new()) };
    let brands = this.company.dictionary().brands();
    let fits = |entry: &&Entry| entry.category.is_some() && entry.category == category;
    if operation.name == MAKERS.name {
        let listed = brands.iter().filter(|brand| brand.entries.iter().any(|entry| fits(&entry)));
        return Ok(listed.map(|brand| (brand.number.into(), brand.name.to_owned())).collect());
    }
    let maker = number("maker")?;
    let of_maker = brands.iter().filter(|brand: &&Brand| i64::from(brand.number) == maker);
    let models = of_maker.flat_map(|brand| brand.entries.iter().filter(fits));
    Ok(models.map(|entry| (run.number(entry).into(), entry.model.to_owned())).collect())
}

fn listed(operation: &Operation, rows: &Rows) -> Reply {
    let rows: Vec<Value> = rows.iter().map(|(id, name)| json!({"id": id, "name": name})).collect();
    answer(operation, &rows.into(), &Value::Null)
}

fn refused(operation: &Operation, problem: &str) -> Reply {
    answer(operation, &Value::Null, &problem.into())
}

fn answer(operation: &Operation, rows: &Value, problem: &Value) -> Reply {
    let name = operation.name;
    Reply::json(200, &json!({format!("{name}Response"): {name: rows, "errorDescr": problem}}))
}
