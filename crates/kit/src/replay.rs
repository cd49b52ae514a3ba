//! Plays a fixture against the adapter and tells every difference.

use std::time::Duration;

use serde_json::Value;
use veer_contract::{Call, Next, Operation, Reply, SavedState, Statuses};

use crate::{
    body::{self, Normal, spelt},
    drive::{Answer, Case, Follow},
    fixture::{End, Exchange, Fixture, Outcome, Step},
    host::{self, Judged},
    json,
};

/// What the adapter said in a conversation that went as its fixture says.
pub(crate) struct Recording {
    pub(crate) steps: Vec<Said>,
    end: Option<End>,
    results: Value,
}

/// One step of the adapter that is not the last.
pub(crate) struct Said {
    emitted: usize,
    what: What,
}

enum What {
    /// Each with its body as it is compared.
    Calls(Vec<(Call, Result<Normal, String>)>),
    Wait(Duration),
    Await(String),
    End,
}

/// The conversation as it went, or every difference between it and its script.
pub(crate) fn record<O: Operation>(case: &Case<'_, O>, fixture: &Fixture) -> Result<Recording, Vec<String>> {
    let mut found = Vec::new();
    let mut said = Vec::new();
    let mut steps = fixture.steps.iter().enumerate();
    let conversation = case.converse(Follow::ToTheEnd, |next, emitted| {
        let Some((at, step)) = steps.next() else {
            found.push(format!("the fixture ends where the adapter goes on: {}", describe(next)));
            return Answer::Stop;
        };
        let before = found.len();
        let this = Said::of(next, emitted);
        let answer = play(case, step, &this, &mut |what| found.push(format!("step {at}: {what}")));
        said.push(this);
        if found.len() > before { Answer::Stop } else { answer }
    });
    found.extend(conversation.problems);
    if conversation.unrecoverable {
        found.push(
            "a reply is lost, and the adapter knows no way to ask after it: `recover` gives None".into(),
        );
    }
    if !found.is_empty() {
        return Err(found);
    }
    if let Some((at, _)) = steps.next() {
        let end = conversation.end.map(|end| format!("{end:?}")).unwrap_or_default();
        return Err(vec![format!("the adapter ends before step {at} of the fixture: {end}")]);
    }
    let recording =
        Recording { steps: said, end: conversation.end, results: Value::from(conversation.results) };
    found.extend(recording.differences(&fixture.outcome));
    if conversation.ids != fixture.given.ids.len() {
        let given = fixture.given.ids.len();
        found.push(format!("given.ids: the fixture gives {given}, the adapter draws {}", conversation.ids));
    }
    if found.is_empty() { Ok(recording) } else { Err(found) }
}

/// Compares one step and gives the answer to it.
pub(crate) fn play<O: Operation>(
    case: &Case<'_, O>,
    step: &Step,
    said: &Said,
    say: &mut dyn FnMut(String),
) -> Answer {
    if said.emitted != step.emits {
        say(format!("emits: the fixture says {}, the adapter {}", step.emits, said.emitted));
    }
    match &said.what {
        What::Calls(calls) if !step.calls.is_empty() => {
            if calls.len() != step.calls.len() {
                say(format!("the fixture has {} calls, the adapter {}", step.calls.len(), calls.len()));
                return Answer::Stop;
            }
            for ((call, body), exchange) in calls.iter().zip(&step.calls) {
                compare(call, body, exchange, say);
            }
            reply_to(case, calls.iter().map(|(call, _)| call), step, say)
        }
        What::Wait(at_least) => match step.wait_ms {
            Some(wait) if Duration::from_millis(wait) == *at_least => Answer::Woke,
            _ => {
                say(format!("wait_ms: the adapter waits {} ms", at_least.as_millis()));
                Answer::Stop
            }
        },
        What::Await(correlation) => match &step.callback {
            Some(callback) if callback.correlation == *correlation => {
                Answer::Callback(callback.reply.tagged("callback"))
            }
            _ => {
                say(format!("callback: the adapter waits to be called as `{correlation}`"));
                Answer::Stop
            }
        },
        other => {
            say(format!("the adapter does something else: {}", other.describe()));
            Answer::Stop
        }
    }
}

fn reply_to<'c, O: Operation>(
    case: &Case<'_, O>,
    calls: impl Iterator<Item = &'c Call>,
    step: &Step,
    say: &mut dyn FnMut(String),
) -> Answer {
    let mut replies: Vec<Reply> = Vec::new();
    let mut again = false;
    let lost = step.calls.iter().any(Exchange::is_lost);
    for (call, exchange) in calls.zip(&step.calls) {
        let Some(given) = exchange.reply.as_ref().filter(|reply| !reply.lost) else { continue };
        let reply = given.tagged(&call.tag);
        let judged = host::judge(case.adapter, call, &reply);
        let expired = judged == Judged::SessionOver;
        if expired != given.session_expired {
            say(format!(
                "{}: session_expired: the fixture says {}, the adapter {expired}",
                call.tag, given.session_expired
            ));
        }
        again |= expired;
        if matches!(judged, Judged::Failed { .. }) {
            say(format!(
                "{}: the host would not hand a reply with status {} to this call; such replies are the host's",
                call.tag, reply.status
            ));
        }
        replies.push(reply);
    }
    match (again, lost) {
        (true, _) => Answer::Again,
        (false, true) => Answer::Lost,
        (false, false) => Answer::Replies(replies),
    }
}

/// Every part of a call is compared; nothing that an adapter can say is left out.
fn compare(call: &Call, normal: &Result<Normal, String>, exchange: &Exchange, say: &mut dyn FnMut(String)) {
    let Call { tag, lane, effect, method, path, query, headers, body: _, auth, statuses, optional } = call;
    let mut field = |name: &str, expected: &dyn std::fmt::Debug, actual: &dyn std::fmt::Debug, same: bool| {
        if !same {
            say(format!("{tag}: {name}: the fixture says {expected:?}, the adapter {actual:?}"));
        }
    };
    field("tag", &exchange.tag, tag, exchange.tag == *tag);
    field("lane", &exchange.lane, lane, exchange.lane == *lane);
    field("effect", &exchange.effect, effect, exchange.effect == *effect);
    field("method", &exchange.method, method, exchange.method == *method);
    field("path", &exchange.path, path, exchange.path == *path);
    field("auth", &exchange.auth, auth, exchange.auth == *auth);
    field("optional", &exchange.optional, optional, exchange.optional == *optional);
    let accepts: &[u16] = match statuses {
        Statuses::Success => &[],
        Statuses::SuccessAnd(more) => more,
    };
    field("accepts", &exchange.accepts, &accepts, exchange.accepts == accepts);
    let spelt_pairs = |pairs: &[(String, String)]| {
        pairs.iter().map(|(name, value)| (name.clone(), spelt(value))).collect::<Vec<_>>()
    };
    let mut say_in = |place: &str, differences: Vec<String>| {
        differences.into_iter().for_each(|difference| say(format!("{tag}: {place} {difference}")));
    };
    say_in("query", body::pairs(&exchange.query, &spelt_pairs(query)));
    say_in("header", body::pairs(&exchange.headers, &spelt_pairs(headers)));
    match normal {
        Ok(body) => say_in("body", exchange.body.differences(body)),
        Err(problem) => say_in("body", vec![problem.clone()]),
    }
}

fn describe(next: &Next<SavedState>) -> String {
    Said::of(next, 0).what.describe()
}

// === impl Recording ===

impl Recording {
    /// How the conversation's outcome differs from that one.
    pub(crate) fn differences(&self, outcome: &Outcome) -> Vec<String> {
        let expected = outcome.end();
        let mut found = Vec::new();
        if let Some(end) = self.end.as_ref().filter(|end| **end != expected) {
            found.push(format!("outcome: the fixture says {expected:?}, the adapter {end:?}"));
        }
        let expected = Value::from(outcome.results.clone());
        let differences = json::differences(&expected, &self.results);
        found.extend(differences.iter().map(|difference| format!("outcome.result{difference}")));
        found
    }
}

// === impl Said ===

impl Said {
    pub(crate) fn of(next: &Next<SavedState>, emitted: usize) -> Self {
        let what = match next {
            Next::Call { calls, .. } => {
                What::Calls(calls.iter().map(|call| (call.clone(), Normal::of(&call.body))).collect())
            }
            Next::Wait { at_least, .. } => What::Wait(*at_least),
            Next::Await { correlation, .. } => What::Await(correlation.clone()),
            Next::Done | Next::Decline(_) | Next::Fail(_) => What::End,
        };
        Self { emitted, what }
    }
}

// === impl What ===

impl What {
    fn describe(&self) -> String {
        match self {
            What::Calls(calls) => {
                let tags: Vec<_> = calls.iter().map(|(call, _)| call.tag.as_str()).collect();
                format!("it calls [{}]", tags.join(", "))
            }
            What::Wait(at_least) => format!("it waits {} ms", at_least.as_millis()),
            What::Await(correlation) => format!("it waits to be called as `{correlation}`"),
            What::End => "it ends".into(),
        }
    }
}
