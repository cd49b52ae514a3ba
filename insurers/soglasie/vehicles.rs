//! The dictionary: the makes, then the models of each make, a few makes at once.
//!
//! No address has all models. What a few makes gave is published before the next few are asked, and a make whose
//! models cannot be had ends the reading with a fault: what was published before is then not the dictionary.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use veer_contract::{
    Auth, Call, Context, Effect, Event, Fault, Flow, Lane, Method, Next, Reply, Step, domain::InsurerVehicle,
    operation::Vehicles,
};

use super::errors::{self, WITH_ERROR_BODY};
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
    /// The makes are asked for.
    Makes,
    /// The models of the first few of these makes are.
    Models {
        /// The makes whose models are not here yet.
        left: Vec<Make>,
        /// Whether any vehicle was found so far.
        found: bool,
    },
}

/// A make of the dictionary.
#[derive(Serialize, Deserialize)]
pub(super) struct Make {
    id: String,
    name: String,
}

/// Makes whose models are asked for at once.
const AT_ONCE: usize = 8;
const WHAT: &str = "the dictionary of makes and models";

type Turn = Step<Reading, Vec<InsurerVehicle>>;

// === impl Dictionary ===

impl Flow<Vehicles> for Dictionary {
    type State = Reading;

    fn start(&self, (): &(), cx: &Context<'_>) -> Turn {
        match base(cx) {
            Ok(base) => Step::call(ask("makes", base.to_owned()), Reading::Makes),
            Err(fault) => Step::fail(fault),
        }
    }

    fn resume(&self, (): &(), state: Reading, event: Event<'_>, cx: &Context<'_>) -> Turn {
        let turn = base(cx).and_then(|base| match (state, event) {
            (Reading::Makes, event) => Ok(next(base, makes(event.reply("makes")?)?, false)),
            (Reading::Models { left, found }, Event::Replies(replies)) if !replies.is_empty() => {
                models(base, left, found, replies)
            }
            (Reading::Models { .. }, _) => Err(Fault::not_understood("the calls' replies are not here")),
        });
        turn.unwrap_or_else(Step::fail)
    }
}

/// Where the dictionary is; its address is not public.
fn base<'a>(cx: &'a Context<'_>) -> Result<&'a str, Fault> {
    let path = cx.settings.get("cars_path").trim().trim_matches('/');
    if path.is_empty() {
        let detail = "the setting `cars_path` is empty: set it to where the insurer serves its dictionary";
        return Err(Fault::not_understood(detail));
    }
    Ok(path)
}

fn ask(tag: &str, path: String) -> Call {
    Call::new(tag, Lane::Dictionary, Effect::Read, Method::Get, path)
        .with_auth(Auth::Basic)
        .accepting(&WITH_ERROR_BODY)
}

/// Asks for the models of the next few makes.
fn next(base: &str, left: Vec<Make>, found: bool) -> Turn {
    let calls: Vec<Call> =
        left.iter().take(AT_ONCE).map(|make| ask("models", format!("{base}/{}", make.id))).collect();
    match (calls.is_empty(), found) {
        (false, _) => Step::calls(calls, Reading::Models { left, found }),
        (true, true) => Step { emit: Vec::new(), next: Next::Done },
        (true, false) => Step::fail(dictionary::empty(WHAT)),
    }
}

/// The makes in the reply. One without a name names no vehicle; one with a name has an id, or its models would
/// be left out unseen.
fn makes(reply: &Reply) -> Result<Vec<Make>, Fault> {
    let mut makes = Vec::new();
    for row in &list(reply)? {
        let row = Loose::of(row);
        let name = row.get("name").text().unwrap_or_default().into_owned();
        if !name.trim().is_empty() {
            // It becomes a part of a path.
            let id = plain_id::check(&row.get("id").trimmed(), "a make's id")?.to_owned();
            makes.push(Make { id, name });
        }
    }
    Ok(makes)
}

/// Publishes the models in the replies, which stand in the order of the makes.
fn models(base: &str, mut left: Vec<Make>, found: bool, replies: &[Reply]) -> Result<Turn, Fault> {
    let mut rows = Vec::new();
    for (make, reply) in left.drain(..replies.len().min(left.len())).zip(replies) {
        rows.extend(models_of(&make, reply)?);
    }
    let turn = next(base, left, found || !rows.is_empty());
    Ok(if rows.is_empty() { turn } else { turn.emitting(rows) })
}

/// The models of one make; a make without any, or of tractors alone, is none of the gateway's business.
fn models_of(make: &Make, reply: &Reply) -> Result<Vec<InsurerVehicle>, Fault> {
    let mut rows = Rows::default();
    for row in &list(reply)? {
        let row = Loose::of(row);
        let told = dictionary::category(&row.get("cat").text().unwrap_or_default());
        let vehicle = InsurerVehicle {
            brand: make.name.clone(),
            model: row.get("name").text().unwrap_or_default().into_owned(),
            brand_code: Some(make.id.clone()),
            code: Some(row.get("id").trimmed()).filter(|code| !code.is_empty()),
            ..InsurerVehicle::default()
        };
        rows.add(told, vehicle);
    }
    rows.part(&format!("make {}", dictionary::in_words(&make.id)))
}

fn list(reply: &Reply) -> Result<Vec<Value>, Fault> {
    match errors::granted(reply, "id").map_err(dictionary::failure)? {
        Value::Array(rows) => Ok(rows),
        _ => Err(Fault::not_understood(format!("the reply to `{}` is no list", reply.tag))),
    }
}
