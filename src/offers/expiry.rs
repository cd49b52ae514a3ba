//! Offers that nobody took in time.
//!
//! Those in memory are ended here, to the second. Those in the store are ended by one statement now and then, which one
//! replica makes by its own clock and without asking who has them in memory: a while later, so that it comes after whoever
//! has them, and after a confirmation that was asked for in time. Meanwhile nobody is shown one as good whose time is over. An offer
//! in payment is ended by whoever watches its payment, after asking the insurer a last time.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use veer_contract::OperationKind;

use super::{OfferError, Offers};
use crate::{
    calculation::{Live, OfferEntry, OfferEvent, OfferStatus, message::EXPIRED},
    telemetry,
};

/// Between two looks at the offers in memory, and at those in the store.
const LOOK: Duration = Duration::from_secs(1);
const LOOK_IN_STORE: u32 = 60;
/// More than clocks of replicas differ, and longer than a confirmation is under way by default; one that takes longer
/// writes its offer's state again.
const BEHIND: SignedDuration = SignedDuration::from_mins(5);

impl Offers {
    /// Ends offers whose time is over, for ever.
    pub async fn keep_house(self) {
        let mut rounds = tokio::time::interval(LOOK);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut round = 0u32;
        loop {
            rounds.tick().await;
            for live in self.services().live.all() {
                if let Some(live) = live.upgrade() {
                    self.expire_idle(&live).await;
                }
            }
            let store = &self.services().store;
            if round.is_multiple_of(LOOK_IN_STORE) && store.cluster().does_chores() {
                let before = telemetry::now().saturating_sub(BEHIND).unwrap_or(Timestamp::MIN);
                while store.expire_offers(before).await.is_ok_and(|closed| closed > 0) {}
            }
            round = round.wrapping_add(1);
        }
    }

    async fn expire_idle(&self, live: &Live) {
        let now = telemetry::now();
        let is_over = |entry: &OfferEntry| {
            let idle = matches!(
                entry.status,
                OfferStatus::PreCalcReady | OfferStatus::Approved | OfferStatus::PaymentLinkFailed
            );
            let confirming = entry.sale.as_ref().is_some_and(|sale| sale.confirming);
            idle && !confirming && entry.expires.is_some_and(|expires| expires <= now)
        };
        let over: Vec<String> = live.with(|public| {
            let over = public.board.offers.iter().filter(|entry| is_over(entry));
            over.map(|entry| entry.offer_id.clone()).collect()
        });
        for offer_id in over {
            if self.is_under_way(live, &offer_id, OperationKind::Finalise) {
                continue;
            }
            if let Err(error) = self.expire(live, &offer_id).await {
                tracing::error!(request_id = %live.request_id, %error, "an offer was not ended");
            }
        }
    }

    /// Ends the offer, if its state allows it.
    pub(super) async fn expire(&self, live: &Live, offer_id: &str) -> Result<(), OfferError> {
        self.change(live, offer_id, |board, index, _| {
            let confirming = board.offers[index].sale.as_ref().is_some_and(|sale| sale.confirming);
            if !confirming && board.happened(index, OfferEvent::Expired) == Ok(true) {
                board.offers[index].message = Some(EXPIRED.to_owned());
            }
            Ok(())
        })
        .await
    }
}
