//! One operation about one offer, driven from its first call or from where it was cut off.
//!
//! There is one of a kind an offer at a time. How far it is stands in the store before anything is sent, so
//! whatever stops the gateway, the operation goes on after a restart; its end is written together with what
//! came of it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::future::BoxFuture;
use veer_contract::{Lane, Operation, OperationKind, domain::OfferRef, operation::OfferInput};

use super::{OfferError, Offers};
use crate::{
    calculation::{Live, OfferEntry, Record, Stopped, resume},
    store::{ConversationRow, OfferKey, StoreError},
    upstream::{
        Budget, Class, Insurer, Timeline, Verdict,
        callbacks::CallKey,
        driver::{self, Conversation, End, Hearing, Journal},
        point::{Beginning, Point},
    },
};

/// Where an insurer cannot be asked whether an offer is paid, and has not told so within this time, it is not.
const NOTHING_TOLD: Duration = Duration::from_secs(2);

/// An operation about an offer.
pub(super) struct Errand<O: Operation> {
    pub live: Arc<Live>,
    pub offer_id: Arc<str>,
    pub insurer: Arc<Insurer>,
    pub input: O::Input,
    pub budget: Budget,
    /// It may go on for hours.
    pub patient: bool,
    pub kept: Kept,
}

/// How far an operation is in the store.
#[derive(Debug)]
pub(super) struct Kept {
    /// Which beginning of it this is; 0 for one that only reads.
    pub run: i64,
    /// Where it goes on.
    pub beginning: Beginning,
    /// It was begun and not ended.
    pub is_open: bool,
}

/// What came of it.
pub(super) struct Came<T> {
    /// What the flow gave.
    pub results: Vec<T>,
    /// How it ended.
    pub end: End,
    /// The end, to be written with what follows from it; none where the gateway stops.
    pub row: Option<ConversationRow>,
    /// The last state that was kept, if something was made by then: where the result is not taken, the next
    /// try goes on from there.
    pub stopped: Option<Stopped>,
    /// The insurer may have an application of which nothing is known.
    pub is_unclear: bool,
    /// The insurer's own call that led to the end: it is dealt with once the end is written down.
    pub told: Option<CallKey>,
}

/// Holds the place of an operation under way.
pub(super) struct UnderWay {
    offers: Offers,
    live: Arc<Live>,
    place: (OfferKey, OperationKind),
}

struct Notebook<'a, O: Operation> {
    errand: &'a RowOf,
    offers: &'a Offers,
    results: Mutex<Vec<O::Output>>,
    kept: Mutex<LastKept>,
}

/// The states that an operation has kept.
#[derive(Default)]
struct LastKept {
    last: Option<Stopped>,
    /// What was there before a call that creates, until it is known what became of it.
    before: Option<Option<Stopped>>,
}

/// Makes the rows of one operation.
struct RowOf {
    live: Arc<Live>,
    offer_id: Arc<str>,
    insurer: Arc<str>,
    operation: OperationKind,
    run: i64,
}

impl Offers {
    /// Takes the place of `operation` about the offer; none while another holds it.
    pub(super) fn take_place(
        &self,
        live: &Arc<Live>,
        offer_id: &str,
        operation: OperationKind,
    ) -> Option<UnderWay> {
        let place = (Self::key(live, offer_id), operation);
        match self.0.under_way.entry(place.clone()) {
            dashmap::Entry::Occupied(_) => None,
            dashmap::Entry::Vacant(vacant) => {
                vacant.insert(());
                Some(UnderWay { offers: self.clone(), live: live.clone(), place })
            }
        }
    }

    /// Whether `operation` about the offer is under way.
    pub(super) fn is_under_way(&self, live: &Live, offer_id: &str, operation: OperationKind) -> bool {
        self.0.under_way.contains_key(&(Self::key(live, offer_id), operation))
    }

    /// Runs `task` where calculations run, whatever becomes of the caller. A failure of the store is all
    /// that can go wrong in it; the next start takes the work up again.
    pub(super) fn spawn(&self, task: impl Future<Output = Result<(), OfferError>> + Send + 'static) {
        let services = self.services();
        let abort = services.abort.clone();
        let task = async move {
            tokio::select! {
                done = task => {
                    if let Err(error) = done {
                        tracing::error!(%error, "an operation about an offer stopped");
                    }
                }
                () = abort.cancelled() => {}
            }
        };
        // The place in the queue is all that is wanted of it.
        drop(services.tracker.spawn_on(task, &services.runtime));
    }

    /// Where `operation` about the offer goes on, or begins anew.
    pub(super) async fn kept(
        &self,
        live: &Live,
        offer_id: &str,
        operation: OperationKind,
    ) -> Result<Kept, StoreError> {
        let services = self.services();
        let rows = services.store.conversations(&live.account, live.request_id, operation.name()).await?;
        let Some(row) = rows.into_iter().find(|row| &*row.offer_id == offer_id) else {
            return Ok(Kept { run: 1, beginning: Beginning::Start, is_open: false });
        };
        if row.verdict.is_some() {
            return Ok(Kept { run: row.run + 1, beginning: Beginning::Start, is_open: false });
        }
        Ok(Kept { run: row.run, beginning: resume::beginning(services, &row), is_open: true })
    }

    /// The row of an operation that is about to begin, or to go on from where it broke off.
    pub(super) fn beginning_row(
        &self,
        live: &Arc<Live>,
        entry: &OfferEntry,
        operation: OperationKind,
        run: i64,
        stopped: Option<&Stopped>,
    ) -> ConversationRow {
        let row = RowOf {
            live: live.clone(),
            offer_id: entry.offer_id.as_str().into(),
            insurer: entry.insurer.code.as_str().into(),
            operation,
            run,
        };
        let creating = stopped.is_some_and(Stopped::is_unclear);
        row.row(self, stopped.map(|stopped| &stopped.point), creating, None)
    }

    /// What comes of an operation whose insurer is not configured any more, or cannot do it.
    pub(super) fn nobody_to_ask<T>(
        &self,
        live: &Arc<Live>,
        entry: &OfferEntry,
        operation: OperationKind,
        run: i64,
    ) -> Came<T> {
        let verdict = Verdict::Disabled;
        let detail = "the insurer is not configured any more".to_owned();
        let row = self.beginning_row(live, entry, operation, run, None);
        let row = ConversationRow { verdict: Some(verdict.code()), ..row };
        let end = End::Failed { verdict, detail };
        Came { results: Vec::new(), end, row: Some(row), stopped: None, is_unclear: false, told: None }
    }

    /// Asks the insurer about the offer; such a question need not be taken up again.
    pub(super) async fn ask<O: Operation<Input = OfferInput>>(
        &self,
        live: &Arc<Live>,
        offer_id: &Arc<str>,
        insurer: Arc<Insurer>,
        offer: OfferRef,
        budget: Duration,
    ) -> Came<O::Output> {
        self.send(Errand::<O> {
            live: live.clone(),
            offer_id: offer_id.clone(),
            insurer,
            input: OfferInput { request: (*live.request).clone(), offer },
            budget: Budget::of(budget).for_class(Class::Payment),
            patient: false,
            kept: Kept { run: 0, beginning: Beginning::Start, is_open: false },
        })
        .await
    }

    /// The insurer's own call lies behind what was written down last.
    pub(super) fn dealt_with(&self, call: Option<CallKey>) {
        let Some(CallKey { insurer, correlation, digest }) = call else { return };
        if let Err(error) = self.services().store.note_call_taken(insurer, correlation, digest) {
            tracing::error!(%error, "it was not written down that an insurer's call is dealt with");
        }
    }

    /// Carries the errand out.
    pub(super) async fn send<O: Operation>(&self, errand: Errand<O>) -> Came<O::Output> {
        let services = self.services();
        let row = RowOf {
            live: errand.live.clone(),
            offer_id: errand.offer_id,
            insurer: errand.insurer.code().into(),
            operation: O::KIND,
            run: errand.kept.run,
        };
        let begun = tokio::time::Instant::now();
        // A state that does not parse any more: who knows what was made.
        let is_lost = matches!(errand.kept.beginning, Beginning::Lost(None));
        let begun_at = match &errand.kept.beginning {
            // A call that is known to have made nothing is no place to go on from.
            Beginning::At(point) if point.creates() => None,
            Beginning::At(point) => Some(Stopped { point: point.clone(), creating: false }),
            Beginning::Lost(Some(point)) => Some(Stopped { point: point.clone(), creating: true }),
            Beginning::Start | Beginning::Lost(None) => None,
        };
        let vehicle = &errand.live.request.vehicle;
        // As the insurer calls it now: where it has renumbered since the quote, the old code is another car. What
        // needs no vehicle any more (is it paid, the policy's file) goes on without a mapping; an adapter that
        // needs one says so.
        let codes = services
            .dictionary
            .codes(&errand.insurer.config, errand.insurer.manifest.vehicles, vehicle)
            .codes();
        let vehicle = Arc::new(codes.unwrap_or_default());
        let journal =
            Notebook::<O> { errand: &row, offers: self, results: Mutex::default(), kept: Mutex::default() };
        let conversation = Conversation::<O> {
            insurer: errand.insurer.clone(),
            adapter: errand.insurer.adapter_for(&errand.kept.beginning),
            input: Arc::new(errand.input),
            vehicle,
            budget: errand.budget,
            timeline: Arc::new(Timeline::new()),
            callbacks: services.callbacks.clone(),
            stop: services.park.clone(),
            patient: errand.patient,
            hearing: hearing::<O>(errand.kept.run, errand.budget),
        };
        let (end, told) = driver::drive(conversation, errand.kept.beginning, &journal).await;
        let results = journal.results.into_inner().unwrap_or_else(PoisonError::into_inner);
        let LastKept { last, .. } = journal.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        let stopped = last.or(begun_at);
        let is_failed = matches!(end, End::Failed { .. });
        let is_unclear = is_failed && (is_lost || stopped.as_ref().is_some_and(Stopped::is_unclear));
        let Some(verdict) = verdict_of(&end) else {
            return Came { results, end, row: None, stopped: None, is_unclear: false, told };
        };
        services.metrics.verdict(errand.insurer.code(), O::KIND, verdict.label(), begun.elapsed());
        let detail = match &end {
            End::Failed { detail, .. } => detail.as_str(),
            _ => "",
        };
        let (request_id, insurer, offer_id) = (errand.live.request_id, errand.insurer.code(), &*row.offer_id);
        let (operation, code, label) = (O::KIND.name(), verdict.code(), verdict.label());
        if verdict.is_failure() {
            tracing::warn!(%request_id, offer_id, insurer, operation, verdict = code, label, detail, "operation failed");
        } else {
            tracing::debug!(%request_id, offer_id, insurer, operation, verdict = code, label, "operation ended");
        }
        let kept = row.row(self, None, false, Some((verdict, detail)));
        Came { results, end, row: Some(kept), stopped, is_unclear, told }
    }
}

/// A question that begins anew whenever it is asked leaves the insurer's calls for the next one. Whether an offer
/// is paid is asked again and again, so that question does not wait long for the insurer to tell.
fn hearing<O: Operation>(run: i64, budget: Budget) -> Hearing {
    match O::KIND {
        _ if run > 0 => Hearing::Takes,
        OperationKind::PaymentStatus => Hearing::Reads(NOTHING_TOLD),
        _ => Hearing::Reads(budget.remaining()),
    }
}

fn verdict_of(end: &End) -> Option<Verdict> {
    match end {
        End::Done => Some(Verdict::Offered),
        End::Declined(decline) => Some(decline.kind.into()),
        End::Failed { verdict, .. } => Some(*verdict),
        End::Parked => None,
    }
}

// === impl UnderWay ===

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.offers.0.under_way.remove(&self.place);
        self.live.tell();
    }
}

// === impl RowOf ===

impl RowOf {
    fn row(
        &self,
        offers: &Offers,
        point: Option<&Point>,
        creating: bool,
        ended: Option<(Verdict, &str)>,
    ) -> ConversationRow {
        let sealer = &offers.services().store.sealer;
        let record = Record { live: &self.live, sealer };
        ConversationRow {
            account: self.live.account.clone(),
            request_id: self.live.request_id,
            insurer: self.insurer.clone(),
            operation: self.operation.name(),
            offer_id: self.offer_id.clone(),
            run: self.run,
            asked: true,
            creating,
            point: point.and_then(|point| record.seal(point)),
            verdict: ended.map(|(verdict, _)| verdict.code()),
            message: ended.map(|(_, detail)| sealer.seal(detail.as_bytes())),
        }
    }
}

// === impl Notebook ===

impl<O: Operation> Notebook<'_, O> {
    fn remember(&self, point: &Point, creating: bool) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if creating {
            let before = kept.last.clone();
            kept.before.get_or_insert(before);
            kept.last = Some(Stopped { point: point.clone(), creating });
        } else if point.creates() {
            // It made nothing: a next try goes on from what was there before it.
            kept.last = kept.before.take().flatten();
        } else {
            *kept = LastKept { last: Some(Stopped { point: point.clone(), creating }), before: None };
        }
    }

    /// Whether what is being made is still for sale.
    fn is_wanted(&self) -> bool {
        self.errand.live.with(|public| {
            let board = &public.board;
            let entry = board.position(&self.errand.offer_id).map(|at| &board.offers[at]);
            let is_over = |entry: &OfferEntry| {
                entry.status.is_final() || entry.sale.as_ref().is_some_and(|sale| sale.withdrawn)
            };
            !board.is_sold() && !entry.is_some_and(is_over)
        })
    }
}

impl<O: Operation> Journal<O> for Notebook<'_, O> {
    fn emitted(&self, results: Vec<O::Output>) {
        self.results.lock().unwrap_or_else(PoisonError::into_inner).extend(results);
    }

    fn asking(&self, _: Lane) {}

    fn keep(&self, point: &Point) {
        if self.errand.run == 0 {
            return; // It reads: it begins again.
        }
        self.remember(point, false);
        let row = self.errand.row(self.offers, Some(point), false, None);
        if let Err(error) = self.offers.services().store.note_conversation(row) {
            tracing::error!(%error, "an operation's state was not written down");
        }
    }

    fn keep_durably<'a>(&'a self, point: &'a Point, creating: bool) -> BoxFuture<'a, Result<(), String>> {
        let row = self.errand.row(self.offers, Some(point), creating, None);
        if self.errand.run == 0 {
            return Box::pin(async { Err("this operation may only read".to_owned()) });
        }
        if creating && !self.is_wanted() {
            return Box::pin(async { Err("the offer is not for sale any more".to_owned()) });
        }
        Box::pin(async move {
            let kept = self.offers.services().store.keep_conversation(row).await;
            kept.map_err(|error| error.to_string())?;
            // Not before: what could not be written down does not leave.
            self.remember(point, creating);
            Ok(())
        })
    }

    fn taken(&self, call: &CallKey) {
        self.offers.dealt_with(Some(call.clone()));
    }
}
