//! Whether an offer is paid.
//!
//! The insurer is asked patiently: seconds after the link was handed out, then with growing pauses, until the
//! offer ends. When the insurer calls by itself it is asked at once; what the call says is not believed, so a
//! call that is late, repeated or false does no harm. Every link that was handed out is asked after, because
//! an older one may still be paid.
//!
//! The payment, the other offers' ends and the sale for the partner are written in one transaction.
//!
//! **Money that comes late.** An offer in payment is not ended before the insurer has said that it is not
//! paid. After its end its links are asked after a few times more, and whenever the insurer calls. Where one
//! of them is paid all the same, the offer's state has no move for it; but the policy exists, so it is
//! fetched, the sale is confirmed like any other, and an operator is told.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Notify, time::Instant};
use veer_contract::{
    OperationKind,
    domain::{OfferRef, PaymentState},
    operation::PaymentStatus,
};

use super::{
    OfferError, Offers, confirm,
    errand::{Came, UnderWay},
    message,
    shown::{about, longer},
};
use crate::{
    calculation::{Board, Live, OfferEntry, OfferEvent, OfferStatus, Payment},
    store::{NewConfirmation, SaleChange},
    telemetry,
};

const KIND: OperationKind = OperationKind::PaymentStatus;

/// How long one question may take.
const BUDGET: Duration = Duration::from_secs(60);
/// Two questions are never closer together.
const LEAST_PAUSE: Duration = Duration::from_secs(1);
/// How often the links of an offer that has ended are asked after.
const LAST_LOOKS: u32 = 4;
/// An offer whose insurer cannot be asked is ended so long after its time.
const GIVING_UP: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// What the insurer says of an offer's links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Watches the offer's payment in the background; where it is watched, the insurer is asked soon.
    pub(super) fn watch_payment(&self, live: &Arc<Live>, offer_id: &Arc<str>) {
        let Some(place) = self.take_place(live, offer_id, KIND) else {
            self.hint(live, offer_id);
            return;
        };
        let (offers, live, offer_id) = (self.clone(), live.clone(), offer_id.clone());
        self.spawn(async move { offers.watch(&live, &offer_id, place).await });
    }

    fn hint(&self, live: &Live, offer_id: &str) {
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
        let mut entry = self.look(live, offer_id)?;
        let mut links = links(&entry);
        let (mut pause, mut looks) = (first, 0);
        let mut asked = Instant::now();
        // Of an offer that has ended somebody calls: it is asked at once.
        let mut is_due = !is_in_payment(&entry);
        loop {
            if is_paid(&entry) {
                return Ok(!has_policy(&entry));
            }
            if !is_in_payment(&entry) {
                looks += 1;
                if looks > LAST_LOOKS || links == 0 {
                    return Ok(false);
                }
            }
            if !std::mem::take(&mut is_due) {
                let end = confirm::until(entry.expires).deadline();
                let next = Instant::now() + about(pause);
                // At its end it is asked a last time; after it, with the pauses that have grown.
                let wake = if end > Instant::now() { next.min(end) } else { next };
                tokio::select! {
                    biased;
                    () = tokio::time::sleep_until(wake) => pause = longer(pause, longest),
                    () = hint.notified() => {
                        // However often the insurer calls, it is asked once in a while.
                        tokio::time::sleep_until((asked + LEAST_PAUSE).min(wake)).await;
                    }
                    () = services.park.cancelled() => return Ok(false),
                }
            }
            asked = Instant::now();
            entry = self.look(live, offer_id)?;
            if self::links(&entry) != links {
                (links, pause) = (self::links(&entry), first);
            }
            let heard = self.ask_after_all(live, offer_id, &entry).await;
            if services.park.is_cancelled() && !matches!(heard, Heard::Paid(_)) {
                return Ok(false);
            }
            self.heard(live, offer_id, &entry, heard).await?;
            entry = self.look(live, offer_id)?;
        }
    }

    /// What follows from what the insurer said.
    async fn heard(
        &self,
        live: &Arc<Live>,
        offer_id: &Arc<str>,
        asked: &OfferEntry,
        heard: Heard,
    ) -> Result<(), OfferError> {
        if let Heard::Paid(link) = heard {
            return self.paid(live, offer_id, link).await;
        }
        if heard == Heard::Cancelled {
            self.cancelled(live, offer_id, asked).await?;
        }
        let over = asked.expires.map(|expires| telemetry::now().duration_since(expires));
        let is_over = over.is_some_and(|over| !over.is_negative());
        let is_given_up = over.is_some_and(|over| over > GIVING_UP);
        if is_in_payment(asked) && (is_given_up || (is_over && heard != Heard::Nothing)) {
            if heard == Heard::Nothing {
                tracing::error!(
                    request_id = %live.request_id,
                    %offer_id,
                    insurer = asked.insurer.code,
                    "an offer's time is over and its insurer does not say whether it is paid; ask it"
                );
            }
            self.expire(live, offer_id).await?;
        }
        Ok(())
    }

    /// Asks after every link, the newest first.
    async fn ask_after_all(&self, live: &Arc<Live>, offer_id: &Arc<str>, entry: &OfferEntry) -> Heard {
        let Some(sale) = &entry.sale else { return Heard::Nothing };
        let (mut heard, mut is_unknown) = (Heard::Nothing, false);
        for (at, link) in sale.links.iter().enumerate().rev() {
            let is_newest = at + 1 == sale.links.len();
            match self.ask_after(live, offer_id, &entry.insurer.code, link.reference.clone()).await {
                Some(PaymentState::Paid) => return Heard::Paid(at),
                Some(PaymentState::Cancelled) if is_newest => heard = Heard::Cancelled,
                Some(_) if is_newest => heard = Heard::Pending,
                Some(_) => {}
                // An older one may be paid all the same.
                None => is_unknown = true,
            }
        }
        if is_unknown { Heard::Nothing } else { heard }
    }

    async fn ask_after(
        &self,
        live: &Arc<Live>,
        offer_id: &Arc<str>,
        insurer: &str,
        offer: OfferRef,
    ) -> Option<PaymentState> {
        let insurer = self.insurer(insurer)?.clone();
        if !insurer.can::<PaymentStatus>() {
            return None;
        }
        let Came { mut results, .. } =
            self.ask::<PaymentStatus>(live, offer_id, insurer, offer, BUDGET).await;
        results.pop()
    }

    /// The payment is known: it, what follows for the other offers, and the sale are one change.
    async fn paid(&self, live: &Arc<Live>, offer_id: &Arc<str>, link: usize) -> Result<(), OfferError> {
        let on_time =
            self.change(live, offer_id, |board, index, rows| Ok(pay(live, board, index, link, rows))).await?;
        if on_time {
            tracing::info!(request_id = %live.request_id, %offer_id, "an offer is paid");
        } else {
            self.services().metrics.late_payment();
            tracing::error!(
                request_id = %live.request_id,
                %offer_id,
                "an offer was paid that had ended; its policy is fetched and the sale confirmed, but somebody may \
                 have paid twice: settle it with the insurer"
            );
        }
        self.0.sold.notify_one();
        Ok(())
    }

    async fn cancelled(
        &self,
        live: &Arc<Live>,
        offer_id: &Arc<str>,
        asked: &OfferEntry,
    ) -> Result<(), OfferError> {
        if asked.status != OfferStatus::PaymentReady {
            return Ok(());
        }
        let asked = links(asked);
        self.change(live, offer_id, |board, index, _| {
            let entry = &board.offers[index];
            // A new link may have come while the old one was asked after.
            let is_current =
                links(entry) == asked && !entry.sale.as_ref().is_some_and(|sale| sale.confirming);
            let is_ready = entry.status == OfferStatus::PaymentReady;
            if is_current && is_ready && board.happened(index, OfferEvent::PaymentCancelled) == Ok(true) {
                board.offers[index].message = Some(message::PAYMENT_CANCELLED.to_owned());
            }
            Ok(())
        })
        .await
    }
}

/// Notes the payment on the board; whether it came on time.
fn pay(live: &Live, board: &mut Board, index: usize, link: usize, rows: &mut SaleChange) -> bool {
    let is_on_time = board.happened(index, OfferEvent::Paid).is_ok();
    let entry = &mut board.offers[index];
    let (insurer, offer_id) = (entry.insurer.clone(), entry.offer_id.clone());
    let sale = entry.sale.get_or_insert_default();
    if sale.paid.is_some() {
        return true;
    }
    let at = telemetry::now();
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
    if is_on_time {
        entry.message = None;
        board.close_others(index);
    }
    is_on_time
}

fn is_in_payment(entry: &OfferEntry) -> bool {
    matches!(entry.status, OfferStatus::PaymentReady | OfferStatus::PaymentCancelled)
}

fn is_paid(entry: &OfferEntry) -> bool {
    entry.sale.as_ref().is_some_and(|sale| sale.paid.is_some())
}

fn has_policy(entry: &OfferEntry) -> bool {
    entry.sale.as_ref().is_some_and(|sale| sale.policy.is_some())
}

fn links(entry: &OfferEntry) -> usize {
    entry.sale.as_ref().map_or(0, |sale| sale.links.len())
}
