//! One operation about one offer, driven from its first call or from where it was cut off.
//!
//! There is one of a kind an offer at a time. How far it is stands in the store before anything is sent, so
//! whatever stops the gateway, the operation goes on after a restart; its end is written together with what
//! came of it.

use std::{sync::Arc, time::Duration};

use veer_contract::{Operation, OperationKind, domain::OfferRef, operation::OfferInput};

use super::{Offers, kept::Kept, notebook::Notebook, row::RowOf};
use crate::{
    calculation::{Live, OfferEntry, Stopped},
    store::ConversationRow,
    upstream::{
        Budget, Class, Insurer, Timeline, Verdict,
        callbacks::CallKey,
        driver::{self, Conversation, End, Hearing},
        point::Beginning,
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

/// What came of it.
pub(super) struct Came<T> {
    /// What the flow gave.
    pub results: Vec<T>,
    /// How it ended.
    pub end: End,
    /// The end, to be written with what follows from it; none where the gateway stops.
    pub row: Option<ConversationRow>,
    /// Where the next try goes on, if the result is not taken; none is the beginning.
    pub stopped: Option<Stopped>,
    /// The insurer may have an application of which nothing is known.
    pub is_unclear: bool,
    /// The insurer's own call that led to the end: it is dealt with once the end is written down.
    pub told: Option<CallKey>,
}

impl Offers {
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
            kept: Kept::anew(0),
        })
        .await
    }

    /// The insurer's own call lies behind what was written down last.
    pub(super) fn dealt_with(&self, call: Option<CallKey>) {
        let Some(call) = call else { return };
        self.services().callbacks.settled(&call);
        let CallKey { insurer, correlation, digest } = call;
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
        let vehicle = &errand.live.request.vehicle;
        // As the insurer calls it now: where it has renumbered since the quote, the old code is another car. What
        // needs no vehicle any more (is it paid, the policy's file) goes on without a mapping; an adapter that
        // needs one says so.
        let codes = services
            .dictionary
            .codes(&errand.insurer.config, errand.insurer.manifest.vehicles, vehicle)
            .codes();
        let vehicle = Arc::new(codes.unwrap_or_default());
        let journal = Notebook::<O>::new(self, &row, errand.kept.trail());
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
        let (results, trail) = journal.close();
        let stopped = trail.end(verdict_of(&end), told.is_some());
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
        let kept = row.ended(self, verdict, detail);
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
