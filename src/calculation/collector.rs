//! One task a calculation: it hears every conversation, publishes what changed, and ends the calculation.
//!
//! It changes the board as insurers answer; what users do with an offer then is the business of
//! [`offers`](crate::offers). It owns the deadline: a conversation that outlives the budget is abandoned by
//! name. What conversations want kept goes to the store through it, so a state is never durable before the
//! offers that were published on the way to it.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    sync::mpsc,
    task::{Id, JoinSet},
    time::Instant,
};
use veer_contract::{
    OperationKind,
    domain::{Offer, Premium},
};

use super::{
    CalculationStatus, Ended, Live, Party, Services,
    complete::{self, Completeness},
    conversation::{Events, Quoting},
    event::Event,
    explain, message,
    moves::NoSuchMove,
    offer_check::{self, OfferProblem},
    record::Record,
    saying::{Saying, written},
};
use crate::{
    store::StoreError,
    telemetry,
    upstream::{Budget, Verdict, callbacks::CallKey, driver::End, point::Beginning, timeline::What},
};

/// Conversations know the deadline themselves and say what they were waiting for; only one that does
/// not answer is cut off, this much later.
const PATIENCE: Duration = Duration::from_millis(300);

/// A calculation under way.
pub struct Collector {
    pub(super) services: Arc<Services>,
    pub(super) live: Arc<Live>,
    budget: Budget,
    start: Instant,
    /// The offers of each insurer that were not published: the last problem.
    rejected: Vec<Option<OfferProblem>>,
    pub(super) complete: Completeness,
    /// What is said of the calculation before its end. It is not taken back.
    pub(super) said: Option<CalculationStatus>,
}

struct Running {
    events: mpsc::UnboundedReceiver<(usize, Event)>,
    tasks: JoinSet<()>,
    ids: Vec<Option<Id>>,
    parked: bool,
    /// What is to be said is being written down: it is shown when it is durable.
    saying: Option<Saying>,
}

// === impl Collector ===

impl Collector {
    /// A calculation that began at `start` and may take until `budget` ends. What is known of it already
    /// stands on its board.
    pub fn new(services: &Arc<Services>, live: Arc<Live>, budget: Budget, start: Instant) -> Self {
        let rejected = vec![None; services.insurers.len()];
        let complete = Completeness::new(&services.config.complete, start);
        let said = live.with(|public| public.asking);
        let said = (said != CalculationStatus::InProgress).then_some(said);
        Self { services: services.clone(), live, budget, start, rejected, complete, said }
    }

    /// Makes the calculation visible and runs it in a task of its own.
    pub fn spawn(self, beginnings: Vec<Beginning>) {
        // Before anybody hears of it: who has heard may ask at once.
        self.services.publish(&self.live);
        let tracker = self.services.tracker.clone();
        tracker.spawn(self.run(beginnings));
    }

    /// Asks every insurer that has no verdict yet, each from its own of `beginnings`, and publishes until
    /// all have one.
    async fn run(mut self, beginnings: Vec<Beginning>) {
        let mut running = self.fan_out(beginnings);
        let cut_off = self.budget.deadline() + PATIENCE;
        let mut changed = false;
        loop {
            // First of all: there may be nobody to ask, or after a restart nobody left.
            if self.live.parties().iter().all(|party| party.ended.get().is_some()) {
                break self.finish();
            }
            if running.parked && running.tasks.is_empty() && running.events.is_empty() {
                break;
            }
            if let Some(rule) = self.rule() {
                running.saying = self.say(rule);
            }
            if changed {
                // Whoever is about to tell something may do so first: a busy gateway writes fewer answers.
                tokio::task::yield_now().await;
                if running.events.is_empty() {
                    changed = false;
                    self.services.publish(&self.live);
                }
            }
            tokio::select! {
                biased;
                (rule, written) = written(&mut running.saying) => {
                    running.saying = None;
                    changed |= self.has_said(rule, written);
                }
                Some(event) = running.events.recv() => {
                    let mut next = Some(event);
                    while let Some((party, event)) = next {
                        changed |= self.hear(party, event, &mut running);
                        next = running.events.try_recv().ok();
                    }
                }
                Some(joined) = running.tasks.join_next_with_id() => {
                    let id = joined.as_ref().map_or_else(tokio::task::JoinError::id, |(id, ())| *id);
                    // Its last words may have come since the events were looked at.
                    while let Ok((party, event)) = running.events.try_recv() {
                        changed |= self.hear(party, event, &mut running);
                    }
                    changed |= self.ended_without_a_word(&running, id);
                }
                // Looked at when the loop begins again.
                () = self.complete.soft_deadline() => {}
                () = tokio::time::sleep_until(cut_off) => {
                    running.tasks.abort_all();
                    for party in 0..self.live.parties().len() {
                        let detail = "the conversation did not end by itself and was abandoned";
                        changed |= self.failed(party, Verdict::OutOfBudget, detail);
                    }
                }
                () = self.services.abort.cancelled() => {
                    running.tasks.shutdown().await;
                    // What was said before the end is kept: a reply may have been worked up.
                    while let Ok((party, event)) = running.events.try_recv() {
                        self.hear(party, event, &mut running);
                    }
                    break;
                }
            }
        }
    }

    fn fan_out(&self, beginnings: Vec<Beginning>) -> Running {
        let (sender, events) = mpsc::unbounded_channel();
        let (mut tasks, mut ids) = (JoinSet::new(), Vec::new());
        let mut beginnings = beginnings.into_iter();
        for (index, party) in self.live.parties().iter().enumerate() {
            let beginning = beginnings.next().unwrap_or(Beginning::Start);
            if party.ended.get().is_some() {
                ids.push(None);
                continue;
            }
            if party.is_shadow() && matches!(beginning, Beginning::Start) {
                // Before anything is said: a restart goes on in the shadow.
                let row = self.record().conversation(index, None, false);
                self.report(self.services.store.note_conversation(row));
            }
            let insurer = self.services.insurers[index].clone();
            let conversation = Quoting {
                services: self.services.clone(),
                insurer,
                request_id: self.live.request_id,
                request: self.live.request.clone(),
                budget: self.budget,
                timeline: party.timeline.clone(),
                events: Events { party: index, sender: sender.clone() },
            };
            ids.push(Some(tasks.spawn(conversation.run(beginning)).id()));
        }
        Running { events, tasks, ids, parked: false, saying: None }
    }

    /// Returns whether the public side changed.
    fn hear(&mut self, party: usize, event: Event, running: &mut Running) -> bool {
        match event {
            Event::Taken(call) => {
                self.dealt_with(call);
                false
            }
            // One that was given up meanwhile has its end: that stands.
            Event::Ended { end, told } => {
                let is_over = self.live.parties()[party].ended.get().is_some();
                let changed = !is_over && self.ended(party, end, running);
                // Behind the end, so that no restart finds the call gone and the end not there.
                told.into_iter().for_each(|call| self.dealt_with(call));
                changed
            }
            _ if self.live.parties()[party].ended.get().is_some() => false,
            Event::Asking(lane) => {
                let one = &self.live.parties()[party];
                one.asked.store(true, Ordering::Relaxed);
                if one.is_shadow() {
                    return false;
                }
                // Not written down: its id follows from the calculation, and whoever was asked is asked
                // or given up again after a restart.
                self.live.with(|public| !public.board.asked(party, &one.insurer, lane).is_empty())
            }
            Event::Offered(offers) => self.offered(party, offers, None),
            Event::HandedOn { offers, expires } => self.offered(party, offers.to_vec(), Some(expires)),
            Event::Keep(point) => {
                let row = self.record().conversation(party, Some(&point), false);
                self.report(self.services.store.note_conversation(row));
                false
            }
            Event::KeepDurably { point, creating, done } => {
                let row = self.record().conversation(party, Some(&point), creating);
                let store = self.services.store.clone();
                // The others need not wait for this one's disk.
                self.services.tracker.spawn(async move {
                    let kept = store.keep_conversation(row).await.map_err(|error| error.to_string());
                    // A conversation that was abandoned meanwhile sends nothing.
                    let _ = done.send(kept);
                });
                false
            }
        }
    }

    /// The conversation said how it ended.
    fn ended(&mut self, party: usize, end: End, running: &mut Running) -> bool {
        match end {
            End::Done => match self.rejected[party].take() {
                _ if self.has_offer(party) => self.conclude(party, Verdict::Offered, "", None),
                Some(problem) => self.conclude(party, Verdict::InvalidOffer, &problem.to_string(), None),
                None => self.failed(party, Verdict::NotUnderstood, "the conversation ended without an offer"),
            },
            // The words are the insurer's and may name a person: they are for the user, not for logs.
            End::Declined(decline) => self.conclude(party, decline.kind.into(), "", Some(decline.message)),
            End::Failed { verdict, detail } => self.failed(party, verdict, &detail),
            End::Parked => {
                self.live.parties()[party].timeline.note(What::Parked);
                running.parked = true;
                false
            }
        }
    }

    /// The insurer's own call lies behind what was handed to the store last.
    fn dealt_with(&self, call: CallKey) {
        self.services.callbacks.settled(&call);
        let CallKey { insurer, correlation, digest } = call;
        self.report(self.services.store.note_call_taken(insurer, correlation, digest));
    }

    /// Publishes what holds, and remembers of the rest why it does not. Where `expires` is given, no offer is good for
    /// longer.
    fn offered(&mut self, party: usize, offers: Vec<Offer>, expires: Option<Timestamp>) -> bool {
        let insurer = self.services.insurers[party].clone();
        let mut changed = false;
        for offer in offers {
            let known =
                insurer.identity_of(offer.company.as_deref()).map_err(|no| offer_check::company(&offer, no));
            let checked = offer_check::check(&offer, &self.services.upstream).and(known);
            let identity = match checked {
                Ok(identity) => identity,
                Err(problem) => {
                    tracing::warn!(
                        request_id = %self.live.request_id,
                        insurer = insurer.code(),
                        %problem,
                        "an offer is not published"
                    );
                    self.rejected[party] = Some(problem);
                    continue;
                }
            };
            let is_final = matches!(offer.premium, Premium::Final(_));
            let one = &self.live.parties()[party];
            if let Some(shadow) = &one.shadow {
                let price = offer.premium.amount();
                shadow.offered(price);
                one.timeline.note(What::ShadowOffered { price: price.as_json_number(), is_final });
                continue;
            }
            let is_first = !self.has_offer(party);
            let offered = self.live.with(|public| {
                let index = public.board.offered(party, identity, offer)?;
                public.board.ends_by(index, expires);
                Ok::<_, NoSuchMove>(index)
            });
            match offered {
                Ok(index) => {
                    one.timeline.note(What::Offered { is_final });
                    if is_first && self.said.is_some() {
                        self.services.early.late_offer();
                    }
                    self.note_offers(&[index]);
                    changed = true;
                }
                Err(refused) => tracing::info!(
                    request_id = %self.live.request_id,
                    insurer = insurer.code(),
                    %refused,
                    "an offer came too late"
                ),
            }
        }
        changed
    }

    /// The conversation broke. What it had offered before stands.
    fn failed(&mut self, party: usize, verdict: Verdict, detail: &str) -> bool {
        let verdict = if self.has_offer(party) { Verdict::Offered } else { verdict };
        self.conclude(party, verdict, detail, None)
    }

    /// Gives `party` its one verdict.
    fn conclude(&mut self, party: usize, verdict: Verdict, detail: &str, message: Option<String>) -> bool {
        let after = self.start.elapsed();
        let ended = Ended { verdict, detail: detail.to_owned(), after_ms: complete::millis(after) };
        let one = &self.live.parties()[party];
        if one.ended.set(ended).is_err() {
            return false;
        }
        one.timeline.note(What::Ended {
            verdict: verdict.code(),
            label: verdict.label(),
            detail: detail.to_owned(),
        });
        self.services.metrics.verdict(&one.insurer.code, OperationKind::Quote, verdict.label(), after);
        log_end(&self.live, one, verdict, detail, after);
        let shown = message.or_else(|| message::for_user(verdict).map(str::to_owned));
        let changed = match one.is_shadow() {
            true => Vec::new(),
            false => self.live.with(|public| public.board.ended(party, verdict, shown.as_deref())),
        };
        let row = self.record().conversation(party, None, false);
        // The entry first: a restart that finds the verdict finds the entry too.
        self.note_offers(&changed);
        self.report(self.services.store.note_conversation(row));
        !changed.is_empty()
    }

    /// A conversation's task is over. Whatever it had to say was said before, unless it panicked.
    fn ended_without_a_word(&mut self, running: &Running, id: Id) -> bool {
        let Some(party) = running.ids.iter().position(|known| *known == Some(id)) else { return false };
        if running.parked {
            return false;
        }
        let detail = "the conversation's task panicked; the place is in the log";
        self.failed(party, Verdict::Panicked, detail)
    }

    fn finish(self) {
        let status = self.said.unwrap_or_else(|| self.final_status());
        self.live.with(|public| public.asking = status);
        self.services.publish(&self.live);
        self.live.finish();
        self.services.metrics.calculation(status.as_str());
        tracing::info!(
            request_id = %self.live.request_id,
            status = status.as_str(),
            took_ms = self.start.elapsed().as_millis(),
            "calculation finished"
        );
        let timeline = serde_json::to_vec(&explain::parties(&self.live)).unwrap_or_default();
        let row = self.record().finished(status, telemetry::now(), timeline);
        let (store, live) = (self.services.store.clone(), self.live);
        // It stays in memory for as long as it is not durable.
        self.services.tracker.spawn(async move {
            match store.finish(row).await {
                Ok(()) => live.end_is_durable(),
                Err(error) => {
                    tracing::error!(request_id = %live.request_id, %error, "an end was not written down")
                }
            }
        });
    }

    fn has_offer(&self, party: usize) -> bool {
        match &self.live.parties()[party].shadow {
            Some(shadow) => shadow.cheapest().is_some(),
            None => self.live.with(|public| public.board.has_offer(party)),
        }
    }

    fn note_offers(&self, changed: &[usize]) {
        for index in changed {
            // Handed over under the lock, so that rows come to the store in the order of the changes.
            self.live.with(|public| {
                let row = self.record().offer(*index, &public.board.offers[*index]);
                self.report(self.services.store.note_offer(row));
            });
        }
    }

    pub(super) fn record(&self) -> Record<'_> {
        Record { live: &self.live, sealer: &self.services.store.sealer }
    }

    /// A write that nobody waits for failed: the calculation goes on in memory.
    pub(super) fn report(&self, written: Result<(), StoreError>) {
        if let Err(error) = written {
            tracing::error!(request_id = %self.live.request_id, %error, "could not be written down");
        }
    }
}

/// A failure is for somebody to look at; an offer and a no are in the metrics and on the timeline, and a
/// line for each would be most of the log.
fn log_end(live: &Live, party: &Party, verdict: Verdict, detail: &str, after: Duration) {
    let (request_id, insurer) = (live.request_id, party.insurer.code.as_str());
    let (code, label, took_ms) = (verdict.code(), verdict.label(), after.as_millis());
    if verdict.is_failure() {
        tracing::info!(%request_id, insurer, verdict = code, label, detail, took_ms, "insurer failed");
    } else {
        tracing::debug!(%request_id, insurer, verdict = code, label, detail, took_ms, "insurer ended");
    }
}
