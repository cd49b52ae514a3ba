//! No assertion may be dead.
//!
//! Every expected value of a fixture is falsified in turn; if the replay still agrees, that value asserts
//! nothing, and the fixture (or the kit) lies.

use serde_json::Value;
use veer_contract::{Auth, DeclineKind, Effect, FaultKind, Lane, Method, Operation};

use crate::{
    Report,
    body::Kind,
    drive::Case,
    fixture::{Exchange, Fixture, Outcome, Step},
    json,
    replay::{self, Recording},
    xml::Node,
};

/// A part of a fixture with one value falsified.
enum Falsified {
    Step(usize, Step),
    Outcome(Outcome),
}

/// Falsifies every expected value and demands that the replay notices.
pub(crate) fn check<O: Operation>(
    case: &Case<'_, O>,
    fixture: &Fixture,
    recording: &Recording,
    name: &str,
    report: &mut Report,
) {
    for (what, falsified) in flips(fixture) {
        report.flips += 1;
        if !is_noticed(case, fixture, recording, falsified) {
            report.add(name, format!("{what} was falsified and nothing noticed: it asserts nothing"));
        }
    }
}

/// Nothing that an adapter does depends on what is expected of it, so a falsified step is held against the
/// conversation as it went. Only where that finds nothing is the whole played again: a step may change what
/// the adapter is told.
fn is_noticed<O: Operation>(
    case: &Case<'_, O>,
    fixture: &Fixture,
    recording: &Recording,
    falsified: Falsified,
) -> bool {
    let copy = match falsified {
        Falsified::Outcome(outcome) => return !recording.differences(&outcome).is_empty(),
        Falsified::Step(at, step) => {
            let mut noticed = false;
            if let Some(said) = recording.steps.get(at) {
                replay::play(case, &step, said, &mut |_| noticed = true);
            }
            if noticed {
                return true;
            }
            let mut copy = fixture.clone();
            copy.steps[at] = step;
            copy
        }
    };
    replay::record(case, &copy).is_err()
}

fn flips(fixture: &Fixture) -> Vec<(String, Falsified)> {
    let mut all = Vec::new();
    for (at, good) in fixture.steps.iter().enumerate() {
        let mut add = |what: &str, change: &dyn Fn(&mut Step)| {
            let mut copy = good.clone();
            change(&mut copy);
            all.push((format!("step {at}: {what}"), Falsified::Step(at, copy)));
        };
        add("emits", &|step| step.emits += 1);
        if good.wait_ms.is_some() {
            add("wait_ms", &|step| step.wait_ms = step.wait_ms.map(|wait| wait + 1));
        }
        if good.callback.is_some() {
            add("callback.correlation", &|step| {
                if let Some(callback) = &mut step.callback {
                    callback.correlation.push('x');
                }
            });
        }
        for (call, exchange) in good.calls.iter().enumerate() {
            for (what, flipped) in exchange_flips(exchange) {
                add(&format!("{}: {what}", exchange.tag), &|step| step.calls[call] = flipped.clone());
            }
        }
    }
    for (what, outcome) in outcome_flips(&fixture.outcome) {
        all.push((format!("outcome: {what}"), Falsified::Outcome(outcome)));
    }
    all
}

fn exchange_flips(exchange: &Exchange) -> Vec<(String, Exchange)> {
    let mut all = Vec::new();
    let mut add = |what: &str, change: &dyn Fn(&mut Exchange)| {
        let mut copy = exchange.clone();
        change(&mut copy);
        all.push((what.to_owned(), copy));
    };
    add("tag", &|call| call.tag.push('x'));
    add("lane", &|call| call.lane = another(call.lane, &Lane::ALL));
    add("effect", &|call| call.effect = another(call.effect.clone(), &[Effect::Read, Effect::Creates]));
    add("method", &|call| call.method = another(call.method, &[Method::Get, Method::Post]));
    add("path", &|call| call.path.push('x'));
    add("auth", &|call| call.auth = another(call.auth, &[Auth::None, Auth::Digest]));
    add("accepts", &|call| call.accepts.push(418));
    add("optional", &|call| call.optional = !call.optional);
    if exchange.is_lost() {
        add("reply.lost", &|call| {
            if let Some(reply) = &mut call.reply {
                reply.lost = false;
            }
        });
    } else if exchange.reply.is_some() {
        add("reply.session_expired", &|call| {
            if let Some(reply) = &mut call.reply {
                reply.session_expired = !reply.session_expired;
            }
        });
    }
    for at in 0..exchange.query.len() {
        add(&format!("query {}", exchange.query[at].0), &|call| call.query[at].1.push('x'));
        add(&format!("query {} (name)", exchange.query[at].0), &|call| call.query[at].0.push('x'));
    }
    for at in 0..exchange.headers.len() {
        add(&format!("header {}", exchange.headers[at].0), &|call| call.headers[at].1.push('x'));
        add(&format!("header {} (name)", exchange.headers[at].0), &|call| call.headers[at].0.push('x'));
    }
    for (what, kind) in body_flips(&exchange.body.0) {
        add(&format!("body {what}"), &|call| call.body.0 = kind.clone());
    }
    all
}

fn body_flips(body: &Kind) -> Vec<(String, Kind)> {
    match body {
        Kind::Empty => vec![("(none)".into(), Kind::Json(Value::Null))],
        Kind::Json(value) => json::leaves(value)
            .into_iter()
            .map(|path| {
                let flipped = json::changed(value, &path, |leaf| *leaf = json::falsified(leaf));
                (json::show(&path), Kind::Json(flipped))
            })
            .collect(),
        Kind::Form(pairs) => (0..pairs.len())
            .map(|at| {
                let mut flipped = pairs.clone();
                flipped[at].1.push('x');
                (pairs[at].0.clone(), Kind::Form(flipped))
            })
            .collect(),
        Kind::Xml { content_type, root } => {
            let with_root = |root| Kind::Xml { content_type: content_type.clone(), root };
            let mut all = vec![(
                "content_type".to_owned(),
                Kind::Xml { content_type: format!("{content_type}x"), root: root.clone() },
            )];
            for place in root.places() {
                let Node { name, attributes, .. } = root.at(&place);
                all.push((
                    format!("<{name}>"),
                    with_root(root.changed(&place, |node| node.text.push_str("falsified"))),
                ));
                all.push((
                    format!("<{name}> (namespace)"),
                    with_root(root.changed(&place, |node| node.namespace.push('x'))),
                ));
                all.push((
                    format!("<{name}> (name)"),
                    with_root(root.changed(&place, |node| node.name.push('x'))),
                ));
                for (at, (attribute, _)) in attributes.iter().enumerate() {
                    all.push((
                        format!("<{name} {attribute}>"),
                        with_root(root.changed(&place, |node| node.attributes[at].1.push('x'))),
                    ));
                }
            }
            all
        }
    }
}

fn outcome_flips(outcome: &Outcome) -> Vec<(String, Outcome)> {
    let mut all = Vec::new();
    let mut add = |what: String, change: &dyn Fn(&mut Outcome)| {
        let mut copy = outcome.clone();
        change(&mut copy);
        all.push((what, copy));
    };
    match (&outcome.decline, &outcome.fault) {
        (Some(_), _) => {
            add("decline.kind".into(), &|outcome| {
                if let Some(decline) = &mut outcome.decline {
                    decline.kind = another(decline.kind, &[DeclineKind::Declined, DeclineKind::OutsideScope]);
                }
            });
            add("decline.message".into(), &|outcome| {
                if let Some(decline) = &mut outcome.decline {
                    decline.message.push('x');
                }
            });
        }
        (None, Some(_)) => {
            add("fault.kind".into(), &|outcome| {
                if let Some(fault) = &mut outcome.fault {
                    fault.kind = another(fault.kind, &[FaultKind::InsurerError, FaultKind::NotUnderstood]);
                }
            });
            add("fault.detail".into(), &|outcome| {
                if let Some(fault) = &mut outcome.fault {
                    fault.detail.push('x');
                }
            });
        }
        (None, None) => {}
    }
    let results = Value::from(outcome.results.clone());
    for path in json::leaves(&results) {
        let flipped = json::changed(&results, &path, |leaf| *leaf = json::falsified(leaf));
        if let Value::Array(flipped) = flipped {
            add(format!("result{}", json::show(&path)), &|outcome| outcome.results = flipped.clone());
        }
    }
    add("one result more".into(), &|outcome| outcome.results.push(Value::Bool(true)));
    all
}

/// Any of `all` but `this`.
fn another<T: Clone + PartialEq>(this: T, all: &[T]) -> T {
    all.iter().find(|other| **other != this).cloned().unwrap_or(this)
}
