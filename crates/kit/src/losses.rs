//! Replies that are lost: the gateway was killed, or the connection broke after the call had left.
//!
//! Beside every call of a fixture that creates something, the flow is asked how it would
//! [recover](veer_contract::Flow::recover). It may know no way; but if it names one, it must ask before it
//! creates anything: a call that the insurer carried out already must not be sent on a guess.

use veer_contract::{Effect, Next, Operation, SavedState};

use crate::{
    Report,
    drive::{Answer, Case, Follow},
    fixture::Fixture,
    replay::{self, Said},
};

/// Waits that an adapter may ask for before it asks the insurer.
const MOST_WAITS: usize = 50;

/// Loses the reply to every call that creates, one at a time.
pub(crate) fn check<O: Operation>(case: &Case<'_, O>, fixture: &Fixture, name: &str, report: &mut Report) {
    for at in 0..fixture.steps.len() {
        let creating = fixture.steps[at].calls.iter().find(|exchange| exchange.effect == Effect::Creates);
        let Some(exchange) = creating else { continue };
        report.losses += 1;
        for problem in lose(case, fixture, at) {
            report.add(name, format!("step {at}: the reply to `{}` is lost: {problem}", exchange.tag));
        }
    }
}

/// Plays the fixture up to step `at`, loses the reply there, and follows the flow until it asks.
fn lose<O: Operation>(case: &Case<'_, O>, fixture: &Fixture, at: usize) -> Vec<String> {
    let mut problems = Vec::new();
    let mut steps = fixture.steps.iter().enumerate();
    let mut lost = false;
    let mut waits = 0;
    let conversation = case.converse(Follow::ToTheEnd, |next, emitted| {
        if lost {
            return follow(next, &mut waits, &mut problems);
        }
        match steps.next() {
            Some((step, _)) if step == at => {
                lost = true;
                Answer::Lost
            }
            // What differs was told when the fixture was replayed.
            Some((_, step)) => replay::play(case, step, &Said::of(next, emitted), &mut |_| {}),
            None => Answer::Stop,
        }
    });
    problems.extend(conversation.problems);
    problems
}

fn follow(next: &Next<SavedState>, waits: &mut usize, problems: &mut Vec<String>) -> Answer {
    match next {
        Next::Call { calls, .. } => {
            let guesses = calls.iter().filter(|call| call.effect != Effect::Read);
            problems.extend(guesses.map(|call| {
                format!("`recover` sends `{}`, which does more than read, before it has asked", call.tag)
            }));
            Answer::Stop
        }
        Next::Wait { .. } if *waits < MOST_WAITS => {
            *waits += 1;
            Answer::Woke
        }
        Next::Wait { .. } => {
            problems.push("`recover` waits for ever and never asks".into());
            Answer::Stop
        }
        _ => Answer::Stop,
    }
}
