//! The policy of a paid offer: asked for until it is there, then kept with its file.

use std::{sync::Arc, time::Duration};

use veer_contract::{
    OperationKind,
    domain::{Document, Policy},
    operation::Policies,
};

use super::{
    OfferError, Offers,
    errand::{Came, UnderWay},
    shown::{about, longer},
};
use crate::{
    calculation::{Live, OfferEvent, PolicyNumber, Sale},
    store::{DocumentKind, DocumentRow},
    telemetry,
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
                biased;
                () = tokio::time::sleep(about(pause)) => pause = longer(pause, LONGEST_PAUSE),
                () = self.services().park.cancelled() => break,
            }
        }
        Ok(())
    }

    async fn ask_for_policy(&self, live: &Arc<Live>, offer_id: &Arc<str>) -> Option<Policy> {
        let entry = self.look(live, offer_id).ok()?;
        let insurer = self.insurer(&entry.insurer.code)?.clone();
        if !insurer.can::<Policies>() {
            return None;
        }
        let offer = entry.sale.as_deref().and_then(Sale::link)?.reference.clone();
        let Came { mut results, .. } = self.ask::<Policies>(live, offer_id, insurer, offer, BUDGET).await;
        results.pop()
    }

    async fn issued(&self, live: &Arc<Live>, offer_id: &Arc<str>, policy: Policy) -> Result<(), OfferError> {
        let file = policy.document.filter(|file| self.is_taken(live, file));
        let document = file.map(|file| self.document_row(live, offer_id, DocumentKind::Policy, &file));
        self.change(live, offer_id, |board, index, rows| {
            if board.offers[index].status.is_paid() {
                // It is a move from both paid states.
                let _ = board.happened(index, OfferEvent::Issued);
            }
            // Else it was paid after it was closed: its state has no move, its policy is there all the same.
            let sale = board.offers[index].sale.get_or_insert_default();
            sale.policy = Some(PolicyNumber { series: policy.series, number: policy.number });
            sale.has_policy |= document.is_some();
            rows.document = document;
            Ok(())
        })
        .await
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
        let problem = problem(&file.bytes, self.config().max_file);
        if let Some(problem) = problem {
            tracing::warn!(request_id = %live.request_id, problem, bytes = file.bytes.len(), "a file is not taken");
        }
        problem.is_none()
    }
}

/// What is wrong with a file.
fn problem(bytes: &[u8], most: usize) -> Option<&'static str> {
    if !bytes.starts_with(b"%PDF") {
        return Some("it does not begin with %PDF");
    }
    (bytes.len() > most).then_some("it is larger than offers.max_file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pdf_files_of_a_sensible_size_are_taken() {
        assert_eq!(problem(b"%PDF-1.7 and more", 17), None);
        assert!(problem(b"%PDF-1.7 and more", 16).is_some_and(|problem| problem.contains("max_file")));
        for no_pdf in [&b"<html>"[..], b"", b" %PDF-1.7", b"%PD"] {
            assert!(problem(no_pdf, 100).is_some_and(|problem| problem.contains("%PDF")));
        }
    }
}
