//! The dictionary: the marks, then the models of each mark, a few marks at once.
//!
//! No address has all models. What a few marks gave is published before the next few are asked, and a mark whose
//! models cannot be had ends the reading with a fault: what was published before is then not the dictionary.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use veer_contract::{
    Auth, Call, Context, Effect, Event, Fault, Flow, Lane, Method, Next, Reply, Step, domain::InsurerVehicle,
    operation::Vehicles,
};

use super::errors;
use crate::{
    dictionary::{self, Rows},
    loose::Loose,
    plain_id,
};

/// Reads the dictionary.
pub(super) struct Dictionary;

/// How far it is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reading {
    /// The marks are asked for.
    Marks,
    /// The models of the first few of these marks are.
    Models {
        /// The marks whose models are not here yet.
        left: Vec<Mark>,
        /// Whether any vehicle was found so far.
        found: bool,
    },
}

/// A mark of the dictionary.
#[derive(Serialize, Deserialize)]
pub(super) struct Mark {
    id: String,
    name: String,
}

/// Marks whose models are asked for at once.
const AT_ONCE: usize = 8;
const MARKS: &str = "wapi/dictionary/vehicle/mark";
const WHAT: &str = "the dictionary of marks and models";

type Turn = Step<Reading, Vec<InsurerVehicle>>;

// === impl Dictionary ===

impl Flow<Vehicles> for Dictionary {
    type State = Reading;

    fn start(&self, (): &(), _cx: &Context<'_>) -> Turn {
        Step::call(ask("marks", MARKS.into()), Reading::Marks)
    }

    fn resume(&self, (): &(), state: Reading, event: Event<'_>, _cx: &Context<'_>) -> Turn {
        let turn = match (state, event) {
            (Reading::Marks, event) => event.reply("marks").and_then(marks).map(|left| next(left, false)),
            (Reading::Models { left, found }, Event::Replies(replies)) if !replies.is_empty() => {
                models(left, found, replies)
            }
            (Reading::Models { .. }, _) => Err(Fault::not_understood("the calls' replies are not here")),
        };
        turn.unwrap_or_else(Step::fail)
    }
}

fn ask(tag: &str, path: String) -> Call {
    Call::new(tag, Lane::Dictionary, Effect::Read, Method::Get, path).with_auth(Auth::Digest)
}

/// Asks for the models of the next few marks.
fn next(left: Vec<Mark>, found: bool) -> Turn {
    let calls: Vec<Call> =
        left.iter().take(AT_ONCE).map(|mark| ask("models", format!("{MARKS}/{}/model", mark.id))).collect();
    match (calls.is_empty(), found) {
        (false, _) => Step::calls(calls, Reading::Models { left, found }),
        (true, true) => Step { emit: Vec::new(), next: Next::Done },
        (true, false) => Step::fail(dictionary::empty(WHAT)),
    }
}

/// The marks in the reply. One without a name names no vehicle; one with a name has an id, or its models
/// would be left out unseen.
fn marks(reply: &Reply) -> Result<Vec<Mark>, Fault> {
    let mut marks = Vec::new();
    for row in &list(reply)? {
        let row = Loose::of(row);
        let name = row.get("mark").text().unwrap_or_default().into_owned();
        if !name.trim().is_empty() {
            // It becomes a part of a path.
            let id = plain_id::check(&row.get("mark_id").trimmed(), "a mark's mark_id")?.to_owned();
            marks.push(Mark { id, name });
        }
    }
    Ok(marks)
}

/// Publishes the models in the replies, which stand in the order of the marks.
fn models(mut left: Vec<Mark>, found: bool, replies: &[Reply]) -> Result<Turn, Fault> {
    let mut rows = Vec::new();
    for (mark, reply) in left.drain(..replies.len().min(left.len())).zip(replies) {
        rows.extend(models_of(&mark, reply)?);
    }
    let turn = next(left, found || !rows.is_empty());
    Ok(if rows.is_empty() { turn } else { turn.emitting(rows) })
}

/// The models of one mark; a mark without any, or of tractors alone, is none of the gateway's business.
fn models_of(mark: &Mark, reply: &Reply) -> Result<Vec<InsurerVehicle>, Fault> {
    let mut rows = Rows::default();
    for row in &list(reply)? {
        let row = Loose::of(row);
        let told = dictionary::category(&row.get("category_name").text().unwrap_or_default());
        let vehicle = InsurerVehicle {
            brand: mark.name.clone(),
            model: row.get("model").text().unwrap_or_default().into_owned(),
            brand_code: Some(mark.id.clone()),
            code: Some(row.get("model_id").trimmed()).filter(|code| !code.is_empty()),
            ..InsurerVehicle::default()
        };
        rows.add(told, vehicle);
    }
    rows.part(&format!("mark {}", dictionary::in_words(&mark.id)))
}

fn list(reply: &Reply) -> Result<Vec<Value>, Fault> {
    match errors::read(reply, "mark_id", String::new).map_err(dictionary::failure)? {
        Value::Array(rows) => Ok(rows),
        _ => Err(Fault::not_understood(format!("the reply to `{}` is no list", reply.tag))),
    }
}
