//! Plays a fixture against the adapter and tells every difference.

use std::time::Duration;

use veer_contract::{Call, Next, Operation, Reply, SavedState, Statuses};

use crate::{
    body::{self, Normal, spelt},
    drive::{Answer, Case},
    fixture::{Exchange, Fixture, Step},
    json,
};

/// Every difference between the conversation and its script; none where they agree.
pub(crate) fn differences<O: Operation>(case: &Case<'_, O>, fixture: &Fixture) -> Vec<String> {
    let mut found = Vec::new();
    let mut steps = fixture.steps.iter().enumerate();
    let conversation = case.converse(|next, emitted| {
        let Some((at, step)) = steps.next() else {
            found.push(format!("the fixture ends where the adapter goes on: {}", describe(next)));
            return Answer::Stop;
        };
        let before = found.len();
        let mut say = |difference: String| found.push(format!("step {at}: {difference}"));
        if emitted != step.emits {
            say(format!("emits: the fixture says {}, the adapter {emitted}", step.emits));
        }
        let answer = play(case, step, next, &mut say);
        if found.len() > before { Answer::Stop } else { answer }
    });
    found.extend(conversation.problems);
    if conversation.unrecoverable {
        found.push(
            "a reply is lost, and the adapter knows no way to ask after it: `recover` gives None".into(),
        );
    }
    if !found.is_empty() {
        return found;
    }
    if let Some((at, _)) = steps.next() {
        let end = conversation.end.map(|end| format!("{end:?}")).unwrap_or_default();
        found.push(format!("the adapter ends before step {at} of the fixture: {end}"));
        return found;
    }
    let expected = fixture.outcome.end();
    if let Some(end) = conversation.end.filter(|end| *end != expected) {
        found.push(format!("outcome: the fixture says {expected:?}, the adapter {end:?}"));
    }
    let results = serde_json::Value::from(conversation.results);
    let expected = serde_json::Value::from(fixture.outcome.results.clone());
    found.extend(
        json::differences(&expected, &results).iter().map(|difference| format!("outcome.result{difference}")),
    );
    if conversation.ids != fixture.given.ids.len() {
        let given = fixture.given.ids.len();
        found.push(format!("given.ids: the fixture gives {given}, the adapter draws {}", conversation.ids));
    }
    found
}

/// Compares one step and gives the answer to it.
pub(crate) fn play<O: Operation>(
    case: &Case<'_, O>,
    step: &Step,
    next: &Next<SavedState>,
    say: &mut dyn FnMut(String),
) -> Answer {
    match next {
        Next::Call { calls, .. } if !step.calls.is_empty() => {
            if calls.len() != step.calls.len() {
                say(format!("the fixture has {} calls, the adapter {}", step.calls.len(), calls.len()));
                return Answer::Stop;
            }
            calls.iter().zip(&step.calls).for_each(|(call, exchange)| compare(call, exchange, say));
            reply_to(case, calls, step, say)
        }
        Next::Wait { at_least, .. } => match step.wait_ms {
            Some(wait) if Duration::from_millis(wait) == *at_least => Answer::Woke,
            _ => {
                say(format!("wait_ms: the adapter waits {} ms", at_least.as_millis()));
                Answer::Stop
            }
        },
        Next::Await { correlation, .. } => match &step.callback {
            Some(callback) if callback.correlation == *correlation => {
                Answer::Callback(callback.reply.tagged("callback"))
            }
            _ => {
                say(format!("callback: the adapter waits to be called as `{correlation}`"));
                Answer::Stop
            }
        },
        other => {
            say(format!("the adapter does something else: {}", describe(other)));
            Answer::Stop
        }
    }
}

fn reply_to<O: Operation>(
    case: &Case<'_, O>,
    calls: &[Call],
    step: &Step,
    say: &mut dyn FnMut(String),
) -> Answer {
    let mut replies: Vec<Reply> = Vec::new();
    let mut again = false;
    let lost = step.calls.iter().any(Exchange::is_lost);
    for (call, exchange) in calls.iter().zip(&step.calls) {
        let Some(given) = exchange.reply.as_ref().filter(|reply| !reply.lost) else { continue };
        let reply = given.to(call);
        let expired = case.adapter.session_expired(&reply);
        if expired != given.session_expired {
            say(format!(
                "{}: session_expired: the fixture says {}, the adapter {expired}",
                call.tag, given.session_expired
            ));
        }
        again |= expired;
        if !call.statuses.contain(reply.status) {
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
fn compare(call: &Call, exchange: &Exchange, say: &mut dyn FnMut(String)) {
    let Call { tag, lane, effect, method, path, query, headers, body, auth, statuses, optional } = call;
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
    match Normal::of(body) {
        Ok(body) => say_in("body", exchange.body.differences(&body)),
        Err(problem) => say_in("body", vec![problem]),
    }
}

fn describe(next: &Next<SavedState>) -> String {
    match next {
        Next::Call { calls, .. } => {
            let tags: Vec<_> = calls.iter().map(|call| call.tag.as_str()).collect();
            format!("it calls [{}]", tags.join(", "))
        }
        Next::Wait { at_least, .. } => format!("it waits {} ms", at_least.as_millis()),
        Next::Await { correlation, .. } => format!("it waits to be called as `{correlation}`"),
        Next::Done | Next::Decline(_) | Next::Fail(_) => "it ends".into(),
    }
}
