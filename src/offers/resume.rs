//! After a restart: every sale that was under way goes on.

use std::sync::Arc;

use veer_contract::OperationKind;

use super::{OfferError, Offers};
use crate::{
    calculation::{Live, OfferEntry, OfferStatus},
    store::{ConversationRow, StoreError},
    upstream::Verdict,
};

impl Offers {
    /// Takes up what a stop or a crash left unfinished; in how many calculations.
    pub async fn resume(&self) -> Result<usize, StoreError> {
        let open = self.services().store.open_sales().await?;
        let mut resumed = 0;
        for (account, request_id) in open {
            match self.live(&account, request_id).await {
                Ok(live) => match self.take_up(&live).await {
                    Ok(()) => resumed += 1,
                    Err(error) => tracing::error!(%request_id, %error, "a sale could not be taken up"),
                },
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
        for entry in entries {
            let offer_id: Arc<str> = entry.offer_id.as_str().into();
            let confirming = entry.sale.as_ref().is_some_and(|sale| sale.confirming);
            if confirming {
                self.begin_confirm(live, &offer_id);
            }
            match entry.status {
                OfferStatus::PreCalcReady if !confirming => {
                    let kept = self.kept(live, &offer_id, OperationKind::Finalise).await?;
                    if kept.is_open && self.can_finalise(&entry) {
                        self.begin_finalise(live, &offer_id);
                    }
                }
                // Nothing comes of an operation that was cut off about an offer that has ended since.
                status if status.is_final() => self.end_rows(live, &entry).await?,
                OfferStatus::PaymentReady | OfferStatus::PaymentCancelled => {
                    self.watch_payment(live, &offer_id);
                }
                OfferStatus::PaymentCompleted => self.issue(live, &offer_id),
                _ => {}
            }
        }
        Ok(())
    }
}
