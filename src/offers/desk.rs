//! One change of one offer: made, written down, then shown.
//!
//! Changes of a calculation's offers take turns, so they are durable in the order in which they were made,
//! and what follows from one another (a payment, the other offers closed, the sale in the outbox) is one
//! transaction. A change that is refused leaves nothing behind.

use std::sync::Arc;

use super::{OfferError, Offers};
use crate::{
    calculation::{Board, Live, Record},
    store::{OfferKey, SaleChange},
    upstream::Insurer,
};

impl Offers {
    /// Makes a change of the offer, writes it down and shows it. `change` is given the board, the offer's
    /// place on it, and where to put the rows that must be written along.
    pub(super) async fn change<T>(
        &self,
        live: &Live,
        offer_id: &str,
        change: impl FnOnce(&mut Board, usize, &mut SaleChange) -> Result<T, OfferError>,
    ) -> Result<T, OfferError> {
        let services = self.services();
        let _turn = live.turn.lock().await;
        let record = Record { live, sealer: &services.store.sealer };
        let (value, written) = live.with(|public| {
            let board = &mut public.board;
            let index = board.position(offer_id).ok_or(OfferError::UnknownOffer)?;
            let before = board.offers.clone();
            let mut rows = SaleChange::default();
            let value = match change(board, index, &mut rows) {
                Ok(value) => value,
                Err(error) => {
                    board.offers = before;
                    return Err(error);
                }
            };
            let changed: Vec<usize> =
                (0..board.offers.len()).filter(|at| before.get(*at) != board.offers.get(*at)).collect();
            rows.offers = changed.iter().map(|at| record.offer(*at, &board.offers[*at])).collect();
            if rows.is_empty() {
                return Ok((value, None));
            }
            for at in &changed {
                public.unwritten.entry(*at).or_insert_with(|| before[*at].clone());
            }
            // Handed over under the lock, so that rows come to the store in the order of the changes.
            Ok((value, Some((services.store.change_sale(rows)?, changed))))
        })?;
        if let Some((written, changed)) = written {
            written.await?;
            live.with(|public| changed.iter().for_each(|at| drop(public.unwritten.remove(at))));
            services.publish(live);
        }
        Ok(value)
    }

    /// Which offer, of all.
    pub(super) fn key(live: &Live, offer_id: &str) -> OfferKey {
        OfferKey { account: live.account.clone(), request_id: live.request_id, offer_id: offer_id.into() }
    }

    /// The insurer of that code, as it is configured now.
    pub(super) fn insurer(&self, code: &str) -> Option<&Arc<Insurer>> {
        self.services().insurers.iter().find(|insurer| insurer.code() == code)
    }
}
