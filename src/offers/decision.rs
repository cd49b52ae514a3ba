//! What a confirmation comes to: a plain function of the offer, what became of it so far, and the wish.
//!
//! The order of the rules is the order in which they are told. What is decided is written down before it is
//! carried out.

use jiff::Timestamp;
use veer_contract::domain::QuoteRequest;

use super::{OfferError, Refusal, confirm::Wish, message, selection, selection::Selected};
use crate::calculation::{Board, Choice, NoSuchMove, OfferEvent, OfferStatus, Sale, total};

/// What a confirmation comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Everything is said already.
    Answer,
    /// A link that was held back is shown now.
    Linked,
    /// It is being carried out.
    GoOn,
    /// It is to be carried out.
    Begin,
}

/// Decides about `wish` for the offer at `index`, and notes on the board what follows at once.
pub(super) fn decide(
    board: &mut Board,
    index: usize,
    request: &QuoteRequest,
    wish: Wish,
    now: Timestamp,
) -> Result<Decision, OfferError> {
    let entry = &board.offers[index];
    let Some(offer) = entry.offer.as_ref().filter(|_| entry.stands()) else {
        let dropped = entry.sale.as_deref().is_some_and(|sale| sale.withdrawn);
        return match entry.status {
            // Said again: it was cancelled by the same words.
            OfferStatus::Rejected if dropped && drops(board, index, request, &wish) => Ok(Decision::Answer),
            status if status.is_final() => refused(Refusal::NotForSale(status)),
            _ => refused(Refusal::NoPriceYet),
        };
    };
    let selected = selection::check(offer, request.cross_sales_allowed, &wish.selected)
        .map_err(|problems| OfferError::Refused(Refusal::Selection(problems)))?;
    let sale = entry.sale.as_deref().cloned().unwrap_or_default();
    let Selected::Options(selected) = selected else {
        return if entry.status.is_paid() {
            refused(Refusal::PaidOtherwise)
        } else if sale.withdrawn {
            Ok(Decision::Answer)
        } else {
            withdraw(board, index)
        };
    };
    // What a link that was held back costs was shown as the price.
    let held = sale.held.as_ref().filter(|held| held.choice.selected == selected);
    let price = total(offer, &selected);
    let price = held.map_or(price, |held| held.amount.max(price));
    let return_urls = wish.return_urls.or_else(|| request.return_urls.clone());
    let choice = Choice { price, selected, return_urls };
    if sale.paid.is_some() {
        let is_paid = sale.link().is_some_and(|link| link.choice.same_as(&choice));
        return if is_paid { Ok(Decision::Answer) } else { refused(Refusal::PaidOtherwise) };
    }
    if sale.withdrawn {
        return refused(Refusal::Withdrawn);
    }
    if board.is_sold() {
        return refused(Refusal::OtherOfferPaid);
    }
    let is_same = sale.choice.as_ref().is_some_and(|known| known.same_as(&choice));
    if sale.confirming {
        return if is_same { Ok(Decision::GoOn) } else { refused(Refusal::Busy) };
    }
    if entry.expires.is_some_and(|expires| expires <= now) {
        return refused(Refusal::NotForSale(OfferStatus::ClosedTimeout));
    }
    let is_held = sale.held.as_ref().is_some_and(|held| held.choice.same_as(&choice));
    if is_same && entry.status == OfferStatus::PaymentReady && !is_held {
        return Ok(Decision::Answer);
    }
    begin(board, index, sale, choice, is_same)
}

/// What the user wants is to be carried out from now on.
fn begin(
    board: &mut Board,
    index: usize,
    mut sale: Sale,
    choice: Choice,
    is_same: bool,
) -> Result<Decision, OfferError> {
    let same_selection = sale.choice.as_ref().is_some_and(|known| known.selected == choice.selected);
    if sale.stopped.get("confirm").is_some_and(|stopped| !same_selection && !stopped.is_only_payment()) {
        // The insurer has an application with other cross-sales; a second one is not sent.
        return refused(Refusal::AppliedOtherwise);
    }
    match board.offers[index].status {
        OfferStatus::PaymentReady if !is_same => {
            // The link is for what the user does not want any more.
            board.happened(index, OfferEvent::PaymentCancelled).map_err(no_move)?;
        }
        OfferStatus::PaymentReady
        | OfferStatus::PreCalcReady
        | OfferStatus::Approved
        | OfferStatus::PaymentLinkFailed
        | OfferStatus::PaymentCancelled => {}
        status => return refused(Refusal::NotForSale(status)),
    }
    let is_held = is_same && sale.held.as_ref().is_some_and(|held| held.choice.same_as(&choice));
    if let Some(link) = sale.held.take_if(|_| is_held) {
        // The second word: its price was shown.
        board.happened(index, OfferEvent::LinkReady).map_err(no_move)?;
        sale.links.push(link);
        let entry = &mut board.offers[index];
        entry.message = entry.offer.as_ref().and_then(|offer| offer.message.clone());
        entry.sale = Some(Box::new(sale));
        return Ok(Decision::Linked);
    }
    if !same_selection {
        sale.stopped.remove("confirm");
    }
    sale.choice = Some(choice);
    sale.confirming = true;
    sale.attempts += 1;
    let entry = &mut board.offers[index];
    entry.sale = Some(Box::new(sale));
    entry.message = Some(message::IN_HAND.to_owned());
    Ok(Decision::Begin)
}

/// A mandatory cross-sale was dropped: the offer ends, as far as its state has a move for it.
fn withdraw(board: &mut Board, index: usize) -> Result<Decision, OfferError> {
    let event = match board.offers[index].status {
        OfferStatus::PreCalcReady => Some(OfferEvent::Rejected),
        OfferStatus::Approved => Some(OfferEvent::LinkFailed),
        OfferStatus::PaymentReady => Some(OfferEvent::PaymentCancelled),
        OfferStatus::PaymentLinkFailed | OfferStatus::PaymentCancelled => None,
        status => return refused(Refusal::NotForSale(status)),
    };
    if let Some(event) = event {
        board.happened(index, event).map_err(no_move)?;
    }
    let entry = &mut board.offers[index];
    entry.sale.get_or_insert_default().withdrawn = true;
    entry.message = Some(message::WITHDRAWN.to_owned());
    Ok(Decision::Answer)
}

/// Whether `wish` drops a mandatory cross-sale of an offer that does not stand any more.
fn drops(board: &Board, index: usize, request: &QuoteRequest, wish: &Wish) -> bool {
    let Some(offer) = &board.offers[index].offer else { return false };
    let checked = selection::check(offer, request.cross_sales_allowed, &wish.selected);
    matches!(checked, Ok(Selected::Dropped(_)))
}

fn refused<T>(refusal: Refusal) -> Result<T, OfferError> {
    Err(OfferError::Refused(refusal))
}

fn no_move(refused: NoSuchMove) -> OfferError {
    OfferError::Refused(Refusal::NotForSale(refused.from))
}
