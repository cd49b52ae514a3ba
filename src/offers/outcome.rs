//! What the end of a confirmation means for its offer.

use url::Url;
use veer_contract::domain::PaymentLink;

use super::{Offers, message};
use crate::{
    calculation::{Board, Choice, Link, Live, NoSuchMove, OfferEvent, OfferStatus, total},
    store::{PaymentRow, SaleChange},
    upstream::{Verdict, driver::End},
};

/// Settles the end of a confirmation: a link, one that is held back because it is dearer than what was
/// agreed to, or none. `about_payment`: the last call was about the payment alone.
#[expect(clippy::too_many_arguments, reason = "all of them are the one end")]
pub(super) fn settle(
    live: &Live,
    board: &mut Board,
    index: usize,
    link: Option<PaymentLink>,
    choice: Choice,
    end: End,
    about_payment: bool,
    rows: &mut SaleChange,
) -> Result<(), NoSuchMove> {
    let is_over = board.is_sold() || board.offers[index].status.is_final();
    let entry = &mut board.offers[index];
    let sale = entry.sale.get_or_insert_default();
    sale.confirming = false;
    if is_over || sale.paid.is_some() {
        // Whatever came of it is not wanted any more.
        entry.message = entry.message.take().filter(|message| message != message::IN_HAND);
        return Ok(());
    }
    if sale.withdrawn && link.is_some() {
        return Ok(()); // A mandatory cross-sale was dropped meanwhile: nobody is shown the link.
    }
    sale.withdrawn |= matches!(end, End::Declined(_)) && !about_payment;
    let message = match (link, end) {
        (Some(link), _) if is_address(&link.url) => return linked(live, board, index, link, choice, rows),
        (None, End::Declined(decline)) => decline.message,
        (None, End::Failed { .. }) if sale.withdrawn => message::UNCLEAR.to_owned(),
        (None, End::Failed { verdict, .. }) => message::no_link(verdict),
        _ => message::no_link(Verdict::NotUnderstood),
    };
    board.offers[index].message = Some(message);
    // A payment that was cancelled before stays so.
    if board.offers[index].status != OfferStatus::PaymentCancelled {
        board.happened(index, OfferEvent::LinkFailed)?;
    }
    Ok(())
}

fn linked(
    live: &Live,
    board: &mut Board,
    index: usize,
    link: PaymentLink,
    choice: Choice,
    rows: &mut SaleChange,
) -> Result<(), NoSuchMove> {
    let entry = &board.offers[index];
    let Some(offer) = &entry.offer else { return Ok(()) };
    let agreed = total(offer, &choice.selected);
    let amount = link.amount.unwrap_or(agreed);
    let own = offer.message.clone();
    let mut reference = offer.reference.clone();
    reference.0.extend(link.reference.0);
    if let Some(correlation) = link.correlation {
        let (insurer, offer) = (entry.insurer.code.as_str().into(), Offers::key(live, &entry.offer_id));
        rows.payment = Some(PaymentRow { insurer, correlation, offer });
    }
    let dearer = amount > agreed.max(choice.price);
    if !dearer {
        board.happened(index, OfferEvent::LinkReady)?;
    }
    let entry = &mut board.offers[index];
    let sale = entry.sale.get_or_insert_default();
    let is_new_choice = sale.links.last().is_some_and(|last| last.choice.selected != choice.selected);
    // A draft is of the contract that it was drawn for.
    sale.has_draft &= !is_new_choice;
    let link = Link { url: link.url, amount, reference, choice };
    if dearer {
        entry.message = Some(message::price_rose(agreed, amount));
        sale.held = Some(link);
    } else {
        entry.message = if agreed == amount { own } else { Some(message::price_changed(agreed, amount)) };
        sale.links.push(link);
    }
    Ok(())
}

/// A page that a browser can be sent to.
fn is_address(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
