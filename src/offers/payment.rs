//! Whether an offer is paid.
//!
//! The insurer is asked patiently: seconds after the link was handed out, then with growing pauses, until the
//! offer ends. When the insurer calls by itself it is asked at once; what the call says is not believed, so a
//! call that is late, repeated or false does no harm. Every link that was handed out is asked after, because
//! an older one may still be paid.
//!
//! The payment, the other offers' ends and the sale for the partner are written in one transaction. An offer
//! is not ended while the insurer cannot be asked: somebody may have paid.

use std::sync::Arc;

use tokio::{sync::Notify, time::Instant};
use veer_contract::{OperationKind, domain::PaymentState, operation::OfferInput};

use super::{
    OfferError, Offers,
    errand::{Came, Errand, Kept, UnderWay},
    message,
    shown::{about, longer},
};
use crate::{
    calculation::{Board, Live, OfferEntry, OfferEvent, OfferStatus, Payment},
    store::{NewConfirmation, SaleChange},
    telemetry,
    upstream::Budget,
};

const KIND: OperationKind = OperationKind::PaymentStatus;

/// How long one question may take.
const BUDGET: std::time::Duration = std::time::Duration::from_secs(60);

/// Two questions are never closer together.
const LEAST_PAUSE: std::time::Duration = std::time::Duration::from_secs(1);

/// What the insurer says of an offer's links.
enum Heard {
    /// This one is paid.
    Paid(usize),
    /// The newest one was given up, and none is paid.
    Cancelled,
    /// Not yet.
    Pending,
    /// The insurer could not be asked.
    Nothing,
}

impl Offers {
    /// Watches the offer's payment in the background, unless it is watched.
    pub(super) fn watch_payment(&self, live: &Arc<Live>, offer_id: &Arc<str>) {
        let Some(place) = self.take_place(live, offer_id, KIND) else {
            // A new link: it is asked after soon.
            self.hint(live, offer_id);
            return;
        };
        let (offers, live, offer_id) = (self.clone(), live.clone(), offer_id.clone());
        self.spawn(async move { offers.watch(&live, &offer_id, place).await });
    }

    /// There may be news about the offer's payment.
    pub(super) fn hint(&self, live: &Live, offer_id: &str) {
        if let Some(hint) = self.0.hints.get(&Self::key(live, offer_id)) {
            hint.notify_one();
        }
    }

    async fn watch(&self, live: &Arc<Live>, offer_id: &Arc<str>, _place: UnderWay) -> Result<(), OfferError> {
        let key = Self::key(live, offer_id);
        let hint = Arc::new(Notify::new());
        self.0.hints.insert(key.clone(), hint.clone());
        let watched = self.ask_until_known(live, offer_id, &hint).await;
        self.0.hints.remove(&key);
        if watched? {
            self.issue(live, offer_id);
        }
        Ok(())
    }

    /// Whether it is paid at last.
    async fn ask_until_known(
        &self,
        live: &Arc<Live>,
        offer_id: &Arc<str>,
        hint: &Notify,
    ) -> Result<bool, OfferError> {
        let services = self.services();
        let (first, longest) = (self.config().payment_poll, self.config().payment_poll_longest);
        let mut pause = first;
        let mut asked = Instant::now();
        loop {
            let entry = self.look(live, offer_id)?;
            if !matches!(entry.status, OfferStatus::PaymentReady | OfferStatus::PaymentCancelled) {
                return Ok(entry.status == OfferStatus::PaymentCompleted);
            }
            let end = super::confirm::until(entry.expires).deadline();
            let wake = (Instant::now() + about(pause)).min(end.max(Instant::now() + first));
            tokio::select! {
                () = tokio::time::sleep_until(wake) => pause = longer(pause, longest),
                () = hint.notified() => {
                    pause = first;
                    // However often the insurer calls, it is asked once in a while.
                    tokio::time::sleep_until((asked + LEAST_PAUSE).min(wake)).await;
                }
                () = services.park.cancelled() => return Ok(false),
            }
            asked = Instant::now();
            // What the links were before the pause may have changed in it.
            let entry = self.look(live, offer_id)?;
            match self.ask(live, offer_id, &entry).await {
                Heard::Paid(link) => return self.paid(live, offer_id, link).await,
                Heard::Cancelled => self.cancelled(live, offer_id, &entry).await?,
                Heard::Pending | Heard::Nothing if services.park.is_cancelled() => return Ok(false),
                Heard::Nothing => {}
                Heard::Pending => {}
            }
        }
    }

    /// Asks after every link; ends an offer whose time is over and that is surely not paid.
    async fn ask(&self, live: &Arc<Live>, offer_id: &Arc<str>, entry: &OfferEntry) -> Heard {
        let Some(sale) = &entry.sale else { return Heard::Nothing };
        let mut heard = Heard::Nothing;
        for (at, link) in sale.links.iter().enumerate().rev() {
            let is_newest = at + 1 == sale.links.len();
            match self.ask_after(live, offer_id, &entry.insurer.code, link.reference.clone()).await {
                Some(PaymentState::Paid) => return Heard::Paid(at),
                Some(PaymentState::Cancelled) if is_newest => heard = Heard::Cancelled,
                Some(_) if is_newest => heard = Heard::Pending,
                Some(_) => {}
                None => return Heard::Nothing,
            }
        }
        let is_over = entry.expires.is_some_and(|expires| expires <= telemetry::now());
        if is_over && let Err(error) = self.expire(live, offer_id).await {
            tracing::error!(request_id = %live.request_id, %error, "an offer was not ended");
        }
        heard
    }

    async fn ask_after(
        &self,
        live: &Arc<Live>,
        offer_id: &Arc<str>,
        insurer: &str,
        offer: veer_contract::domain::OfferRef,
    ) -> Option<PaymentState> {
        let insurer = self.insurer(insurer)?.clone();
        let flow = insurer.adapter.payment_status()?;
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

    /// The payment is known: it, what follows for the other offers, and the sale are one change.
    pub(super) async fn paid(
        &self,
        live: &Arc<Live>,
        offer_id: &Arc<str>,
        link: usize,
    ) -> Result<bool, OfferError> {
        let paid =
            self.change(live, offer_id, |board, index, rows| Ok(pay(live, board, index, link, rows))).await?;
        if paid {
            tracing::info!(request_id = %live.request_id, %offer_id, "an offer is paid");
            self.0.sold.notify_one();
        }
        Ok(paid)
    }

    async fn cancelled(
        &self,
        live: &Arc<Live>,
        offer_id: &Arc<str>,
        asked: &OfferEntry,
    ) -> Result<(), OfferError> {
        let links = asked.sale.as_ref().map_or(0, |sale| sale.links.len());
        self.change(live, offer_id, |board, index, _| {
            let entry = &board.offers[index];
            // A new link may have come while the old one was asked after.
            let is_current =
                entry.sale.as_ref().is_some_and(|sale| sale.links.len() == links && !sale.confirming);
            if is_current && board.happened(index, OfferEvent::PaymentCancelled) == Ok(true) {
                board.offers[index].message = Some(message::PAYMENT_CANCELLED.to_owned());
            }
            Ok(())
        })
        .await
    }
}

fn pay(live: &Live, board: &mut Board, index: usize, link: usize, rows: &mut SaleChange) -> bool {
    if let Err(refused) = board.happened(index, OfferEvent::Paid) {
        // Money was taken for something that is not for sale any more: a person must look.
        tracing::error!(
            request_id = %live.request_id,
            offer_id = board.offers[index].offer_id,
            insurer = board.offers[index].insurer.code,
            %refused,
            "the insurer says that an offer is paid which is not in payment; settle it with the insurer"
        );
        return false;
    }
    let at = telemetry::now();
    let entry = &mut board.offers[index];
    entry.message = None;
    let insurer = entry.insurer.clone();
    let offer_id = entry.offer_id.clone();
    let sale = entry.sale.get_or_insert_default();
    if sale.paid.is_some() {
        return true;
    }
    sale.paid = Some(Payment { at, link });
    sale.confirming = false;
    if let Some(paid) = sale.links.get(link) {
        rows.confirmation = Some(NewConfirmation {
            offer: Offers::key(live, &offer_id),
            insurer: insurer.code.as_str().into(),
            counterparty_id: insurer.partner_code,
            amount_kopecks: paid.amount.get(),
            is_upsaled: !paid.choice.selected.is_empty(),
            paid: at,
        });
    }
    for other in 0..board.offers.len() {
        if other != index {
            // Those that cannot be closed are closed already, or have no price yet.
            let _ = board.happened(other, OfferEvent::OtherPaid);
        }
    }
    true
}
