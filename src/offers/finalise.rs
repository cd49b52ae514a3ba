//! The final price of an offer that has only a preliminary one.
//!
//! It is asked for when somebody looks at the offer or takes it, once at a time, and the asking goes on
//! when nobody waits any more. A price that changed is shown with a message. Where the insurer could not be
//! asked the preliminary price stands, and the next look asks again; where it is not known what became of an
//! application, the offer is given up, because a second application must not be sent.

use std::sync::Arc;

use veer_contract::{
    OperationKind,
    domain::{Offer, Premium},
    operation::{Finalise, OfferInput},
};

use super::{
    OfferError, Offers,
    errand::{Came, Errand},
    message,
    under_way::UnderWay,
};
use crate::{
    calculation::{Board, Live, NoSuchMove, OfferEvent, Stopped, offer_check},
    config::UpstreamConfig,
    upstream::{Budget, Class, Verdict, driver::End, point::Beginning},
};

const KIND: OperationKind = OperationKind::Finalise;

impl Offers {
    /// Asks for the final price in the background, unless that is under way.
    pub(super) fn begin_finalise(&self, live: &Arc<Live>, offer_id: &str) {
        let Some(place) = self.take_place(live, offer_id, KIND) else { return };
        let (offers, live, offer_id) = (self.clone(), live.clone(), Arc::from(offer_id));
        self.spawn(async move { offers.finalise(&live, &offer_id, place).await });
    }

    /// Returns when the final price is there, or cannot be had now.
    pub(super) async fn finalised(&self, live: &Arc<Live>, offer_id: &Arc<str>) -> Result<(), OfferError> {
        let mut changes = live.listen();
        loop {
            if !self.can_finalise(&self.look(live, offer_id)?) {
                return Ok(());
            }
            if let Some(place) = self.take_place(live, offer_id, KIND) {
                return self.finalise(live, offer_id, place).await;
            }
            while self.is_under_way(live, offer_id, KIND) {
                if changes.changed().await.is_err() {
                    return Ok(());
                }
            }
        }
    }

    async fn finalise(
        &self,
        live: &Arc<Live>,
        offer_id: &Arc<str>,
        _place: UnderWay,
    ) -> Result<(), OfferError> {
        let entry = self.look(live, offer_id)?;
        let Some(insurer) = self.insurer(&entry.insurer.code).cloned() else { return Ok(()) };
        let Some(offer) = entry.offer.filter(|_| insurer.can::<Finalise>()) else { return Ok(()) };
        let mut kept = self.kept(live, offer_id, KIND).await?;
        if !kept.is_open {
            // Written first, so that a restart goes on with it.
            let stopped = self
                .change(live, offer_id, |board, index, rows| {
                    let entry = &mut board.offers[index];
                    let stopped = entry.sale.as_mut().and_then(|sale| sale.stopped.remove(KIND.name()));
                    rows.conversation =
                        Some(self.beginning_row(live, entry, KIND, kept.run, stopped.as_ref()));
                    Ok(stopped)
                })
                .await?;
            kept.beginning = stopped.map_or(Beginning::Start, Stopped::beginning);
        }
        let came = self
            .send(Errand::<Finalise> {
                live: live.clone(),
                offer_id: offer_id.clone(),
                insurer,
                input: OfferInput { request: (*live.request).clone(), offer: offer.reference.clone() },
                budget: Budget::of(self.config().finalise_budget).for_class(Class::FinalPrice),
                patient: false,
                kept,
            })
            .await;
        let Came { mut results, end, row: Some(row), stopped, is_unclear, told } = came else {
            return Ok(());
        };
        let config = &self.services().upstream;
        self.change(live, offer_id, |board, index, rows| {
            rows.conversation = Some(row);
            if let Some(stopped) = stopped.filter(|_| results.is_empty() && !is_unclear) {
                let sale = board.offers[index].sale.get_or_insert_default();
                sale.stopped.insert(KIND.name().to_owned(), stopped);
            }
            if let Err(refused) = settle(board, index, results.pop(), end, is_unclear, config) {
                tracing::info!(request_id = %live.request_id, %refused, "a final price came too late");
            }
            Ok(())
        })
        .await?;
        self.dealt_with(told);
        Ok(())
    }
}

/// What the end means for the offer.
fn settle(
    board: &mut Board,
    index: usize,
    new: Option<Offer>,
    end: End,
    is_unclear: bool,
    config: &UpstreamConfig,
) -> Result<(), NoSuchMove> {
    let verdict = match (new, end) {
        (Some(new), _) => match offer_check::check(&new, config) {
            Ok(()) => return priced(board, index, new),
            Err(problem) => {
                tracing::warn!(insurer = board.offers[index].insurer.code, %problem, "a final price is not published");
                // Asked again it would say the same, at the price of another application.
                board.happened(index, OfferEvent::Broken)?;
                board.offers[index].message = Some(message::not_final(Verdict::InvalidOffer));
                return Ok(());
            }
        },
        (None, End::Declined(decline)) => {
            board.happened(index, OfferEvent::Rejected)?;
            board.offers[index].message = Some(decline.message);
            return Ok(());
        }
        (None, End::Failed { .. }) if is_unclear => {
            board.happened(index, OfferEvent::Broken)?;
            board.offers[index].message = Some(message::UNCLEAR.to_owned());
            return Ok(());
        }
        (None, End::Failed { verdict, .. }) => verdict,
        (None, End::Done | End::Parked) => Verdict::NotUnderstood,
    };
    board.offers[index].message = Some(message::not_final(verdict));
    Ok(())
}

/// The final price, with what only the quote said.
fn priced(board: &mut Board, index: usize, mut new: Offer) -> Result<(), NoSuchMove> {
    // Whatever the insurer calls it, this is the answer to the question for the final price.
    new.premium = Premium::Final(new.premium.amount());
    if let Some(old) = &board.offers[index].offer {
        new.key.clone_from(&old.key);
        if new.cross_sales.is_empty() {
            new.cross_sales.clone_from(&old.cross_sales);
        }
        if new.coefficients.is_empty() {
            new.coefficients = old.coefficients;
        }
        if new.driver_coefficients.is_empty() {
            new.driver_coefficients.clone_from(&old.driver_coefficients);
        }
        new.is_reinsurance_pool = new.is_reinsurance_pool.or(old.is_reinsurance_pool);
        let (from, to) = (old.premium.amount(), new.premium.amount());
        if from != to {
            let told = message::price_changed(from, to);
            new.message = Some(new.message.map_or(told.clone(), |own| format!("{told}. {own}")));
        }
    }
    board.priced(index, new)
}
