//! The conversation that asks, for itself and for all who follow.

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::time::Instant;
use veer_contract::{Lane, domain::Offer, operation::Quote};

use super::{
    key::Key,
    shelf::Shelf,
    talk::{Over, Talk},
};
use crate::upstream::{
    callbacks::CallKey,
    driver::{End, Journal},
    point::Point,
};

/// The leader's side of a talk. Dropped without an end, it leaves its followers to ask by themselves: so no panic and
/// no abandoned calculation keeps them waiting.
pub(in crate::calculation) struct Lead {
    talk: Arc<Talk>,
    key: Key,
    shelf: Arc<Shelf>,
    is_over: bool,
}

/// Tells `to` what a conversation says, and those who listen what is theirs too.
pub(in crate::calculation) struct Overheard<'a, J> {
    lead: &'a Lead,
    to: &'a J,
}

// === impl Lead ===

impl Lead {
    pub(super) fn new(talk: Arc<Talk>, key: Key, shelf: Arc<Shelf>) -> Self {
        Self { talk, key, shelf, is_over: false }
    }

    /// `to`, with those who follow listening.
    pub fn overheard<'a, J: Journal<Quote>>(&'a self, to: &'a J) -> Overheard<'a, J> {
        Overheard { lead: self, to }
    }

    /// The conversation came to `end`; an offer counts where it `holds`.
    pub fn end(mut self, end: &End, holds: impl Fn(&Offer) -> bool) {
        let over = match end {
            End::Done if self.talk.has_offer(holds) => Over::Done(Instant::now()),
            End::Declined(decline) => Over::Declined(decline.clone()),
            End::Done | End::Failed { .. } | End::Parked => Over::InVain,
        };
        self.settle(over);
    }

    fn settle(&mut self, over: Over) {
        self.is_over = true;
        let keep = matches!(over, Over::Done(_));
        self.talk.end(over);
        self.shelf.settle(self.key, &self.talk, keep);
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        if !self.is_over {
            self.settle(Over::InVain);
        }
    }
}

// === impl Overheard ===

impl<J: Journal<Quote>> Journal<Quote> for Overheard<'_, J> {
    fn emitted(&self, offers: Vec<Offer>) {
        self.lead.talk.offered(&offers);
        self.to.emitted(offers);
    }

    fn asking(&self, lane: Lane) {
        self.lead.talk.asking(lane);
        self.to.asking(lane);
    }

    fn keep(&self, point: &Point) {
        self.to.keep(point);
    }

    fn keep_durably<'a>(&'a self, point: &'a Point, creating: bool) -> BoxFuture<'a, Result<(), String>> {
        self.to.keep_durably(point, creating)
    }

    fn taken(&self, call: &CallKey) {
        self.to.taken(call);
    }
}
