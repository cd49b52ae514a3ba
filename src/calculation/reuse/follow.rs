//! The conversation that sends nothing: it hears another one about the same risk.

use std::sync::Arc;

use metrics::Counter;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use veer_contract::Lane;

use super::talk::{Over, Talk, Told};
use crate::{
    calculation::conversation::Events,
    upstream::{
        Budget, Timeline, Verdict,
        driver::{End, Journal},
        timeline::{Cause, What, millis},
    },
};

/// A follower's side of a talk.
pub(in crate::calculation) struct Follow {
    talk: Arc<Talk>,
    joined: Counter,
    reused: Counter,
}

/// Who hears it, and for how long.
pub(in crate::calculation) struct Ear<'a> {
    pub budget: &'a Budget,
    pub timeline: &'a Timeline,
    /// Says that the gateway is stopping.
    pub stop: &'a CancellationToken,
    pub events: &'a Events,
}

// === impl Follow ===

impl Follow {
    pub(super) fn new(talk: Arc<Talk>, joined: Counter, reused: Counter) -> Self {
        Self { talk, joined, reused }
    }

    /// Hears the talk to its end. None: it came to nothing, and the insurer is to be asked.
    ///
    /// What the insurer was asked and told there is shown as asked and told here: it is about the same risk. That no call
    /// left for it is seen on the timeline and in the counts of calls.
    pub async fn hear(self, ear: &Ear<'_>) -> Option<End> {
        let mut told = self.talk.listen();
        let since = Instant::now();
        let ended = match &told.borrow().over {
            Some(Over::Done(at)) => Some(at.elapsed()),
            _ => None,
        };
        ear.timeline.note(match ended {
            Some(age) => What::Reused { age_ms: millis(age) },
            None => What::Joined { age_ms: millis(self.talk.began.elapsed()) },
        });
        let mut heard = Heard::default();
        let over = loop {
            let now = told.borrow_and_update().clone();
            heard.hear(&now, &self.talk, ear.events);
            if let Some(over) = now.over {
                break over;
            }
            tokio::select! {
                biased;
                () = ear.stop.cancelled() => return Some(End::Parked),
                changed = told.changed() => if changed.is_err() { break Over::InVain },
                () = tokio::time::sleep_until(ear.budget.deadline()) => {
                    ear.timeline.waited(since, Cause::Shared, None);
                    let detail = "the calculation's time was over before the conversation that it had joined ended";
                    return Some(End::Failed { verdict: Verdict::OutOfBudget, detail: detail.to_owned() });
                }
            }
        };
        ear.timeline.waited(since, Cause::Shared, None);
        let end = match over {
            Over::Done(_) => End::Done,
            Over::Declined(decline) => End::Declined(decline),
            Over::InVain => {
                ear.timeline.note(What::JoinedInVain);
                return None;
            }
        };
        let shared = if ended.is_some() { &self.reused } else { &self.joined };
        shared.increment(1);
        Some(end)
    }
}

/// How much of a talk was passed on.
#[derive(Default)]
struct Heard {
    asked: Option<Lane>,
    offers: usize,
}

// === impl Heard ===

impl Heard {
    fn hear(&mut self, told: &Told, talk: &Talk, events: &Events) {
        if let Some(lane) = told.asked.filter(|lane| self.asked != Some(*lane)) {
            self.asked = Some(lane);
            events.asking(lane);
        }
        for offers in told.offers.iter().skip(self.offers) {
            events.handed_on(offers.clone(), talk.expires);
        }
        self.offers = told.offers.len();
    }
}
