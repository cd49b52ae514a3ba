//! The policy of a paid offer: asked for until it is there, then kept with its file.

use std::{sync::Arc, time::Duration};

use veer_contract::{
    OperationKind,
    domain::{Document, Policy},
    operation::OfferInput,
};

use super::{
    OfferError, Offers,
    errand::{Came, Errand, Kept, UnderWay},
    shown::{about, longer},
};
use crate::{
    calculation::{Live, OfferEvent, OfferStatus, PolicyNumber, Sale},
    store::{DocumentKind, DocumentRow},
    telemetry,
    upstream::Budget,
};

const KIND: OperationKind = OperationKind::Policies;

/// How long one question may take.
const BUDGET: Duration = Duration::from_secs(180);
/// Between questions: the first pause, and the longest.
const PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

impl Offers {
    /// Fetches the policy in the background, unless that is under way.
    pub(super) fn issue(&self, live: &Arc<Live>, offer_id: &Arc<str>) {
        let Some(place) = self.take_place(live, offer_id, KIND) else { return };
        let (offers, live, offer_id) = (self.clone(), live.clone(), offer_id.clone());
        self.spawn(async move { offers.fetch_policy(&live, &offer_id, place).await });
    }

    async fn fetch_policy(
        &self,
        live: &Arc<Live>,
        offer_id: &Arc<str>,
        _place: UnderWay,
    ) -> Result<(), OfferError> {
        let mut pause = PAUSE;
        for tries in 1.. {
            match self.ask_for_policy(live, offer_id).await {
                Some(policy) => {
                    self.issued(live, offer_id, policy).await?;
                    return Ok(());
                }
                None if tries % 10 == 0 => tracing::error!(
                    request_id = %live.request_id,
                    %offer_id,
                    tries,
                    "an offer is paid and its policy does not come; ask the insurer"
                ),
                None => {}
            }
            tokio::select! {
                () = tokio::time::sleep(about(pause)) => pause = longer(pause, LONGEST_PAUSE),
                () = self.services().park.cancelled() => break,
            }
        }
        Ok(())
    }

    async fn ask_for_policy(&self, live: &Arc<Live>, offer_id: &Arc<str>) -> Option<Policy> {
        let entry = self.look(live, offer_id).ok()?;
        let insurer = self.insurer(&entry.insurer.code)?.clone();
        let flow = insurer.adapter.policy()?;
        let offer = entry.sale.as_deref().and_then(Sale::link)?.reference.clone();
        let errand = Errand {
            live: live.clone(),
            offer_id: offer_id.clone(),
            insurer,
            flow,
            input: OfferInput { request: (*live.request).clone(), offer },
            budget: Budget::of(BUDGET),
            patient: false,
            kept: Kept::UNKEPT,
        };
        let Came { mut results, .. } = self.send(errand).await;
        results.pop()
    }

    async fn issued(&self, live: &Arc<Live>, offer_id: &Arc<str>, policy: Policy) -> Result<(), OfferError> {
        let file = policy.document.filter(|file| self.is_taken(live, file));
        let document = file.map(|file| self.document_row(live, offer_id, DocumentKind::Policy, &file));
        self.change(live, offer_id, |board, index, rows| {
            if let Err(refused) = board.happened(index, OfferEvent::Issued) {
                tracing::warn!(request_id = %live.request_id, %refused, "a policy came for an offer that is not paid");
                return Ok(());
            }
            let sale = board.offers[index].sale.get_or_insert_default();
            sale.policy = Some(PolicyNumber { series: policy.series, number: policy.number });
            sale.has_policy |= document.is_some();
            rows.document = document;
            Ok(())
        })
        .await
    }

    /// Whether the offer is paid, so that its policy can be asked for.
    pub(super) fn is_issuable(status: OfferStatus) -> bool {
        status.is_paid()
    }

    /// A file as it is kept.
    pub(super) fn document_row(
        &self,
        live: &Live,
        offer_id: &str,
        kind: DocumentKind,
        file: &Document,
    ) -> DocumentRow {
        DocumentRow {
            offer: Self::key(live, offer_id),
            kind,
            content_type: "application/pdf".into(),
            bytes: self.services().store.sealer.seal(&file.bytes),
            fetched: telemetry::now(),
        }
    }

    /// Whether a file is what it should be.
    pub(super) fn is_taken(&self, live: &Live, file: &Document) -> bool {
        let problem = if !file.bytes.starts_with(b"%PDF") {
            "it does not begin with %PDF"
        } else if file.bytes.len() > self.config().max_file {
            "it is larger than offers.max_file"
        } else {
            return true;
        };
        tracing::warn!(request_id = %live.request_id, problem, bytes = file.bytes.len(), "a file is not taken");
        false
    }
}
