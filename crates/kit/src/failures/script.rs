//! Plays the insurer and the host with one reply replaced.

use std::collections::HashMap;

use veer_contract::{Call, Effect, Next, Operation, Reply, SavedState};

use super::broken::Broken;
use crate::{
    drive::{Answer, Case},
    fixture::{Exchange, Fixture, GivenReply},
    host::{self, Judged, Verdict},
};

/// A reply of a fixture: its call's tag, its number among that tag's replies, and the exchange that it is of;
/// the insurer's own call has none.
#[derive(Clone, Copy)]
pub(crate) struct Good<'f> {
    pub(crate) tag: &'f str,
    pub(crate) nth: usize,
    pub(crate) reply: &'f GivenReply,
    pub(crate) exchange: Option<&'f Exchange>,
}

/// Waits in a row.
const MOST_WAITS: usize = 20;

/// Every reply of the fixture.
pub(crate) fn replies(fixture: &Fixture) -> Vec<Good<'_>> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut all = Vec::new();
    for exchange in fixture.exchanges() {
        let Some(reply) = &exchange.reply else { continue };
        let count = seen.entry(exchange.tag.as_str()).or_default();
        all.push(Good { tag: &exchange.tag, nth: *count, reply, exchange: Some(exchange) });
        *count += 1;
    }
    let callbacks = fixture.steps.iter().filter_map(|step| step.callback.as_ref());
    let callbacks = callbacks.enumerate().map(|(nth, callback)| Good {
        tag: "callback",
        nth,
        reply: &callback.reply,
        exchange: None,
    });
    all.extend(callbacks);
    all
}

/// Answers by tag, as often as asked, with one reply replaced.
pub(crate) struct Script<'c, 'a, O: Operation> {
    case: &'c Case<'a, O>,
    good: &'c [Good<'c>],
    broken: Option<((&'c str, usize), &'c Broken)>,
    asked: HashMap<String, usize>,
    /// How often each call that creates may have been carried out.
    pub(crate) created: HashMap<String, usize>,
    /// What the host ended the conversation with, where it did.
    pub(crate) ended: Option<Verdict>,
    /// Steps that are left before the adapter is taken to go on for ever.
    pub(crate) rounds: usize,
    /// Waits since the last call.
    waits: usize,
    was_broken: bool,
}

/// What became of one call.
enum Exchanged {
    Reply(Reply),
    Nothing,
    Lost(Verdict),
    Ended(Verdict),
}

// === impl Script ===

impl<'c, 'a, O: Operation> Script<'c, 'a, O> {
    /// Answers with `good`, and with `broken` in the place of one of them.
    pub(crate) fn new(
        case: &'c Case<'a, O>,
        good: &'c [Good<'c>],
        broken: Option<((&'c str, usize), &'c Broken)>,
    ) -> Self {
        Self {
            case,
            good,
            broken,
            asked: HashMap::new(),
            created: HashMap::new(),
            ended: None,
            rounds: 50 + 4 * good.len(),
            waits: 0,
            was_broken: false,
        }
    }

    /// Whether the adapter goes on for ever. One that asks what became of a call may do so for as long as the
    /// insurer does not say: the budget ends it.
    pub(crate) fn is_endless(&self, recovered: bool) -> bool {
        self.rounds == 0 && (!recovered || self.waits > MOST_WAITS)
    }

    pub(crate) fn answer(&mut self, next: &Next<SavedState>) -> Answer {
        self.rounds = self.rounds.saturating_sub(1);
        if self.rounds == 0 {
            return Answer::Stop;
        }
        self.waits += 1;
        match next {
            Next::Call { calls, .. } => {
                self.waits = 0;
                self.reply_to(calls)
            }
            Next::Await { .. } => match self.given("callback") {
                Some(reply) => Answer::Callback(reply.tagged("callback")),
                // Nobody calls: the budget ends it.
                None => self.end(Verdict::OutOfBudget),
            },
            _ => Answer::Woke,
        }
    }

    /// All are sent at once; the first that failed decides.
    fn reply_to(&mut self, calls: &[Call]) -> Answer {
        let exchanged: Vec<_> = calls.iter().map(|call| self.exchange(call)).collect();
        let mut replies: Vec<Reply> = Vec::new();
        for exchanged in exchanged {
            match exchanged {
                Exchanged::Reply(reply) => replies.push(reply),
                Exchanged::Nothing => {}
                Exchanged::Lost(verdict) => {
                    // What the flow says next may end it otherwise.
                    self.ended = Some(verdict);
                    return Answer::Lost;
                }
                Exchanged::Ended(verdict) => return self.end(verdict),
            }
        }
        Answer::Replies(replies)
    }

    fn exchange(&mut self, call: &Call) -> Exchanged {
        let mut logged_in_again = false;
        loop {
            let Some(given) = self.given(&call.tag) else {
                // The fixture does not know the call: nobody answers.
                return if call.optional { Exchanged::Nothing } else { Exchanged::Ended(Verdict::Connect) };
            };
            if given.lost {
                self.count(call);
                return if call.optional { Exchanged::Nothing } else { Exchanged::Lost(Verdict::Connect) };
            }
            let reply = given.tagged(&call.tag);
            match host::judge(self.case.adapter, call, &reply) {
                Judged::Accepted => {
                    self.count(call);
                    return Exchanged::Reply(reply);
                }
                Judged::SessionOver if !logged_in_again => {
                    logged_in_again = true;
                    // A fixture has the expired reply and then the good one; a 401 stands in for the good one.
                    if let Some(asked) = self.asked.get_mut(&call.tag).filter(|_| reply.status == 401) {
                        *asked -= 1;
                    }
                }
                Judged::SessionOver if call.optional => return Exchanged::Nothing,
                Judged::SessionOver => return Exchanged::Ended(Verdict::CredentialsRefused),
                Judged::Failed { verdict, may_be_made, lost } => {
                    if may_be_made {
                        self.count(call);
                    }
                    return match (call.optional, lost) {
                        (true, _) => Exchanged::Nothing,
                        (false, true) => Exchanged::Lost(verdict),
                        (false, false) => Exchanged::Ended(verdict),
                    };
                }
            }
        }
    }

    fn given(&mut self, tag: &str) -> Option<&'c GivenReply> {
        let nth = self.asked.entry(tag.to_owned()).or_default();
        let at = *nth;
        *nth += 1;
        if let Some((place, broken)) = self.broken
            && place == (tag, at)
            && !(broken.once && std::mem::replace(&mut self.was_broken, true))
        {
            return Some(&broken.reply);
        }
        let mut of_tag = self.good.iter().filter(|good| good.tag == tag);
        let exact = of_tag.clone().find(|good| good.nth == at);
        exact.or_else(|| of_tag.next_back()).map(|good| good.reply)
    }

    fn count(&mut self, call: &Call) {
        if call.effect == Effect::Creates {
            *self.created.entry(call.tag.clone()).or_default() += 1;
        }
    }

    fn end(&mut self, verdict: Verdict) -> Answer {
        self.ended = Some(verdict);
        Answer::Stop
    }
}
