//! What an operation notes on its way: its results, and in the store how far it is.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use veer_contract::{Lane, Operation};

use super::{Offers, row::RowOf, trail::Trail};
use crate::{
    calculation::{OfferEntry, Stopped},
    upstream::{callbacks::CallKey, driver::Journal, point::Point},
};

/// The notes of one operation.
pub(super) struct Notebook<'a, O: Operation> {
    row: &'a RowOf,
    offers: &'a Offers,
    results: Mutex<Vec<O::Output>>,
    trail: Mutex<Trail>,
}

// === impl Notebook ===

impl<'a, O: Operation> Notebook<'a, O> {
    /// Of an operation that has gone this way so far.
    pub(super) fn new(offers: &'a Offers, row: &'a RowOf, trail: Trail) -> Self {
        Self { row, offers, results: Mutex::default(), trail: Mutex::new(trail) }
    }

    /// What the flow gave, and the way that it has gone.
    pub(super) fn close(self) -> (Vec<O::Output>, Trail) {
        let results = self.results.into_inner().unwrap_or_else(PoisonError::into_inner);
        (results, self.trail.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    fn trail(&self) -> MutexGuard<'_, Trail> {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether what is being made is still for sale.
    fn is_wanted(&self) -> bool {
        self.row.live.with(|public| {
            let board = &public.board;
            let entry = board.position(&self.row.offer_id).map(|at| &board.offers[at]);
            let is_over = |entry: &OfferEntry| {
                entry.status.is_final() || entry.sale.as_ref().is_some_and(|sale| sale.withdrawn)
            };
            !board.is_sold() && !entry.is_some_and(is_over)
        })
    }
}

impl<O: Operation> Journal<O> for Notebook<'_, O> {
    fn emitted(&self, results: Vec<O::Output>) {
        self.results.lock().unwrap_or_else(PoisonError::into_inner).extend(results);
    }

    fn asking(&self, _: Lane) {
        self.trail().asks();
    }

    fn keep(&self, point: &Point) {
        if self.row.run == 0 {
            return; // It reads: it begins again.
        }
        let row = {
            let mut trail = self.trail();
            trail.comes_to(point);
            self.row.at(self.offers, &Stopped { point: point.clone(), creating: false }, &trail)
        };
        if let Err(error) = self.offers.services().store.note_conversation(row) {
            tracing::error!(%error, "an operation's state was not written down");
        }
    }

    fn keep_durably<'a>(&'a self, point: &'a Point, creating: bool) -> BoxFuture<'a, Result<(), String>> {
        if self.row.run == 0 {
            return Box::pin(async { Err("this operation may only read".to_owned()) });
        }
        if creating && !self.is_wanted() {
            return Box::pin(async { Err("the offer is not for sale any more".to_owned()) });
        }
        let go = move |trail: &mut Trail| {
            if creating { trail.leaves(point) } else { trail.comes_to(point) }
        };
        let mut trail = self.trail().clone();
        go(&mut trail);
        let row = self.row.at(self.offers, &Stopped { point: point.clone(), creating }, &trail);
        Box::pin(async move {
            let kept = self.offers.services().store.keep_conversation(row).await;
            kept.map_err(|error| error.to_string())?;
            // Not before: what could not be written down does not leave.
            go(&mut self.trail());
            Ok(())
        })
    }

    fn taken(&self, call: &CallKey) {
        self.offers.dealt_with(Some(call.clone()));
    }
}
