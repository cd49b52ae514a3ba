//! Broken replies, derived from the good ones of a fixture.
//!
//! At each exchange the reply is replaced by one that is empty, cut off, of another kind, huge, bottomless,
//! or that lacks, nulls or repeats something. Whatever arrives, the adapter must not panic, must come to
//! an end, must not create anything a second time and must not put personal data into a fault. A reply
//! that merely has an unknown key more must change nothing. A reply that the fixture says is lost stays
//! lost.

use std::collections::HashMap;

use serde_json::{Value, json};
use veer_contract::{Auth, Call, Effect, Next, Operation, Reply, SavedState};

use crate::{
    Report,
    drive::{Answer, Case, Conversation},
    fixture::{Fixture, GivenReply},
    json,
    xml::Node,
};

/// One broken reply.
pub(crate) struct Broken {
    pub(crate) what: String,
    pub(crate) reply: GivenReply,
    /// Its meaning is the same as before.
    pub(crate) harmless: bool,
}

const UNKNOWN_KEY: &str = "xUnknownToEveryAdapter";
const HTML: &str =
    "<!DOCTYPE html><html><head><title>502</title></head><body><h1>Bad Gateway<br></body></html>";
const HUGE: usize = 1024 * 1024;
const BOTTOMLESS: usize = 100_000;

/// Runs every broken reply that can be derived from the fixture.
pub(crate) fn check<O: Operation>(case: &Case<'_, O>, fixture: &Fixture, name: &str, report: &mut Report) {
    for (tag, nth, good) in exchanges(fixture).into_iter().filter(|(_, _, good)| !good.lost) {
        for broken in derive(good, case.secrets.sample()) {
            let mut script = Script::new(case, fixture, (tag, nth), &broken.reply);
            let conversation = case.converse(|next, _| script.answer(next));
            report.failures += 1;
            for problem in problems(fixture, &broken, &script, conversation) {
                report.add(name, format!("reply {} to `{tag}` {}: {problem}", nth + 1, broken.what));
            }
        }
    }
}

fn problems<O: Operation>(
    fixture: &Fixture,
    broken: &Broken,
    script: &Script<'_, '_, O>,
    conversation: Conversation,
) -> Vec<String> {
    let mut problems = conversation.problems;
    if script.rounds == 0 {
        problems.push("the adapter does not come to an end".into());
    }
    for (tag, count) in &script.created {
        let meant = fixture
            .exchanges()
            .filter(|exchange| exchange.effect == Effect::Creates && exchange.tag == *tag)
            .filter(|exchange| !exchange.reply.as_ref().is_some_and(|reply| reply.session_expired))
            .count();
        if *count > meant {
            problems.push(format!("`{tag}` creates something and is sent {count} times"));
        }
    }
    let same =
        conversation.end == Some(fixture.outcome.end()) && conversation.results == fixture.outcome.results;
    if broken.harmless && !same {
        problems.push("the outcome changes".into());
    }
    problems
}

/// Every reply of the fixture with its call's tag and its number among that tag's replies.
fn exchanges(fixture: &Fixture) -> Vec<(&str, usize, &GivenReply)> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let calls =
        fixture.exchanges().filter_map(|exchange| Some((exchange.tag.as_str(), exchange.reply.as_ref()?)));
    let calls = calls.map(|(tag, reply)| {
        let nth = seen.entry(tag).or_default();
        *nth += 1;
        (tag, *nth - 1, reply)
    });
    let calls: Vec<_> = calls.collect();
    let callbacks = fixture.steps.iter().filter_map(|step| step.callback.as_ref());
    let callbacks = callbacks.enumerate().map(|(nth, callback)| ("callback", nth, &callback.reply));
    calls.into_iter().chain(callbacks).collect()
}

/// Answers by tag, as often as asked, with one reply replaced.
struct Script<'c, 'a, O: Operation> {
    case: &'c Case<'a, O>,
    good: Vec<(&'c str, usize, &'c GivenReply)>,
    broken: (&'c str, usize),
    reply: &'c GivenReply,
    asked: HashMap<String, usize>,
    created: HashMap<String, usize>,
    logged_in_again: bool,
    rounds: usize,
}

// === impl Script ===

impl<'c, 'a, O: Operation> Script<'c, 'a, O> {
    fn new(
        case: &'c Case<'a, O>,
        fixture: &'c Fixture,
        broken: (&'c str, usize),
        reply: &'c GivenReply,
    ) -> Self {
        Self {
            case,
            good: exchanges(fixture),
            broken,
            reply,
            asked: HashMap::new(),
            created: HashMap::new(),
            logged_in_again: false,
            rounds: 50 + 2 * fixture.steps.len(),
        }
    }

    fn answer(&mut self, next: &Next<SavedState>) -> Answer {
        self.rounds = self.rounds.saturating_sub(1);
        if self.rounds == 0 {
            return Answer::Stop;
        }
        match next {
            Next::Call { calls, .. } => self.reply_to(calls),
            Next::Await { .. } => match self.given("callback") {
                Some(reply) => Answer::Callback(reply.tagged("callback")),
                None => Answer::Stop,
            },
            _ => Answer::Woke,
        }
    }

    fn reply_to(&mut self, calls: &[Call]) -> Answer {
        let mut replies: Vec<Reply> = Vec::new();
        let mut lost = false;
        for call in calls {
            let reply = match self.given(&call.tag) {
                Some(given) if given.lost => {
                    lost = true;
                    *self.created.entry(call.tag.clone()).or_default() += 1;
                    continue;
                }
                Some(given) => given.to(call),
                None if call.optional => continue,
                // The fixture does not know the call: it fails, and the host ends the conversation.
                None => return Answer::Stop,
            };
            if call.auth == Auth::Session && self.case.adapter.session_expired(&reply) {
                // The host repeats it once; it was not carried out.
                let again = !std::mem::replace(&mut self.logged_in_again, true);
                return if again { Answer::Again } else { Answer::Stop };
            }
            if call.effect == Effect::Creates {
                *self.created.entry(call.tag.clone()).or_default() += 1;
            }
            match call.statuses.contain(reply.status) {
                true => replies.push(reply),
                false if call.optional => {}
                false => return Answer::Stop,
            }
        }
        if lost { Answer::Lost } else { Answer::Replies(replies) }
    }

    fn given(&mut self, tag: &str) -> Option<&'c GivenReply> {
        let nth = self.asked.entry(tag.to_owned()).or_default();
        let at = *nth;
        *nth += 1;
        if (tag, at) == self.broken {
            return Some(self.reply);
        }
        let mut of_tag = self.good.iter().filter(|(other, ..)| *other == tag);
        let exact = of_tag.clone().find(|(_, other, _)| *other == at);
        exact.or_else(|| of_tag.next_back()).map(|(_, _, reply)| *reply)
    }
}

/// Every broken form of one reply.
pub(crate) fn derive(good: &GivenReply, personal: Option<String>) -> Vec<Broken> {
    let mut all = Vec::new();
    let mut add = |what: String, reply: GivenReply, harmless| all.push(Broken { what, reply, harmless });
    let with_body = |body: String| GivenReply { body, ..good.clone() };
    add("without content (204)".into(), GivenReply { status: 204, ..with_body(String::new()) }, false);
    for (what, body) in [
        ("with an empty body", String::new()),
        ("cut off", half(&good.body)),
        ("as a page of HTML", HTML.into()),
        ("as 1 MiB of blanks", " ".repeat(HUGE)),
        ("as bottomless JSON", "[".repeat(BOTTOMLESS)),
        ("as bottomless XML", "<a>".repeat(BOTTOMLESS)),
        ("as an empty object", "{}".into()),
        ("as a list", "[]".into()),
        ("as null", "null".into()),
        ("as an element", "<a/>".into()),
        ("as a failure of SOAP", "<Envelope><Body><Fault/></Body></Envelope>".into()),
    ] {
        add(what.into(), with_body(body), false);
    }
    if let Ok(value) = serde_json::from_str::<Value>(&good.body) {
        for (what, value, harmless) in broken_json(&value, personal.as_deref()) {
            add(what, with_body(value.to_string()), harmless);
        }
    } else if let Ok(root) = Node::parse(&good.body) {
        for (what, node, harmless) in broken_xml(&root, personal.as_deref()) {
            add(what, with_body(node.write()), harmless);
        }
    }
    all
}

fn half(text: &str) -> String {
    text.chars().take(text.chars().count() / 2).collect()
}

fn broken_json(value: &Value, personal: Option<&str>) -> Vec<(String, Value, bool)> {
    let mut all = Vec::new();
    for path in json::leaves(value) {
        let place = json::show(&path);
        all.push((
            format!("with `{place}` null"),
            json::changed(value, &path, |leaf| *leaf = Value::Null),
            false,
        ));
        all.push((
            format!("with `{place}` as an object"),
            json::changed(value, &path, |leaf| *leaf = json!({})),
            false,
        ));
        let as_text = json::changed(value, &path, |leaf| {
            if leaf.is_number() {
                *leaf = Value::String(leaf.to_string());
            }
        });
        if as_text != *value {
            all.push((format!("with `{place}` as a string"), as_text, false));
        }
        if let Some(personal) = personal {
            let repeated = json::changed(value, &path, |leaf| *leaf = personal.into());
            all.push((format!("with personal data in `{place}`"), repeated, false));
        }
    }
    for path in json::paths(value, &Value::is_object) {
        let more = json::changed(value, &path, |object| object[UNKNOWN_KEY] = json!({"any": [1, "thing"]}));
        all.push((format!("with an unknown key in `{}`", json::show(&path)), more, true));
    }
    all
}

fn broken_xml(root: &Node, personal: Option<&str>) -> Vec<(String, Node, bool)> {
    let mut all = Vec::new();
    for place in root.places() {
        let node = root.at(&place);
        let name = node.name.as_str();
        if node.children.is_empty() {
            all.push((
                format!("with an empty <{name}>"),
                root.changed(&place, |leaf| leaf.text.clear()),
                false,
            ));
            if let Some(personal) = personal {
                let repeated = root.changed(&place, |leaf| leaf.text = personal.into());
                all.push((format!("with personal data in <{name}>"), repeated, false));
            }
        } else {
            let unknown = Node { name: UNKNOWN_KEY.into(), text: "any thing".into(), ..Node::default() };
            let more = root.changed(&place, |parent| parent.children.push(unknown));
            all.push((format!("with an unknown element in <{name}>"), more, true));
        }
        if let Some((child, parent)) = place.split_last() {
            let less = root.changed(parent, |parent| drop(parent.children.remove(*child)));
            all.push((format!("without <{name}>"), less, false));
        }
    }
    all
}
