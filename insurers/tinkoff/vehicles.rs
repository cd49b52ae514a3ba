//! The dictionary: the years, the makes of each year, the models of each make in each of its years.
//!
//! A model's number holds for a year of production, so every year is asked; the years of the last four decades are
//! read, for each is a call a make. A make is published when all of its years are here: consecutive years in which a
//! model has the same number and name are one row. What cannot be read ends the reading with a fault, for a part of
//! the dictionary is not the dictionary.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use veer_contract::{
    Body, Call, Context, Decline, Effect, Event, Fault, Flow, Lane, Method, Next, Reply, Step,
    domain::{InsurerVehicle, VehicleCategory},
    operation::Vehicles,
    slot,
};

use super::request;
use crate::{
    dictionary::{self, Rows, Told},
    loose::Loose,
};

/// Reads the dictionary.
pub(super) struct Dictionary;

/// How far it is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reading {
    /// The years are asked for.
    Years,
    /// The makes of the first few of these years are.
    Makes { left: Vec<Year>, known: Vec<Make> },
    /// The models of the first make are, in the first few of its years.
    Models {
        makes: Vec<Make>,
        /// The models of the first make so far.
        runs: Vec<Run>,
        /// Whether any vehicle was found so far.
        found: bool,
    },
}

/// A year of the dictionary, with the id that is sent back as it came.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Year {
    id: Value,
    year: i16,
}

/// A make, and the years in which it is listed and not read yet.
#[derive(Serialize, Deserialize)]
pub(super) struct Make {
    id: Value,
    name: String,
    years: Vec<Year>,
}

/// A model in the years from the first to the last.
#[derive(Serialize, Deserialize)]
pub(super) struct Run {
    id: String,
    name: String,
    years: (i16, i16),
}

/// Category B, the only one in the manifest's scope.
const VEHICLE_TYPE: u8 = 2;
/// Years of production that are read, back from today's.
const DECADES: i16 = 40;
/// Calls at once.
const AT_ONCE: usize = 8;
const WHAT: &str = "the dictionary of years, makes and models";

type Turn = Step<Reading, Vec<InsurerVehicle>>;

// === impl Dictionary ===

impl Flow<Vehicles> for Dictionary {
    type State = Reading;

    fn start(&self, (): &(), cx: &Context<'_>) -> Turn {
        Step::call(ask("listYears", json!({"vehicleType": VEHICLE_TYPE}), cx), Reading::Years)
    }

    fn resume(&self, (): &(), state: Reading, event: Event<'_>, cx: &Context<'_>) -> Turn {
        let turn = match (state, event) {
            (Reading::Years, event) => event
                .reply("listYears")
                .and_then(|reply| years(reply, cx.today))
                .map(|left| next_makes(left, Vec::new(), cx)),
            (Reading::Makes { left, known }, Event::Replies(replies)) if !replies.is_empty() => {
                makes(left, known, replies, cx)
            }
            (Reading::Models { makes, runs, found }, Event::Replies(replies)) if !replies.is_empty() => {
                models(makes, runs, found, replies, cx)
            }
            _ => Err(Fault::not_understood("the calls' replies are not here")),
        };
        turn.unwrap_or_else(Step::fail)
    }
}

/// A call of the dictionary service, whose name stands around what it is asked.
fn ask(method: &str, mut about: Value, cx: &Context<'_>) -> Call {
    about["Header"] = json!({"user": cx.settings.get("user"), "password": slot::secret("password")});
    let body = json!({format!("{method}Request"): about});
    let path = request::path("dictionary_path", cx);
    Call::new(method, Lane::Dictionary, Effect::Read, Method::Post, path)
        .with_body(Body::Json(body.to_string()))
}

fn next_makes(left: Vec<Year>, known: Vec<Make>, cx: &Context<'_>) -> Turn {
    let call = |year: &Year| ask("listMakers", json!({"year": year.id, "vehicleType": VEHICLE_TYPE}), cx);
    let calls: Vec<Call> = left.iter().take(AT_ONCE).map(call).collect();
    if calls.is_empty() {
        return next_models(known, Vec::new(), false, cx);
    }
    Step::calls(calls, Reading::Makes { left, known })
}

fn next_models(makes: Vec<Make>, runs: Vec<Run>, found: bool, cx: &Context<'_>) -> Turn {
    let Some(make) = makes.first() else {
        return if found {
            Step { emit: Vec::new(), next: Next::Done }
        } else {
            Step::fail(dictionary::empty(WHAT))
        };
    };
    let call = |year: &Year| {
        ask("listModels", json!({"year": year.id, "vehicleType": VEHICLE_TYPE, "maker": make.id}), cx)
    };
    let calls = make.years.iter().take(AT_ONCE).map(call).collect();
    Step::calls(calls, Reading::Models { makes, runs, found })
}

/// The years in the reply that are read, the earliest first.
fn years(reply: &Reply, today: Date) -> Result<Vec<Year>, Fault> {
    let mut years = Vec::new();
    for (id, name) in list(reply)? {
        let year = name.trim().parse().ok().or_else(|| id_text(&id).parse().ok());
        let year: i16 = year.ok_or_else(|| Fault::not_understood("a row of listYears is no year"))?;
        if (today.year() - DECADES..=today.year() + 1).contains(&year) {
            years.push(Year { id, year });
        }
    }
    years.sort_by_key(|year| year.year);
    years.dedup_by_key(|year| year.year);
    Ok(years)
}

/// Adds the makes in the replies, which stand in the order of the years.
fn makes(
    mut left: Vec<Year>,
    mut known: Vec<Make>,
    replies: &[Reply],
    cx: &Context<'_>,
) -> Result<Turn, Fault> {
    for (year, reply) in left.drain(..replies.len().min(left.len())).zip(replies) {
        for (id, name) in list(reply)? {
            let place = known.iter().position(|make| make.id == id && make.name == name);
            match place.and_then(|place| known.get_mut(place)) {
                Some(make) if make.years.last().is_some_and(|last| last.year == year.year) => {}
                Some(make) => make.years.push(year.clone()),
                None => known.push(Make { id, name, years: vec![year.clone()] }),
            }
        }
    }
    Ok(next_makes(left, known, cx))
}

/// Adds the models in the replies, which stand in the order of the first make's years, and publishes the make when it
/// is whole.
fn models(
    mut makes: Vec<Make>,
    mut runs: Vec<Run>,
    found: bool,
    replies: &[Reply],
    cx: &Context<'_>,
) -> Result<Turn, Fault> {
    let make = makes.first_mut().ok_or_else(|| Fault::not_understood("no make is being read"))?;
    for (year, reply) in make.years.drain(..replies.len().min(make.years.len())).zip(replies) {
        list(reply)?.into_iter().for_each(|(id, name)| join(&mut runs, id_text(&id), name, year.year));
    }
    if !make.years.is_empty() {
        return Ok(next_models(makes, runs, found, cx));
    }
    let make = makes.remove(0);
    let rows = rows(&make, runs)?;
    let turn = next_models(makes, Vec::new(), found || !rows.is_empty(), cx);
    Ok(if rows.is_empty() { turn } else { turn.emitting(rows) })
}

/// Adds a model of one year to the run that ends with the year before, or begins one.
fn join(runs: &mut Vec<Run>, id: String, name: String, year: i16) {
    let goes_on =
        |run: &&mut Run| run.id == id && run.name == name && (year - 1..=year).contains(&run.years.1);
    match runs.iter_mut().find(goes_on) {
        Some(run) => run.years.1 = year,
        None => runs.push(Run { id, name, years: (year, year) }),
    }
}

fn rows(make: &Make, runs: Vec<Run>) -> Result<Vec<InsurerVehicle>, Fault> {
    let mut rows = Rows::default();
    for run in runs {
        let vehicle = InsurerVehicle {
            brand: make.name.clone(),
            model: run.name,
            brand_code: Some(id_text(&make.id)),
            code: Some(run.id),
            years: Some(run.years),
            ..InsurerVehicle::default()
        };
        rows.add(Told::Category(VehicleCategory::B), vehicle);
    }
    rows.part("a make")
}

/// The rows of a reply, each with its id as it came and its name. A row without an id cannot be asked about or
/// insured, so it is left out.
fn list(reply: &Reply) -> Result<Vec<(Value, String)>, Fault> {
    let tree: Value = reply.json()?;
    let answer = field(&tree, &format!("{}Response", reply.tag));
    let words = answer.map_or_else(String::new, |answer| Loose::of(answer).get("errordescr").trimmed());
    if !words.is_empty() {
        return Err(dictionary::failure(Decline::declined(words).into()));
    }
    let rows = answer.and_then(|answer| field(answer, &reply.tag)).and_then(Value::as_array);
    let rows = rows.ok_or_else(|| {
        Fault::not_understood(format!("the reply to `{}` has no list of that name", reply.tag))
    })?;
    let row = |row: &Value| {
        let name = field(row, "name").map(|name| Loose::of(name).text().unwrap_or_default().into_owned());
        (field(row, "id").cloned().unwrap_or_default(), name.unwrap_or_default())
    };
    Ok(rows.iter().map(row).filter(|(id, _)| !id_text(id).is_empty()).collect())
}

/// The value under `key`, whatever its case.
fn field<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    value.as_object()?.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
}

fn id_text(id: &Value) -> String {
    Loose::of(id).trimmed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_with_one_number_are_one_row_and_a_gap_parts_them() {
        let mut runs = Vec::new();
        for (id, year) in [("7", 2014), ("7", 2015), ("7", 2015), ("8", 2016), ("7", 2018)] {
            join(&mut runs, id.into(), "Rio".into(), year);
        }
        let read: Vec<_> = runs.iter().map(|run| (run.id.as_str(), run.years)).collect();
        assert_eq!(read, [("7", (2014, 2015)), ("8", (2016, 2016)), ("7", (2018, 2018))]);
    }
}
