//! The user takes an offer with these cross-sales: the payment link.
//!
//! What is wanted is judged as a whole and written down before anything is sent; then it is carried out in
//! the background (the final price first, where there is none) and the caller waits for as long as it likes.
//! The same confirmation again finds the same answer or waits for the same work; no insurer is asked twice.
//! Where the final price is higher than the one that was confirmed, there is no link until it is confirmed
//! again: nobody is sent to pay more than he agreed to.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;
use veer_contract::{
    OperationKind,
    domain::{Kopecks, PaymentLink, ReturnUrls, SelectedOption},
    operation::{Confirmation, OfferInput},
};

use super::{
    OfferError, Offers, Refusal,
    errand::{Came, Errand, UnderWay},
    message, selection,
    selection::Selected,
    shown::{Shown, is_preliminary},
};
use crate::{
    calculation::{Board, Choice, Link, Live, NoSuchMove, OfferEntry, OfferEvent, OfferStatus, Sale, total},
    store::{ConversationRow, PaymentRow, SaleChange, StoreError},
    telemetry,
    upstream::{
        Budget, Verdict,
        driver::{Beginning, End},
    },
};

const KIND: OperationKind = OperationKind::Confirm;

/// What a user wants of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The selected options, in the caller's order.
    pub selected: Vec<SelectedOption>,
    /// Where the payment page sends the user back to; without them, the calculation's.
    pub return_urls: Option<ReturnUrls>,
}

/// What a confirmation comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    /// Everything is said already.
    Answer,
    /// It is being carried out.
    GoOn,
    /// It is to be carried out.
    Begin,
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
        let (offers, offer_id) = (self.clone(), Arc::<str>::from(offer_id));
        // In a task of its own: a caller that hangs up must not leave it half decided.
        let (deciding, id) = (live.clone(), offer_id.clone());
        let decided = self.services().runtime.spawn(async move {
            let decision = offers
                .change(&deciding, &id, |board, index, rows| {
                    let decision = offers.decide(&deciding, board, index, wish)?;
                    if decision == Decision::Begin {
                        let entry = &mut board.offers[index];
                        let sale = entry.sale.get_or_insert_default();
                        let (attempt, stopped) = (sale.attempts, sale.stopped.remove(KIND.name()));
                        let row = offers.beginning_row(&deciding, entry, KIND, attempt, stopped.as_ref());
                        rows.conversation = Some(row);
                    }
                    Ok(decision)
                })
                .await?;
            if decision != Decision::Answer {
                offers.begin_confirm(&deciding, &id);
            }
            Ok::<Decision, OfferError>(decision)
        });
        let decision = decided.await.unwrap_or(Err(StoreError::Closed.into()))?;
        if decision != Decision::Answer {
            let until = Instant::now() + self.config().confirm_patience;
            let over = |entry: &OfferEntry| entry.sale.as_ref().is_none_or(|sale| !sale.confirming);
            self.until(&live, &offer_id, until, over).await;
        }
        let entry = self.look(&live, &offer_id)?;
        Ok(Shown { entry, request: live.request.clone() })
    }

    fn decide(
        &self,
        live: &Live,
        board: &mut Board,
        index: usize,
        wish: Wish,
    ) -> Result<Decision, OfferError> {
        let refused = |refusal| Err(OfferError::Refused(refusal));
        let entry = &board.offers[index];
        let Some(offer) = entry.offer.as_ref().filter(|_| entry.stands()) else {
            let open = !entry.status.is_final();
            return refused(if open { Refusal::NoPriceYet } else { Refusal::NotForSale(entry.status) });
        };
        let sells =
            self.insurer(&entry.insurer.code).is_some_and(|insurer| insurer.adapter.confirm().is_some());
        if !sells {
            return refused(Refusal::NotSoldHere);
        }
        let selected = selection::check(offer, live.request.cross_sales_allowed, &wish.selected);
        let selected = selected.map_err(|problems| OfferError::Refused(Refusal::Selection(problems)))?;
        let sale = entry.sale.as_deref();
        if sale.is_some_and(|sale| sale.withdrawn) {
            return refused(Refusal::Withdrawn);
        }
        let Selected::Options(selected) = selected else {
            return if entry.status.is_paid() {
                refused(Refusal::PaidOtherwise)
            } else {
                withdraw(board, index)
            };
        };
        let return_urls = wish.return_urls.or_else(|| live.request.return_urls.clone());
        let choice = Choice { price: total(offer, &selected), selected, return_urls };
        let is_same = sale.and_then(|sale| sale.choice.as_ref()).is_some_and(|known| known.same_as(&choice));
        if sale.is_some_and(|sale| sale.paid.is_some()) {
            let paid = sale.and_then(Sale::link).is_some_and(|link| link.choice.same_as(&choice));
            return if paid { Ok(Decision::Answer) } else { refused(Refusal::PaidOtherwise) };
        }
        if board.sold().is_some() {
            return refused(Refusal::OtherOfferPaid);
        }
        if sale.is_some_and(|sale| sale.confirming) {
            return if is_same { Ok(Decision::GoOn) } else { refused(Refusal::Busy) };
        }
        match entry.status {
            OfferStatus::PaymentReady if is_same => return Ok(Decision::Answer),
            // The link is for what the user does not want any more.
            OfferStatus::PaymentReady => {
                board.happened(index, OfferEvent::PaymentCancelled).map_err(no_move)?;
            }
            OfferStatus::PreCalcReady
            | OfferStatus::Approved
            | OfferStatus::PaymentLinkFailed
            | OfferStatus::PaymentCancelled => {}
            status => return refused(Refusal::NotForSale(status)),
        }
        let entry = &mut board.offers[index];
        let sale = entry.sale.get_or_insert_default();
        if !is_same {
            // What was made for another choice is of no use for this one.
            sale.stopped.remove(KIND.name());
        }
        sale.choice = Some(choice);
        sale.confirming = true;
        sale.attempts += 1;
        entry.message = Some(message::IN_HAND.to_owned());
        Ok(Decision::Begin)
    }

    /// Carries the confirmation out in the background, unless that is under way.
    pub(super) fn begin_confirm(&self, live: &Arc<Live>, offer_id: &Arc<str>) {
        let Some(place) = self.take_place(live, offer_id, KIND) else { return };
        let (offers, live, offer_id) = (self.clone(), live.clone(), offer_id.clone());
        self.spawn(async move { offers.carry_out(&live, &offer_id, place).await });
    }

    async fn carry_out(
        &self,
        live: &Arc<Live>,
        offer_id: &Arc<str>,
        _place: UnderWay,
    ) -> Result<(), OfferError> {
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
        let entry = self.look(live, offer_id)?;
        let Some(insurer) = self.insurer(&entry.insurer.code).cloned() else { return Ok(()) };
        let (Some(flow), Some(offer)) = (insurer.adapter.confirm(), &entry.offer) else { return Ok(()) };
        let Some(sale) = &entry.sale else { return Ok(()) };
        let Some(choice) = sale.choice.clone() else { return Ok(()) };
        // What an earlier link made known: an application that is there need not be made again.
        let reference = sale.links.last().map_or(&offer.reference, |link| &link.reference);
        let came = self
            .send(Errand {
                live: live.clone(),
                offer_id: offer_id.clone(),
                insurer,
                flow,
                input: Confirmation {
                    offer: OfferInput { request: (*live.request).clone(), offer: reference.clone() },
                    selected: choice.selected.clone(),
                    return_urls: choice.return_urls.clone(),
                },
                budget: until(entry.expires),
                patient: true,
                kept,
            })
            .await;
        let Came { mut results, end, row: Some(row), stopped } = came else { return Ok(()) };
        let link = results.pop();
        let has_link = self
            .change(live, offer_id, |board, index, rows| {
                rows.conversation = Some(row);
                if let Some(stopped) = stopped.filter(|_| link.is_none()) {
                    let sale = board.offers[index].sale.get_or_insert_default();
                    sale.withdrawn |= stopped.is_unclear();
                    sale.stopped.insert(KIND.name().to_owned(), stopped);
                }
                Ok(settle(live, board, index, link, choice, end, rows).unwrap_or_else(|refused| {
                    tracing::warn!(request_id = %live.request_id, %refused, "a payment link came too late");
                    if let Some(sale) = &mut board.offers[index].sale {
                        sale.confirming = false;
                    }
                    false
                }))
            })
            .await?;
        if has_link {
            self.watch_payment(live, offer_id);
            self.prefetch_draft(live, offer_id);
        }
        Ok(())
    }

    /// Whether the offer can be bought at the price that was agreed to. Where not, that is said and the
    /// confirmation is over.
    async fn is_agreed(&self, live: &Arc<Live>, offer_id: &Arc<str>, run: i64) -> Result<bool, OfferError> {
        let entry = self.look(live, offer_id)?;
        let row = self.beginning_row(live, &entry, KIND, run, None);
        let can_finalise =
            self.insurer(&entry.insurer.code).is_some_and(|insurer| insurer.adapter.finalise().is_some());
        self.change(live, offer_id, |board, index, rows| {
            let entry = &mut board.offers[index];
            let still_preliminary = can_finalise && is_preliminary(entry);
            let gone = entry.status.is_final();
            let Some(offer) = &entry.offer else { return Ok(false) };
            let Some(sale) = &mut entry.sale else { return Ok(false) };
            let Some(choice) = &mut sale.choice else { return Ok(false) };
            let price = total(offer, &choice.selected);
            let rose = price > choice.price;
            if !still_preliminary && !gone && !rose {
                if price != choice.price {
                    choice.price = price;
                }
                return Ok(true);
            }
            if rose {
                entry.message = Some(message::price_rose(choice.price, price));
            }
            sale.confirming = false;
            rows.conversation = Some(ConversationRow { verdict: Some(Verdict::Offered.code()), ..row });
            Ok(false)
        })
        .await
    }
}

/// What the end means for the offer; whether there is a link.
fn settle(
    live: &Live,
    board: &mut Board,
    index: usize,
    link: Option<PaymentLink>,
    choice: Choice,
    end: End,
    rows: &mut SaleChange,
) -> Result<bool, NoSuchMove> {
    let (message, event) = match (link, end) {
        (Some(link), _) if is_address(&link.url) => {
            board.happened(index, OfferEvent::LinkReady)?;
            add_link(live, board, index, link, choice, rows);
            return Ok(true);
        }
        (Some(_), _) => (message::no_link(Verdict::NotUnderstood), OfferEvent::LinkFailed),
        (None, End::Declined(decline)) => {
            board.offers[index].sale.get_or_insert_default().withdrawn = true;
            (decline.message, OfferEvent::LinkFailed)
        }
        (None, End::Failed { .. })
            if board.offers[index].sale.as_ref().is_some_and(|sale| sale.withdrawn) =>
        {
            (message::UNCLEAR.to_owned(), OfferEvent::LinkFailed)
        }
        (None, End::Failed { verdict, .. }) => (message::no_link(verdict), OfferEvent::LinkFailed),
        (None, End::Done | End::Parked) => (message::no_link(Verdict::NotUnderstood), OfferEvent::LinkFailed),
    };
    let entry = &mut board.offers[index];
    if let Some(sale) = &mut entry.sale {
        sale.confirming = false;
    }
    entry.message = Some(message);
    // A payment that was cancelled before stays so.
    if entry.status != OfferStatus::PaymentCancelled {
        board.happened(index, event)?;
    }
    Ok(false)
}

fn add_link(
    live: &Live,
    board: &mut Board,
    index: usize,
    link: PaymentLink,
    choice: Choice,
    rows: &mut SaleChange,
) {
    let entry = &mut board.offers[index];
    let Some(offer) = &entry.offer else { return };
    let (agreed, amount) = (total(offer, &choice.selected), link.amount);
    let amount = amount.unwrap_or(agreed);
    let mut reference = offer.reference.clone();
    reference.0.extend(link.reference.0);
    if let Some(correlation) = link.correlation {
        rows.payment = Some(PaymentRow {
            insurer: entry.insurer.code.as_str().into(),
            correlation,
            offer: Offers::key(live, &entry.offer_id),
        });
    }
    entry.message = told(offer.message.clone(), agreed, amount);
    let sale = entry.sale.get_or_insert_default();
    sale.confirming = false;
    sale.links.push(Link { url: link.url, amount, reference, choice });
}

fn told(own: Option<String>, agreed: Kopecks, amount: Kopecks) -> Option<String> {
    if agreed == amount { own } else { Some(message::price_changed(agreed, amount)) }
}

/// A mandatory cross-sale was dropped.
fn withdraw(board: &mut Board, index: usize) -> Result<Decision, OfferError> {
    let event = match board.offers[index].status {
        OfferStatus::PreCalcReady => Some(OfferEvent::Rejected),
        OfferStatus::Approved => Some(OfferEvent::LinkFailed),
        OfferStatus::PaymentReady => Some(OfferEvent::PaymentCancelled),
        OfferStatus::PaymentLinkFailed | OfferStatus::PaymentCancelled => None,
        status => return Err(OfferError::Refused(Refusal::NotForSale(status))),
    };
    if let Some(event) = event {
        board.happened(index, event).map_err(no_move)?;
    }
    let entry = &mut board.offers[index];
    entry.sale.get_or_insert_default().withdrawn = true;
    entry.message = Some(message::WITHDRAWN.to_owned());
    Ok(Decision::Answer)
}

fn no_move(refused: NoSuchMove) -> OfferError {
    OfferError::Refused(Refusal::NotForSale(refused.from))
}

/// A page that a browser can be sent to.
fn is_address(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// A budget that ends when the offer does.
pub(super) fn until(expires: Option<Timestamp>) -> Budget {
    let left = expires.map(|expires| expires.duration_since(telemetry::now()));
    let left = left.and_then(|left| std::time::Duration::try_from(left).ok());
    Budget::of(left.unwrap_or_default())
}
