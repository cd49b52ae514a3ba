//! After a restart: every sale that was under way goes on.

use std::sync::Arc;

use veer_contract::OperationKind;

use super::{OfferError, Offers};
use crate::{
    calculation::{Live, OfferEntry, OfferStatus},
    store::StoreError,
};

impl Offers {
    /// Takes up what a stop or a crash left unfinished; in how many calculations.
    pub async fn resume(&self) -> Result<usize, StoreError> {
        let open = self.services().store.open_sales().await?;
        let mut resumed = 0;
        for (account, request_id) in open {
            match self.live(&account, request_id).await {
                Ok(live) => {
                    self.take_up(&live).await?;
                    resumed += 1;
                }
                Err(OfferError::Store(error)) => {
                    tracing::error!(%request_id, %error, "a sale could not be taken up");
                }
                Err(_) => tracing::error!(%request_id, "a sale has no calculation"),
            }
        }
        Ok(resumed)
    }

    async fn take_up(&self, live: &Arc<Live>) -> Result<(), StoreError> {
        let entries: Vec<OfferEntry> = live.with(|public| public.board.offers.clone());
        for entry in entries {
            let offer_id: Arc<str> = entry.offer_id.as_str().into();
            let confirming = entry.sale.as_ref().is_some_and(|sale| sale.confirming);
            match entry.status {
                _ if confirming => self.begin_confirm(live, &offer_id),
                OfferStatus::PreCalcReady => {
                    let kept = self.kept(live, &offer_id, OperationKind::Finalise).await?;
                    // Its row stands there without an end, or from further on than the beginning.
                    if kept.is_open && self.can_finalise(&entry) {
                        self.begin_finalise(live, &offer_id);
                    }
                }
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
