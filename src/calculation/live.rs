//! A calculation in memory, and the table of them.
//!
//! The poll path ends here: one look-up, one pointer load.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, Mutex, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwapOption;
use dashmap::{DashMap, Entry};
use jiff::Timestamp;
use tokio::{sync::watch, time::Instant};
use uuid::Uuid;
use veer_contract::domain::QuoteRequest;

use super::{Answer, Board, CalculationStatus, OfferEntry, board};
use crate::upstream::{InsurerIdentity, Timeline, Verdict};

/// One calculation.
pub struct Live {
    /// Whose it is.
    pub account: Arc<str>,
    /// The partner's id of it.
    pub request_id: Uuid,
    /// SHA-256 of its content.
    pub fingerprint: [u8; 32],
    /// When it was accepted.
    pub created: Timestamp,
    /// What is asked.
    pub request: Arc<QuoteRequest>,
    /// The answer as it stands; none before the calculation is durable.
    pub answer: ArcSwapOption<Answer>,
    /// Every configured insurer, in the configuration's order; none where it was looked up after its end.
    pub parties: OnceLock<Box<[Party]>>,
    /// Held while an offer is changed and the change written down, so that changes are durable in the
    /// order in which they were made.
    pub turn: tokio::sync::Mutex<()>,
    public: Mutex<Public>,
    changed: watch::Sender<()>,
    acceptance: watch::Sender<Acceptance>,
    finished: Mutex<Option<Instant>>,
    end_is_durable: AtomicBool,
}

/// What is shown of a calculation, before it is written as bytes.
pub struct Public {
    /// Every insurer that was asked, with its offers.
    pub board: Board,
    /// How far the asking is.
    pub asking: CalculationStatus,
    /// Offers whose last change is not durable yet, by their place, as they were before it: nothing is shown
    /// that a crash could take back.
    pub unwritten: BTreeMap<usize, OfferEntry>,
}

/// One insurer of one calculation.
pub struct Party {
    /// Who.
    pub insurer: Arc<InsurerIdentity>,
    /// What happened when.
    pub timeline: Arc<Timeline>,
    /// How it ended; set once and never again.
    pub ended: OnceLock<Ended>,
    /// A call about its risk has left: its own, or that of the conversation that it hears.
    pub asked: AtomicBool,
}

/// How one insurer ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// As this.
    pub verdict: Verdict,
    /// For operators; no personal data.
    pub detail: String,
    /// Milliseconds from the beginning.
    pub after_ms: u64,
}

/// Whether a calculation is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// It is being written down.
    Pending,
    /// It is durable.
    Durable,
    /// It could not be written down, or was there before.
    Refused,
}

/// Every calculation that is in memory.
#[derive(Default)]
pub struct Lives {
    map: DashMap<Key, Arc<Live>>,
    hasher: RandomState,
}

/// Whose, and which.
type Key = (u64, Uuid);

// === impl Live ===

impl Live {
    /// A calculation that is not durable yet, its offers good until `expires`.
    pub fn pending(
        account: Arc<str>,
        request_id: Uuid,
        fingerprint: [u8; 32],
        created: Timestamp,
        expires: Timestamp,
        request: Arc<QuoteRequest>,
    ) -> Self {
        let board = Board::new(&account, request_id, expires);
        Self {
            turn: tokio::sync::Mutex::default(),
            public: Mutex::new(Public {
                board,
                asking: CalculationStatus::InProgress,
                unwritten: BTreeMap::new(),
            }),
            changed: watch::Sender::new(()),
            account,
            request_id,
            fingerprint,
            created,
            request,
            answer: ArcSwapOption::empty(),
            parties: OnceLock::new(),
            acceptance: watch::Sender::new(Acceptance::Pending),
            finished: Mutex::default(),
            end_is_durable: AtomicBool::new(false),
        }
    }

    /// Looks at what is public, or changes it: [`Services::publish`](super::Services::publish) shows the
    /// change.
    pub fn with<T>(&self, look: impl FnOnce(&mut Public) -> T) -> T {
        look(&mut self.public.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells whoever waits that something public changed.
    pub fn tell(&self) {
        self.changed.send_replace(());
    }

    /// Hears of every change from now on.
    pub fn listen(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// The insurers; none before the fan-out.
    pub fn parties(&self) -> &[Party] {
        self.parties.get().map_or(&[], |parties| parties)
    }

    /// Says whether it is durable.
    pub fn settle(&self, acceptance: Acceptance) {
        self.acceptance.send_replace(acceptance);
    }

    /// Waits until it is known whether it is durable.
    pub async fn settled(&self) -> Acceptance {
        let mut acceptance = self.acceptance.subscribe();
        let settled = acceptance.wait_for(|acceptance| *acceptance != Acceptance::Pending).await;
        settled.map_or(Acceptance::Refused, |settled| *settled)
    }

    /// Its end is in the store: its place in memory is only lent from now on.
    pub fn end_is_durable(&self) {
        self.end_is_durable.store(true, Ordering::Release);
    }

    /// It is finished.
    pub fn finish(&self) {
        *self.finished.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Since when it is finished.
    pub fn finished(&self) -> Option<Instant> {
        *self.finished.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Public ===

impl Public {
    /// How far the calculation is, to whoever asks.
    pub fn status(&self) -> CalculationStatus {
        board::sold(&self.shown()).unwrap_or(self.asking)
    }

    /// The offers as they are shown.
    pub fn shown(&self) -> Cow<'_, [OfferEntry]> {
        if self.unwritten.is_empty() {
            return Cow::Borrowed(&self.board.offers);
        }
        let mut offers = self.board.offers.clone();
        for (at, before) in &self.unwritten {
            offers[*at].clone_from(before);
        }
        Cow::Owned(offers)
    }
}

// === impl Party ===

impl Party {
    /// Nothing has happened yet.
    pub fn new(insurer: Arc<InsurerIdentity>, start: Instant) -> Self {
        Self {
            insurer,
            timeline: Arc::new(Timeline::since(start)),
            ended: OnceLock::new(),
            asked: AtomicBool::new(false),
        }
    }

    /// Its verdict, once there is one.
    pub fn verdict(&self) -> Option<Verdict> {
        self.ended.get().map(|ended| ended.verdict)
    }

    /// Whether a call about its risk has left.
    pub fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

// === impl Lives ===

impl Lives {
    /// The calculation, where it is in memory.
    pub fn get(&self, account: &str, request_id: Uuid) -> Option<Arc<Live>> {
        let live = self.map.get(&self.key(account, request_id)).map(|live| Arc::clone(&live))?;
        (&*live.account == account).then_some(live)
    }

    /// Puts `new` in its place; gives back what is there already.
    pub fn reserve(&self, new: &Arc<Live>) -> Option<Arc<Live>> {
        match self.map.entry(self.key(&new.account, new.request_id)) {
            Entry::Occupied(there) => Some(there.get().clone()),
            Entry::Vacant(place) => {
                place.insert(new.clone());
                None
            }
        }
    }

    /// Takes `live` out again.
    pub fn remove(&self, live: &Live) {
        self.map.remove(&self.key(&live.account, live.request_id));
    }

    /// Calculations under that id, whoever's they are: for operators.
    pub fn find(&self, request_id: Uuid) -> Vec<Arc<Live>> {
        self.map.iter().filter(|live| live.request_id == request_id).map(|live| live.clone()).collect()
    }

    /// Drops those that have been finished for longer than `age`, once the store has their end and nobody
    /// works on them.
    pub fn sweep(&self, age: std::time::Duration) {
        let is_old = |live: &Live| live.finished().is_some_and(|finished| finished.elapsed() >= age);
        self.map.retain(|_, live| {
            !live.end_is_durable.load(Ordering::Acquire) || !is_old(live) || Arc::strong_count(live) > 1
        });
    }

    /// Every one, not held: whoever works on one holds it.
    pub fn all(&self) -> Vec<Weak<Live>> {
        self.map.iter().map(|live| Arc::downgrade(&live)).collect()
    }

    /// How many are under way.
    pub fn running(&self) -> usize {
        self.map.iter().filter(|live| live.finished().is_none()).count()
    }

    fn key(&self, account: &str, request_id: Uuid) -> Key {
        (self.hasher.hash_one(account), request_id)
    }
}
