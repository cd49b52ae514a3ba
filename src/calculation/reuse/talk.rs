//! What one conversation has told so far, for those who listen.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{sync::watch, time::Instant};
use veer_contract::{Decline, Lane, domain::Offer};

/// A conversation as others hear it.
pub(super) struct Talk {
    /// When it began.
    pub began: Instant,
    /// Its offers are good until then, wherever they are shown.
    pub expires: Timestamp,
    /// How long they are handed out after its good end.
    pub window: Duration,
    told: watch::Sender<Told>,
}

/// What was told.
#[derive(Clone, Default)]
pub(super) struct Told {
    /// The lane of the call that left; [`Lane::Poll`] once there was one in it.
    pub asked: Option<Lane>,
    /// The offers, as they were emitted.
    pub offers: Vec<Arc<[Offer]>>,
    /// How it ended.
    pub over: Option<Over>,
}

/// How a conversation ended for those who listen.
#[derive(Clone)]
pub(super) enum Over {
    /// With offers, at that time.
    Done(Instant),
    /// The insurer says no.
    Declined(Decline),
    /// Whoever listens asks by itself.
    InVain,
}

// === impl Talk ===

impl Talk {
    pub fn new(expires: Timestamp, window: Duration) -> Self {
        Self { began: Instant::now(), expires, window, told: watch::Sender::default() }
    }

    /// Hears it from the beginning.
    pub fn listen(&self) -> watch::Receiver<Told> {
        self.told.subscribe()
    }

    /// A call left.
    pub fn asking(&self, lane: Lane) {
        self.told.send_if_modified(|told| {
            let is_news = told.asked != Some(lane) && told.asked != Some(Lane::Poll);
            if is_news {
                told.asked = Some(lane);
            }
            is_news
        });
    }

    /// Offers were made.
    pub fn offered(&self, offers: &[Offer]) {
        self.told.send_modify(|told| told.offers.push(offers.into()));
    }

    /// It is over; the first word counts.
    pub fn end(&self, over: Over) {
        self.told.send_if_modified(|told| {
            let is_news = told.over.is_none();
            told.over.get_or_insert(over);
            is_news
        });
    }

    /// Whether somebody who comes at that time has anything of it.
    pub fn serves(&self, now: Timestamp) -> bool {
        now < self.expires
            && match &self.told.borrow().over {
                None => true,
                Some(Over::Done(at)) => at.elapsed() < self.window,
                Some(Over::Declined(_) | Over::InVain) => false,
            }
    }

    /// What it takes in memory, in bytes, roughly: never nothing.
    pub fn weight(&self) -> u32 {
        let told = self.told.borrow();
        let written = |offers: &Arc<[Offer]>| serde_json::to_vec(&**offers).map_or(0, |json| json.len());
        let offers: usize = told.offers.iter().map(written).sum();
        u32::try_from(offers).unwrap_or(u32::MAX).saturating_add(EMPTY)
    }

    /// Whether an offer is among what was told that `holds`.
    pub fn has_offer(&self, holds: impl Fn(&Offer) -> bool) -> bool {
        self.told.borrow().offers.iter().any(|offers| offers.iter().any(&holds))
    }
}

/// A talk without offers.
const EMPTY: u32 = 512;
