//! One offer, as a caller is shown it.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use uuid::Uuid;
use veer_contract::{
    domain::{Premium, QuoteRequest},
    operation::Finalise,
};

use super::{OfferError, Offers};
use crate::{
    calculation::{Live, OfferEntry, OfferStatus},
    store::StoreError,
};

/// Between looks whose a calculation is.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// An offer with the request that it answers.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The offer.
    pub entry: OfferEntry,
    /// The request.
    pub request: Arc<QuoteRequest>,
}

impl Offers {
    /// One offer. Where its price is not final, the insurer is asked for the final one: the caller waits a
    /// moment for it, and the asking goes on without the caller.
    pub async fn show(&self, account: &str, request_id: Uuid, offer_id: &str) -> Result<Shown, OfferError> {
        let live = self.live(account, request_id).await?;
        let first = self.seen(&live, offer_id)?;
        let until = Instant::now() + self.config().patience;
        if first.offer.is_none() && !first.status.is_final() {
            self.until(&live, offer_id, until, |entry| entry.offer.is_some() || entry.status.is_final())
                .await;
        }
        if self.can_finalise(&self.look(&live, offer_id)?) {
            self.begin_finalise(&live, offer_id);
            let over = |entry: &OfferEntry| !is_preliminary(entry) || entry.message != first.message;
            self.until(&live, offer_id, until, over).await;
        }
        let entry = self.look(&live, offer_id)?;
        Ok(Shown { entry, request: live.request.clone() })
    }

    /// The calculation of that id. Where a replica works on it that is dead and not known to be yet, it is waited for a
    /// moment.
    pub(super) async fn live(&self, account: &str, request_id: Uuid) -> Result<Arc<Live>, OfferError> {
        let until = Instant::now() + self.config().patience;
        loop {
            match self.0.calculations.recall(account, request_id).await {
                Err(StoreError::Elsewhere { .. }) if Instant::now() + LOOK_AGAIN < until => {
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                found => return found?.ok_or(OfferError::UnknownCalculation),
            }
        }
    }

    /// The offer, where the account's list shows it.
    pub(super) fn seen(&self, live: &Live, offer_id: &str) -> Result<OfferEntry, OfferError> {
        let entry = self.look(live, offer_id)?;
        let is_hidden = entry.price().is_none() && self.services().priced_only.contains(&live.account);
        if is_hidden { Err(OfferError::UnknownOffer) } else { Ok(entry) }
    }

    /// The offer as it stands and is durable.
    pub(super) fn look(&self, live: &Live, offer_id: &str) -> Result<OfferEntry, OfferError> {
        live.with(|public| {
            let index = public.board.position(offer_id).ok_or(OfferError::UnknownOffer)?;
            Ok(public.unwritten.get(&index).unwrap_or(&public.board.offers[index]).clone())
        })
    }

    /// Whether there is a final price to be asked for.
    pub(super) fn can_finalise(&self, entry: &OfferEntry) -> bool {
        let insurer = self.insurer(&entry.insurer.code);
        entry.status == OfferStatus::PreCalcReady
            && is_preliminary(entry)
            && insurer.is_some_and(|insurer| insurer.can::<Finalise>())
    }

    /// Waits until `over` holds for the offer, or `deadline`.
    pub(super) async fn until(
        &self,
        live: &Live,
        offer_id: &str,
        deadline: Instant,
        over: impl Fn(&OfferEntry) -> bool,
    ) {
        let mut changes = live.listen();
        loop {
            if self.look(live, offer_id).is_ok_and(|entry| over(&entry)) {
                return;
            }
            let changed = tokio::time::timeout_at(deadline, changes.changed()).await;
            if !matches!(changed, Ok(Ok(()))) {
                return;
            }
        }
    }

    /// The first day of the policy, at midnight in Moscow.
    pub fn policy_start(request: &QuoteRequest) -> Option<jiff::Timestamp> {
        let midnight = request.policy_start.at(0, 0, 0, 0);
        jiff::tz::Offset::constant(3).to_timestamp(midnight).ok()
    }
}

/// Whether the insurer may still change the price.
pub(super) fn is_preliminary(entry: &OfferEntry) -> bool {
    entry.offer.as_ref().is_none_or(|offer| matches!(offer.premium, Premium::Preliminary(_)))
}

/// Grows a pause by half, up to `longest`.
pub(super) fn longer(pause: Duration, longest: Duration) -> Duration {
    (pause + pause / 2).min(longest).max(Duration::from_millis(10))
}

/// A pause of about that length, so that many that began together do not stay together.
pub(super) fn about(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.8..1.2))
}
