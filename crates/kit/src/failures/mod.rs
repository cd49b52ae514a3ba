//! Broken replies, derived from the good ones of a fixture.
//!
//! At each exchange the reply is replaced by one that has another status, is lost, empty, cut off, of another
//! kind, in the wrong charset, huge, bottomless, or that lacks, nulls or repeats something, or holds personal data
//! or a secret. Whatever arrives, the adapter must not panic, must come to an end with a verdict, must not
//! create anything a second time and must not put what it received into a fault. The kit plays the
//! [host](crate::Verdict): a status that the call does not accept never reaches the adapter, and a call that
//! creates and may have been carried out is asked after. A reply that merely has an unknown key more must change
//! nothing. A reply that the fixture says is lost stays lost.

pub(crate) mod broken;
pub(crate) mod script;
mod statuses;

use veer_contract::{Effect, Operation};

use self::{
    broken::{Broken, Demand},
    script::{Good, Script, replies},
};
use crate::{
    Report,
    drive::{Case, Conversation, Follow},
    fixture::Fixture,
    host::Verdict,
};

/// Runs every broken reply that can be derived from the fixture.
pub(crate) fn check<O: Operation>(case: &Case<'_, O>, fixture: &Fixture, name: &str, report: &mut Report) {
    let good = replies(fixture);
    let personal = case.secrets.sample();
    for Good { tag, nth, reply, exchange } in good.iter().filter(|good| !good.reply.lost) {
        let mut all = exchange.map(|exchange| statuses::derive(exchange, reply)).unwrap_or_default();
        all.extend(broken::derive(reply, personal.as_deref()));
        // The host logs in again once a call, and here it has.
        let after_login =
            |good: &Good<'_>| good.tag == *tag && good.nth + 1 == *nth && good.reply.session_expired;
        if good.iter().any(after_login) {
            all.retain(|broken| !broken.once);
        }
        for broken in all {
            let mut script = Script::new(case, &good, Some(((*tag, *nth), &broken)));
            let conversation = case.converse(Follow::AsTheHost, |next, _| script.answer(next));
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
    let out_of_budget = (script.rounds == 0).then_some(Verdict::OutOfBudget);
    let verdict = conversation.end.as_ref().map(Verdict::of).or(script.ended).or(out_of_budget);
    let mut problems = conversation.problems;
    if script.is_endless(conversation.recovered) {
        problems.push("the adapter does not come to an end".into());
    } else if verdict.is_none() && problems.is_empty() {
        problems.push("the conversation ends without a verdict".into());
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
    if broken.demand == Demand::Same && !same {
        problems.push("the outcome changes".into());
    }
    problems
}
