//! Draft and policy as files: fetched once, kept, and served from the store ever after.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use uuid::Uuid;
use veer_contract::{
    OperationKind,
    domain::{Document, OfferRef},
    operation::Draft,
};

use super::{
    OfferError, Offers,
    errand::Came,
    shown::{Shown, is_preliminary},
    under_way::UnderWay,
};
use crate::{
    calculation::{Live, OfferEntry, OfferStatus, Sale},
    store::DocumentKind,
};

/// How long one fetch may take.
const BUDGET: Duration = Duration::from_secs(120);
/// A file that the insurer did not have is not asked for again sooner.
pub(super) const PAUSE_IN_VAIN: Duration = Duration::from_secs(4);

/// A file, or how far it is.
#[derive(Debug, Clone)]
pub struct FileAnswer {
    /// The offer that it is about.
    pub offer: Shown,
    /// The file, once it is there.
    pub file: Option<Document>,
}

impl Offers {
    /// The draft of the offer. Where it is not there it is fetched; the caller waits a moment for it.
    pub async fn draft(
        &self,
        account: &str,
        request_id: Uuid,
        offer_id: &str,
    ) -> Result<FileAnswer, OfferError> {
        let live = self.live(account, request_id).await?;
        let offer_id: Arc<str> = offer_id.into();
        let entry = self.seen(&live, &offer_id)?;
        let has_draft = |entry: &OfferEntry| entry.sale.as_ref().is_some_and(|sale| sale.has_draft);
        if !has_draft(&entry) {
            let insurer = self.insurer(&entry.insurer.code);
            let draws = insurer.is_some_and(|insurer| insurer.can::<Draft>());
            if !draws || !may_have_draft(entry.status) {
                return Err(OfferError::NoFile);
            }
            let until = Instant::now() + self.config().patience;
            if self.can_finalise(&entry) {
                self.begin_finalise(&live, &offer_id);
                let told = entry.message.clone();
                let over = |entry: &OfferEntry| !is_preliminary(entry) || entry.message != told;
                self.until(&live, &offer_id, until, over).await;
            }
            self.prefetch_draft(&live, &offer_id);
            let gone = |entry: &OfferEntry| {
                has_draft(entry) || !self.is_under_way(&live, &offer_id, OperationKind::Draft)
            };
            self.until(&live, &offer_id, until, gone).await;
        }
        self.file(&live, &offer_id, DocumentKind::Draft).await
    }

    /// The policy of the offer, once it is issued.
    pub async fn policy(
        &self,
        account: &str,
        request_id: Uuid,
        offer_id: &str,
    ) -> Result<FileAnswer, OfferError> {
        let live = self.live(account, request_id).await?;
        let offer_id: Arc<str> = offer_id.into();
        let entry = self.seen(&live, &offer_id)?;
        let has_policy = |entry: &OfferEntry| entry.sale.as_ref().is_some_and(|sale| sale.has_policy);
        let is_paid = entry.sale.as_ref().is_some_and(|sale| sale.paid.is_some());
        let key = (Self::key(&live, &offer_id), OperationKind::Policies);
        if is_paid && !has_policy(&entry) && self.0.in_vain.get(&key).is_none() {
            self.0.in_vain.insert(key, ());
            self.issue(&live, &offer_id);
            let until = Instant::now() + self.config().patience;
            let over = |entry: &OfferEntry| {
                has_policy(entry) || !self.is_under_way(&live, &offer_id, OperationKind::Policies)
            };
            self.until(&live, &offer_id, until, over).await;
        }
        self.file(&live, &offer_id, DocumentKind::Policy).await
    }

    /// A file whose address was opened; its signature has been checked.
    pub async fn opened(&self, offer_id: &str, kind: DocumentKind) -> Result<Document, OfferError> {
        self.services().store.document(offer_id, kind).await?.ok_or(OfferError::NoFile)
    }

    async fn file(
        &self,
        live: &Arc<Live>,
        offer_id: &Arc<str>,
        kind: DocumentKind,
    ) -> Result<FileAnswer, OfferError> {
        let entry = self.look(live, offer_id)?;
        let is_there = entry.sale.as_ref().is_some_and(|sale| match kind {
            DocumentKind::Draft => sale.has_draft,
            DocumentKind::Policy => sale.has_policy,
        });
        let file = if is_there { self.services().store.document(offer_id, kind).await? } else { None };
        Ok(FileAnswer { offer: Shown { entry, request: live.request.clone() }, file })
    }

    /// Fetches the draft in the background, unless it is there, under way, or was not there a moment ago.
    pub(super) fn prefetch_draft(&self, live: &Arc<Live>, offer_id: &Arc<str>) {
        let Ok(entry) = self.look(live, offer_id) else { return };
        let Some(insurer) = self.insurer(&entry.insurer.code).cloned() else { return };
        let is_there = entry.sale.as_ref().is_some_and(|sale| sale.has_draft);
        let key = (Self::key(live, offer_id), OperationKind::Draft);
        if !insurer.can::<Draft>() || is_there || self.0.in_vain.get(&key).is_some() {
            return;
        }
        let Some(place) = self.take_place(live, offer_id, OperationKind::Draft) else { return };
        self.0.in_vain.insert(key, ());
        let (offers, live, offer_id) = (self.clone(), live.clone(), offer_id.clone());
        self.spawn(async move { offers.fetch_draft(&live, &offer_id, entry, place).await });
    }

    async fn fetch_draft(
        &self,
        live: &Arc<Live>,
        offer_id: &Arc<str>,
        entry: OfferEntry,
        _place: UnderWay,
    ) -> Result<(), OfferError> {
        let Some(insurer) = self.insurer(&entry.insurer.code).cloned() else { return Ok(()) };
        let Some(asked) = reference(&entry) else { return Ok(()) };
        let Came { mut results, .. } =
            self.ask::<Draft>(live, offer_id, insurer, asked.clone(), BUDGET).await;
        let Some(file) = results.pop().filter(|file| self.is_taken(live, file)) else { return Ok(()) };
        let document = self.document_row(live, offer_id, DocumentKind::Draft, &file);
        self.change(live, offer_id, |board, index, rows| {
            // Of a contract that nobody wants any more there is no draft.
            if reference(&board.offers[index]).as_ref() == Some(&asked) {
                board.offers[index].sale.get_or_insert_default().has_draft = true;
                rows.document = Some(document);
            }
            Ok(())
        })
        .await
    }
}

/// What the insurer calls the offer, with its newest link where there is one.
fn reference(entry: &OfferEntry) -> Option<OfferRef> {
    let link = entry.sale.as_deref().and_then(Sale::link).map(|link| &link.reference);
    link.or(entry.offer.as_ref().map(|offer| &offer.reference)).cloned()
}

/// Whether there can be a draft of an offer in that state.
fn may_have_draft(status: OfferStatus) -> bool {
    !matches!(
        status,
        OfferStatus::Rejected
            | OfferStatus::OfferError
            | OfferStatus::ClosedOtherOffer
            | OfferStatus::ClosedTimeout
    )
}
