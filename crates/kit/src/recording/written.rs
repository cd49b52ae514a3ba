//! A recording as the text of a fixture.

use std::fmt::Write as _;

use serde_json::Value;
use veer_contract::{
    Adapter, Auth, Body, Call, Effect, Next, Operation, OperationKind, Reply, SavedState, Statuses,
    operation::{
        Cancel, Confirm, Draft, Finalise, Login, PaymentStatus, Policies, Quote, VehicleInfo, Vehicles,
    },
};

use super::{Given, Heard, Scrub};
use crate::{
    body::spelt,
    drive::{Answer, Case, Follow},
    fixture::{End, Fixture},
    given::FixtureInput,
    requests, secrecy,
};

/// The fixture's text, or why there is none: the conversation goes another way with the standard request. The insurer's
/// `readme` may name calls whose paths hold personal data.
pub fn fixture(adapter: &dyn Adapter, heard: &Heard, scrub: &Scrub, readme: &str) -> Result<String, String> {
    match heard.operation {
        OperationKind::Quote => of::<Quote>(adapter, heard, scrub, readme),
        OperationKind::Login => of::<Login>(adapter, heard, scrub, readme),
        OperationKind::Finalise => of::<Finalise>(adapter, heard, scrub, readme),
        OperationKind::Confirm => of::<Confirm>(adapter, heard, scrub, readme),
        OperationKind::PaymentStatus => of::<PaymentStatus>(adapter, heard, scrub, readme),
        OperationKind::Draft => of::<Draft>(adapter, heard, scrub, readme),
        OperationKind::Policies => of::<Policies>(adapter, heard, scrub, readme),
        OperationKind::Cancel => of::<Cancel>(adapter, heard, scrub, readme),
        OperationKind::Vehicles => of::<Vehicles>(adapter, heard, scrub, readme),
        OperationKind::VehicleInfo => of::<VehicleInfo>(adapter, heard, scrub, readme),
    }
}

fn of<O: Operation>(
    adapter: &dyn Adapter,
    heard: &Heard,
    scrub: &Scrub,
    readme: &str,
) -> Result<String, String>
where
    O::Input: FixtureInput,
{
    let flow = O::flow(adapter).ok_or_else(|| format!("the adapter has no `{}`", O::KIND))?;
    let mut text = head(adapter, heard, scrub);
    let mut events = heard.events.iter();
    let mut problem = None;
    // The ids that the adapter draws stand in the head, and it is known at the end how many they are.
    let case = Case::new(
        adapter,
        flow,
        &Fixture::parse(&format!("{text}[outcome]\n"))?.given,
        &secrecy::in_paths(readme),
    )?;
    let mut steps = String::new();
    let conversation = case.converse(Follow::ToTheEnd, |next, emitted| {
        let turn = turn(next, emitted, &mut events, scrub, &mut steps);
        turn.unwrap_or_else(|why| {
            problem = Some(why);
            Answer::Stop
        })
    });
    if let Some(problem) = problem.or_else(|| conversation.problems.first().cloned()) {
        return Err(problem);
    }
    let end = conversation.end.ok_or("the conversation has no end")?;
    if conversation.ids > 0 {
        let ids: Vec<String> = (0..conversation.ids).map(|at| format!("\"id-{at}\"")).collect();
        text = text.replacen("[given]\n", &format!("[given]\nids = [{}]\n", ids.join(", ")), 1);
    }
    Ok(format!("{text}{steps}{}", outcome(&end, &conversation.results)?))
}

fn head(adapter: &dyn Adapter, heard: &Heard, scrub: &Scrub) -> String {
    let mut text = "about = \"Recorded; say in a sentence what it shows\"\n\n[given]\n".to_owned();
    let today = heard.today.map_or_else(|| "2026-11-16".to_owned(), |today| today.to_string());
    // Writing to a string does not fail.
    let _ = writeln!(text, "today = {today}");
    let vehicle = &heard.vehicle;
    if !vehicle.brand.is_empty() {
        let code = |name: &str, code: &Option<String>| {
            code.as_ref().map_or_else(String::new, |code| format!(", {name} = {}", quoted(code)))
        };
        let _ = writeln!(
            text,
            "vehicle = {{ brand = {}, model = {}{}{} }}",
            quoted(&vehicle.brand),
            quoted(&vehicle.model),
            code("brand_code", &vehicle.brand_code),
            code("code", &vehicle.code),
        );
    }
    for (name, setting) in &adapter.manifest().settings {
        if setting.default.is_none() && !setting.secret {
            let _ = writeln!(text, "settings.{name} = \"account\"");
        }
    }
    if heard.operation == OperationKind::VehicleInfo {
        let vehicle = requests::standard().vehicle;
        let (name, value) = if heard.by_plate { ("plate", vehicle.plate) } else { ("vin", vehicle.vin) };
        let value = value.map(|value| value.as_str().to_owned()).unwrap_or_default();
        let _ = writeln!(text, "{name} = {}", quoted(&value));
    }
    if let Some(offer) = &heard.offer {
        let pairs = offer.iter().map(|(name, value)| format!("{name} = {}", quoted(&scrub.text(value))));
        let _ = writeln!(text, "offer = {{ {} }}", pairs.collect::<Vec<_>>().join(", "));
    }
    text.push('\n');
    text
}

/// One step of the adapter: written down, and answered as the insurer answered.
fn turn<'h>(
    next: &Next<SavedState>,
    emitted: usize,
    events: &mut impl Iterator<Item = &'h Given>,
    scrub: &Scrub,
    steps: &mut String,
) -> Result<Answer, String> {
    steps.push_str("[[step]]\n");
    if emitted > 0 {
        let _ = writeln!(steps, "emits = {emitted}");
    }
    match next {
        Next::Wait { at_least, .. } => {
            let _ = writeln!(steps, "wait_ms = {}\n", at_least.as_millis());
            Ok(Answer::Woke)
        }
        Next::Await { correlation, .. } => match events.next() {
            Some(Given::Callback(reply)) => {
                let reply = scrub.reply(reply);
                let _ = writeln!(steps, "[step.callback]\ncorrelation = {}\n", quoted(correlation));
                written_reply(&reply, "step.callback.reply", false, steps);
                Ok(Answer::Callback(reply))
            }
            _ => Err("the insurer did not call back".into()),
        },
        Next::Call { calls, .. } => {
            let (replies, expired) = match events.next() {
                Some(Given::Replies(replies)) => (replies, false),
                Some(Given::Expired(replies)) => (replies, true),
                _ => return Err(format!("`{}` found no reply", calls.first().map_or("", |call| &call.tag))),
            };
            let scrubbed: Vec<Reply> = replies.iter().map(|reply| scrub.reply(reply)).collect();
            // In the calls' order; an optional call that found no reply is left out.
            let mut found = scrubbed.iter().peekable();
            for call in calls {
                written_call(call, steps);
                if let Some(reply) = found.next_if(|reply| reply.tag == call.tag) {
                    written_reply(reply, "step.call.reply", expired, steps);
                }
            }
            if let Some(reply) = found.peek() {
                return Err(format!(
                    "the reply to `{}` is none to this step: one before it was lost",
                    reply.tag
                ));
            }
            Ok(if expired { Answer::Again } else { Answer::Replies(scrubbed) })
        }
        Next::Done | Next::Decline(_) | Next::Fail(_) => Err("an end is no step".into()),
    }
}

fn written_call(call: &Call, out: &mut String) {
    let Call { tag, lane, effect, method, path, query, headers, body, auth, statuses, optional } = call;
    let effect = match effect {
        Effect::Read => "\"read\"".to_owned(),
        Effect::Creates => "\"creates\"".to_owned(),
        Effect::Keyed(key) => format!("{{ keyed = {} }}", quoted(key)),
    };
    let auth = match auth {
        Auth::None => "none",
        Auth::Basic => "basic",
        Auth::Digest => "digest",
        Auth::Session => "session",
        Auth::Signed => "signed",
    };
    let _ = writeln!(
        out,
        "[[step.call]]\ntag = {}\nlane = \"{lane}\"\neffect = {effect}\nmethod = \"{}\"\npath = {}",
        quoted(tag),
        method.as_str(),
        quoted(path)
    );
    for (name, pairs) in [("query", query), ("headers", headers)] {
        if !pairs.is_empty() {
            let _ = writeln!(out, "{name} = {}", written_pairs(pairs));
        }
    }
    let _ = writeln!(out, "auth = \"{auth}\"");
    if let Statuses::SuccessAnd(more) = statuses {
        let _ = writeln!(out, "accepts = {more:?}");
    }
    if *optional {
        out.push_str("optional = true\n");
    }
    match body {
        Body::Empty => {}
        Body::Json(text) => {
            let _ = writeln!(out, "body.json = {}", block(&pretty(&spelt(text))));
        }
        Body::Xml { content_type, text } => {
            let _ = writeln!(
                out,
                "body.content_type = {}\nbody.xml = {}",
                quoted(content_type),
                block(&spelt(text))
            );
        }
        Body::Form(pairs) => {
            let _ = writeln!(out, "body.form = {}", written_pairs(pairs));
        }
    }
    out.push('\n');
}

fn written_pairs(pairs: &[(String, String)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("[{}, {}]", quoted(name), quoted(&spelt(value))));
    format!("[{}]", pairs.collect::<Vec<_>>().join(", "))
}

fn written_reply(reply: &Reply, table: &str, expired: bool, out: &mut String) {
    let _ = writeln!(out, "[{table}]");
    if reply.status != 200 {
        let _ = writeln!(out, "status = {}", reply.status);
    }
    let told = reply.headers.iter().filter(|(name, _)| name != "content-type");
    let told: Vec<(String, String)> = told.cloned().collect();
    if !told.is_empty() {
        let _ = writeln!(out, "headers = {}", written_pairs(&told));
    }
    if expired {
        out.push_str("session_expired = true\n");
    }
    let text = reply.text();
    let markup = text.trim_start().starts_with(['{', '[', '<']);
    // Around anything else a line break would be a part of it.
    let body = if markup { block(&pretty(&text)) } else { quoted(&text) };
    let _ = writeln!(out, "body = {body}\n");
}

fn outcome(end: &End, results: &[Value]) -> Result<String, String> {
    let mut text = "[outcome]\n".to_owned();
    match end {
        End::Done => {}
        End::Decline(decline) => {
            let kind = serde_json::to_value(decline.kind).unwrap_or_default();
            let _ = writeln!(text, "decline = {{ kind = {kind}, message = {} }}", quoted(&decline.message));
        }
        End::Fault(fault) => {
            let kind = serde_json::to_value(fault.kind).unwrap_or_default();
            let _ = writeln!(text, "fault = {{ kind = {kind}, detail = {} }}", quoted(&fault.detail));
        }
    }
    if results.iter().all(Value::is_object) {
        for result in results {
            let table = toml::to_string(&InOutcome { result: [result] })
                .map_err(|error| format!("a result cannot be written as TOML: {error}"))?;
            text.push('\n');
            text.push_str(
                &table
                    .replace("[[result]]", "[[outcome.result]]")
                    .replace("[result.", "[outcome.result.")
                    .replace("[[result.", "[[outcome.result."),
            );
        }
    } else {
        let inline = toml::Value::try_from(results)
            .map_err(|error| format!("a result cannot be written as TOML: {error}"))?;
        let _ = writeln!(text, "result = {inline}");
    }
    Ok(text)
}

#[derive(serde::Serialize)]
struct InOutcome<'v> {
    result: [&'v Value; 1],
}

/// JSON in lines, anything else as it is.
fn pretty(text: &str) -> String {
    let value =
        serde_json::from_str::<Value>(text).ok().filter(|value| value.is_object() || value.is_array());
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}

/// A TOML string over several lines where it can be one.
fn block(text: &str) -> String {
    if text.contains("'''") || text.contains('\r') { quoted(text) } else { format!("'''\n{text}\n'''") }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
