//! The place of an operation under way: one of a kind an offer at a time.

use std::sync::Arc;

use veer_contract::OperationKind;

use super::{OfferError, Offers};
use crate::{calculation::Live, store::OfferKey};

/// Holds the place of an operation under way.
pub(super) struct UnderWay {
    offers: Offers,
    live: Arc<Live>,
    place: (OfferKey, OperationKind),
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
                biased;
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
}

// === impl UnderWay ===

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.offers.0.under_way.remove(&self.place);
        self.live.tell();
    }
}
