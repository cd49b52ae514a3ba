//! The user takes an offer with these cross-sales: the payment link.
//!
//! What is wanted is judged as a whole and written down before anything is sent; then it is carried out in
//! the background (the final price first, where there is none) and the caller waits for as long as it likes.
//! The same confirmation again finds the same answer or waits for the same work; no insurer is asked twice.
//! Where the final price is higher than the one that was confirmed, there is no link until it is confirmed
//! again: nobody is sent to pay more than he agreed to.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;
use uuid::Uuid;
use veer_contract::{
    OperationKind,
    domain::{ReturnUrls, SelectedOption},
    operation::{Confirm, Confirmation, Finalise, OfferInput},
};

use super::{
    OfferError, Offers, Refusal,
    decision::{Decision, decide},
    errand::{Came, Errand, Kept},
    message,
    outcome::settle,
    shown::{Shown, is_preliminary},
};
use crate::{
    calculation::{Live, OfferEntry, Stopped, total},
    store::{ConversationRow, StoreError},
    telemetry,
    upstream::{Budget, Class, Verdict, point::Beginning},
};

const KIND: OperationKind = OperationKind::Confirm;

/// After a failure of the store, until it is tried again.
const PAUSE: Duration = Duration::from_secs(5);

/// A buyer waits: calls of a confirmation go before calculations that have longer than this.
const URGENCY: Duration = Duration::from_secs(30);

/// What a user wants of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The selected options, in the caller's order.
    pub selected: Vec<SelectedOption>,
    /// Where the payment page sends the user back to; without them, the calculation's.
    pub return_urls: Option<ReturnUrls>,
}

impl Offers {
    /// Takes the offer. Returns it with its payment link, or as far as it came.
    pub async fn confirm(
        &self,
        account: &str,
        request_id: Uuid,
        offer_id: &str,
        wish: Wish,
    ) -> Result<Shown, OfferError> {
        let live = self.live(account, request_id).await?;
        self.seen(&live, offer_id)?;
        let (offers, offer_id) = (self.clone(), Arc::<str>::from(offer_id));
        // In a task of its own: a caller that hangs up must not leave it half decided.
        let (deciding, id) = (live.clone(), offer_id.clone());
        let decided = self.services().runtime.spawn(async move {
            let decision = offers.decided(&deciding, &id, wish).await?;
            match decision {
                Decision::Answer => {}
                Decision::Linked => {
                    offers.watch_payment(&deciding, &id);
                    offers.prefetch_draft(&deciding, &id);
                }
                Decision::GoOn | Decision::Begin => offers.begin_confirm(&deciding, &id),
            }
            Ok::<Decision, OfferError>(decision)
        });
        let decision = decided.await.unwrap_or(Err(StoreError::Closed.into()))?;
        if matches!(decision, Decision::GoOn | Decision::Begin) {
            let until = Instant::now() + self.config().confirm_patience;
            let over = |entry: &OfferEntry| entry.sale.as_ref().is_none_or(|sale| !sale.confirming);
            self.until(&live, &offer_id, until, over).await;
        }
        let entry = self.look(&live, &offer_id)?;
        Ok(Shown { entry, request: live.request.clone() })
    }

    async fn decided(&self, live: &Arc<Live>, id: &Arc<str>, wish: Wish) -> Result<Decision, OfferError> {
        self.change(live, id, |board, index, rows| {
            let insurer = self.insurer(&board.offers[index].insurer.code);
            let sells = insurer.is_some_and(|insurer| insurer.can::<Confirm>());
            if !sells && board.offers[index].stands() {
                return Err(OfferError::Refused(Refusal::NotSoldHere));
            }
            let decision = decide(board, index, &live.request, wish, telemetry::now())?;
            if decision == Decision::Begin {
                let entry = &mut board.offers[index];
                let sale = entry.sale.get_or_insert_default();
                let (attempt, stopped) = (sale.attempts, sale.stopped.remove(KIND.name()));
                rows.conversation = Some(self.beginning_row(live, entry, KIND, attempt, stopped.as_ref()));
            }
            Ok(decision)
        })
        .await
    }

    /// Carries the confirmation out in the background, unless that is under way.
    pub(super) fn begin_confirm(&self, live: &Arc<Live>, offer_id: &Arc<str>) {
        let Some(place) = self.take_place(live, offer_id, KIND) else { return };
        let (offers, live, offer_id) = (self.clone(), live.clone(), offer_id.clone());
        self.spawn(async move {
            // Nobody else would go on with it before the next start.
            while let Err(error) = offers.carry_out(&live, &offer_id).await {
                tracing::error!(request_id = %live.request_id, %offer_id, %error, "a confirmation is tried again");
                tokio::select! {
                    biased;
                    () = tokio::time::sleep(PAUSE) => {}
                    () = offers.services().park.cancelled() => return Ok(()),
                }
            }
            drop(place);
            // Somebody may have decided on another one while this one held its place.
            let sale = offers.look(&live, &offer_id)?.sale;
            if sale.is_some_and(|sale| sale.confirming) && !offers.services().park.is_cancelled() {
                offers.begin_confirm(&live, &offer_id);
            }
            Ok(())
        });
    }

    async fn carry_out(&self, live: &Arc<Live>, offer_id: &Arc<str>) -> Result<(), OfferError> {
        if !self.look(live, offer_id)?.sale.is_some_and(|sale| sale.confirming) {
            return Ok(());
        }
        let kept = self.kept(live, offer_id, KIND).await?;
        if matches!(kept.beginning, Beginning::Start) {
            self.finalised(live, offer_id).await?;
            if self.services().park.is_cancelled() {
                return Ok(());
            }
            if !self.is_agreed(live, offer_id, kept.run).await? {
                return Ok(());
            }
        }
        let Came { mut results, end, row: Some(row), stopped, is_unclear, told } =
            self.send_confirmation(live, offer_id, kept).await?
        else {
            return Ok(());
        };
        let link = results.pop();
        self.change(live, offer_id, |board, index, rows| {
            rows.conversation = Some(row);
            let sale = board.offers[index].sale.get_or_insert_default();
            let Some(choice) = sale.choice.clone() else { return Ok(()) };
            let before = (sale.links.len(), sale.held.clone());
            sale.withdrawn |= is_unclear && link.is_none();
            // A decline of the link leaves the application as it is.
            let about_payment = stopped.as_ref().is_some_and(Stopped::is_only_payment);
            if let Err(refused) = settle(live, board, index, link, choice, end, about_payment, rows) {
                tracing::warn!(request_id = %live.request_id, %refused, "a payment link came too late");
            }
            let sale = board.offers[index].sale.get_or_insert_default();
            let is_unchanged = (sale.links.len(), sale.held.clone()) == before;
            if let Some(stopped) = stopped.filter(|_| is_unchanged) {
                sale.stopped.insert(KIND.name().to_owned(), stopped);
            }
            Ok(())
        })
        .await?;
        self.dealt_with(told);
        // Also where there is no new link: an older one may still be paid.
        if self.look(live, offer_id)?.sale.is_some_and(|sale| !sale.links.is_empty()) {
            self.watch_payment(live, offer_id);
            self.prefetch_draft(live, offer_id);
        }
        Ok(())
    }

    async fn send_confirmation(
        &self,
        live: &Arc<Live>,
        offer_id: &Arc<str>,
        kept: Kept,
    ) -> Result<Came<veer_contract::domain::PaymentLink>, OfferError> {
        let entry = self.look(live, offer_id)?;
        let insurer = self.insurer(&entry.insurer.code).filter(|insurer| insurer.can::<Confirm>()).cloned();
        let choice = entry.sale.as_ref().and_then(|sale| sale.choice.clone());
        let (Some(insurer), Some(offer), Some(choice)) = (insurer, &entry.offer, choice) else {
            return Ok(self.nobody_to_ask(live, &entry, KIND, kept.run));
        };
        // What an earlier link made known: an application that is there need not be made again.
        let sale = entry.sale.as_deref();
        let known = sale.and_then(|sale| sale.link_for(&choice.selected).or(sale.links.last()));
        let reference = known.map_or(&offer.reference, |link| &link.reference);
        let errand = Errand::<Confirm> {
            live: live.clone(),
            offer_id: offer_id.clone(),
            insurer,
            input: Confirmation {
                offer: OfferInput { request: (*live.request).clone(), offer: reference.clone() },
                selected: choice.selected,
                return_urls: choice.return_urls,
            },
            budget: until(entry.expires).urgently(URGENCY),
            patient: true,
            kept,
        };
        Ok(self.send(errand).await)
    }

    /// Whether the offer can be bought at the price that was agreed to. Where not, that is said and the
    /// confirmation is over.
    async fn is_agreed(&self, live: &Arc<Live>, offer_id: &Arc<str>, run: i64) -> Result<bool, OfferError> {
        let entry = self.look(live, offer_id)?;
        let row = self.beginning_row(live, &entry, KIND, run, None);
        let can_finalise = self.insurer(&entry.insurer.code).is_some_and(|insurer| insurer.can::<Finalise>());
        self.change(live, offer_id, |board, index, rows| {
            let is_sold = board.is_sold();
            let entry = &mut board.offers[index];
            let still_preliminary = can_finalise && is_preliminary(entry);
            let is_over = is_sold || entry.status.is_final() || entry.status.is_paid();
            let Some(offer) = &entry.offer else { return Ok(false) };
            let Some(sale) = &mut entry.sale else { return Ok(false) };
            let is_over = is_over || sale.withdrawn;
            let Some(choice) = &mut sale.choice else { return Ok(false) };
            let price = total(offer, &choice.selected);
            let rose = price > choice.price;
            if !still_preliminary && !is_over && !rose {
                return Ok(true);
            }
            if rose && !is_over {
                entry.message = Some(message::price_rose(choice.price, price));
            }
            sale.confirming = false;
            rows.conversation = Some(ConversationRow { verdict: Some(Verdict::Offered.code()), ..row });
            Ok(false)
        })
        .await
    }
}

/// A budget that ends when the offer does.
pub(super) fn until(expires: Option<Timestamp>) -> Budget {
    let left = expires.map(|expires| expires.duration_since(telemetry::now()));
    let left = left.and_then(|left| Duration::try_from(left).ok());
    Budget::of(left.unwrap_or_default()).for_class(Class::Payment)
}
