//! A calculation that is over and was dropped from memory comes back: somebody polls it, takes one of its
//! offers, or waits for its payment.
//!
//! While it is in memory there is one of it, and whoever works on it holds it, so it is not dropped
//! meanwhile. Of several replicas one works on it: it is claimed before it is read, and one that another replica has is
//! seen from afar, as the store has it.

use std::sync::Arc;

use uuid::Uuid;
use veer_contract::domain::{Offer, QuoteRequest};

use super::{
    Acceptance, Answer, CalculationStatus, Calculations, InsurerIdentity, Live, OfferEntry, OfferStatus,
    Sale, Services, message, moves::OfferEvent, resume,
};
use crate::{
    cluster::Owner,
    store::{Sealed, StoreError, StoredCalculation, StoredOffer},
    telemetry,
};

impl Calculations {
    /// The answer of a calculation that is not in memory any more. Where nothing of it can be read but
    /// that it failed, that is the answer.
    pub async fn stored(&self, account: &str, request_id: Uuid) -> Result<Option<Arc<Answer>>, StoreError> {
        let error = match self.recall(account, request_id).await {
            Ok(live) => return Ok(live.and_then(|live| live.answer.load_full())),
            Err(StoreError::Elsewhere { .. }) => return self.from_afar(account, request_id).await,
            Err(error) => error,
        };
        let status =
            self.services().store.calculation(account, request_id).await?.map(|stored| stored.status);
        if status.as_deref() != Some(CalculationStatus::Error.as_str()) {
            return Err(error);
        }
        tracing::warn!(%request_id, %error, "only the end of a calculation is readable");
        Ok(Some(Arc::new(self.services().render.without_offers(request_id, CalculationStatus::Error))))
    }

    /// Who works on the calculation: this replica from now on, where nobody does. None where there is none.
    pub async fn owner(&self, account: &str, request_id: Uuid) -> Result<Option<Owner>, StoreError> {
        match self.0.live.get(account, request_id) {
            Some(_) => Ok(Some(Owner::Me)),
            None => self.0.store.claim(account, request_id).await,
        }
    }

    /// The answer as the store has it: that of a calculation on which another replica works, which may be ahead.
    pub async fn from_afar(
        &self,
        account: &str,
        request_id: Uuid,
    ) -> Result<Option<Arc<Answer>>, StoreError> {
        let live = self.glance(account, request_id).await?;
        Ok(live.and_then(|live| live.answer.load_full()))
    }

    /// The calculation as the store has it, to be looked at and not to be worked on.
    pub(super) async fn glance(
        &self,
        account: &str,
        request_id: Uuid,
    ) -> Result<Option<Arc<Live>>, StoreError> {
        let services = self.services();
        let Some(stored) = services.store.calculation(account, request_id).await? else { return Ok(None) };
        Ok(Some(Arc::new(as_stored(services, stored).await?)))
    }

    /// The calculation, from memory or from the store; [`StoreError::Elsewhere`] where another replica works on it.
    pub async fn recall(&self, account: &str, request_id: Uuid) -> Result<Option<Arc<Live>>, StoreError> {
        let services = self.services();
        while let Some(live) = services.live.get(account, request_id) {
            if live.answer.load().is_some() {
                return Ok(Some(live));
            }
            // It is being written down at this moment, or is there already and only looked at.
            if live.settled().await == Acceptance::Durable {
                return Ok(Some(live));
            }
            tokio::task::yield_now().await;
        }
        if let Some(Owner::Other { id, address }) = services.store.claim(account, request_id).await? {
            return Err(StoreError::Elsewhere { id, address });
        }
        let Some(stored) = services.store.calculation(account, request_id).await? else { return Ok(None) };
        if stored.finished.is_none() {
            // It is being accepted or taken up at this moment, or has come from another replica and nobody has begun.
            if services.live.get(account, request_id).is_none() {
                resume::take_up(services, stored).await?;
            }
            return Ok(services.live.get(account, request_id));
        }
        let live = Arc::new(as_stored(services, stored).await?);
        Ok(Some(services.live.reserve(&live).unwrap_or(live)))
    }
}

/// The calculation with what was kept of its offers; nobody works on it.
async fn as_stored(services: &Services, stored: StoredCalculation) -> Result<Live, StoreError> {
    let asking = CalculationStatus::parse(&stored.status).unwrap_or(CalculationStatus::Error);
    let is_finished = stored.finished.is_some();
    let live = live(services, &stored)?;
    for offer in services.store.offers(&stored.account, stored.request_id).await? {
        let entry = entry(services, offer)?;
        live.with(|public| public.board.restore(None, entry));
    }
    live.with(|public| {
        public.asking = asking;
        let now = telemetry::now();
        for index in 0..public.board.offers.len() {
            let entry = &public.board.offers[index];
            // Those in payment are closed by whoever watches the payment.
            let open = matches!(
                entry.status,
                OfferStatus::PreCalcReady | OfferStatus::Approved | OfferStatus::PaymentLinkFailed
            );
            let confirming = entry.sale.as_ref().is_some_and(|sale| sale.confirming);
            if open && !confirming && entry.expires.is_some_and(|expires| expires <= now) {
                // It is a move from each.
                let _ = public.board.happened(index, OfferEvent::Expired);
            }
            let entry = &mut public.board.offers[index];
            if entry.status == OfferStatus::ClosedTimeout && entry.offer.is_some() {
                entry.message = Some(message::EXPIRED.to_owned());
            }
        }
    });
    live.settle(Acceptance::Durable);
    if is_finished {
        live.finish();
        live.end_is_durable();
    }
    services.publish(&live);
    Ok(live)
}

/// `stored` in memory, without its offers.
pub(super) fn live(services: &Services, stored: &StoredCalculation) -> Result<Live, StoreError> {
    let request: QuoteRequest = serde_json::from_slice(services.store.sealer.open(&stored.request)?)
        .map_err(|_| StoreError::Database("a kept request does not parse".into()))?;
    Ok(Live::pending(
        stored.account.clone(),
        stored.request_id,
        stored.fingerprint,
        stored.created,
        services.expiry(stored.created),
        Arc::new(request),
    ))
}

/// An offer as it was kept.
pub(super) fn entry(services: &Services, stored: StoredOffer) -> Result<OfferEntry, StoreError> {
    let sealer = &services.store.sealer;
    let broken = |what: &str| StoreError::Database(format!("a kept {what} does not parse"));
    let text = |sealed: &Sealed| sealer.open(sealed).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let offer: Option<Offer> = stored
        .body
        .as_ref()
        .map(|sealed| serde_json::from_slice(sealer.open(sealed)?).map_err(|_| broken("offer")))
        .transpose()?;
    let sale: Option<Box<Sale>> = stored
        .sale
        .as_ref()
        .map(|sealed| serde_json::from_slice(sealer.open(sealed)?).map_err(|_| broken("sale")))
        .transpose()?;
    let kept: Option<InsurerIdentity> =
        stored.identity.as_deref().and_then(|identity| serde_json::from_str(identity).ok());
    let company = kept.as_ref().and_then(|kept| kept.company.as_deref());
    // As it is configured now, where it still is.
    let known = services.insurers.iter().find(|insurer| insurer.code() == stored.insurer);
    let known = known.and_then(|insurer| insurer.identity_of_sold(company)).cloned();
    let insurer = known.or_else(|| kept.map(Arc::new));
    Ok(OfferEntry {
        offer_id: stored.offer_id,
        insurer: insurer.ok_or_else(|| broken("insurer"))?,
        // A status of a newer version's: the offer is not shown as open.
        status: OfferStatus::parse(&stored.status).unwrap_or(OfferStatus::OfferError),
        offer,
        message: stored.message.as_ref().map(text).transpose()?,
        expires: stored.expires,
        sale,
    })
}
