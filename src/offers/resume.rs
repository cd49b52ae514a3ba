//! After a restart, or when another replica is dead: every sale that was under way goes on.

use std::sync::Arc;

use veer_contract::OperationKind;

use super::{OfferError, Offers};
use crate::{
    calculation::{Live, OfferEntry},
    store::{ConversationRow, StoreError, late_payments},
    upstream::Verdict,
};

impl Offers {
    /// Takes up what a stop or a crash left unfinished, as far as it is this replica's and not under way; in how many
    /// calculations.
    pub async fn resume(&self) -> Result<usize, StoreError> {
        let open = self.services().store.open_sales(late_payments()).await?;
        let mut resumed = 0;
        for (account, request_id) in open {
            let recalled = self.0.calculations.recall(&account, request_id).await;
            match recalled.map_err(OfferError::from).and_then(|it| it.ok_or(OfferError::UnknownCalculation)) {
                Ok(live) => match self.take_up(&live).await {
                    Ok(()) => resumed += 1,
                    Err(error) => tracing::error!(%request_id, %error, "a sale could not be taken up"),
                },
                // Its owner takes it up.
                Err(OfferError::Store(StoreError::Elsewhere { .. })) => {}
                Err(OfferError::Store(error)) => {
                    tracing::error!(%request_id, %error, "a sale could not be taken up");
                }
                Err(_) => tracing::error!(%request_id, "a sale has no calculation"),
            }
        }
        Ok(resumed)
    }

    async fn end_rows(&self, live: &Arc<Live>, entry: &OfferEntry) -> Result<(), StoreError> {
        for operation in [OperationKind::Finalise, OperationKind::Confirm] {
            if self.is_under_way(live, &entry.offer_id, operation) {
                continue;
            }
            let kept = self.kept(live, &entry.offer_id, operation).await?;
            if kept.is_open {
                let row = self.beginning_row(live, entry, operation, kept.run, None);
                let row = ConversationRow { verdict: Some(Verdict::OutOfBudget.code()), ..row };
                self.services().store.note_conversation(row)?;
            }
        }
        Ok(())
    }

    async fn take_up(&self, live: &Arc<Live>) -> Result<(), StoreError> {
        let entries: Vec<OfferEntry> = live.with(|public| public.board.offers.clone());
        // First what needs nothing of the store: a failure there must not keep it from going on.
        for entry in &entries {
            self.go_on(live, entry);
        }
        for entry in &entries {
            let is_confirming = entry.sale.as_ref().is_some_and(|sale| sale.confirming);
            if entry.status.is_final() {
                // Nothing comes of an operation that was cut off about an offer that has ended since.
                self.end_rows(live, entry).await?;
            } else if !is_confirming && self.can_finalise(entry) {
                let kept = self.kept(live, &entry.offer_id, OperationKind::Finalise).await?;
                if kept.is_open {
                    self.begin_finalise(live, &entry.offer_id);
                }
            }
        }
        Ok(())
    }

    fn go_on(&self, live: &Arc<Live>, entry: &OfferEntry) {
        let offer_id: Arc<str> = entry.offer_id.as_str().into();
        let sale = entry.sale.as_deref().cloned().unwrap_or_default();
        if sale.confirming {
            self.begin_confirm(live, &offer_id);
        }
        if sale.paid.is_some() && sale.policy.is_none() {
            self.issue(live, &offer_id);
        } else if sale.paid.is_none()
            && !sale.links.is_empty()
            && !self.is_under_way(live, &offer_id, OperationKind::PaymentStatus)
        {
            // Also of an offer that has ended: somebody may have paid meanwhile.
            self.watch_payment(live, &offer_id);
        }
    }
}
