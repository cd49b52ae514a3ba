//! Where talks are found: by what was asked, for as long as somebody may have something of them.
//!
//! The cache bounds memory, nothing else: its clock is the system's, and what has expired leaves it late. Whether a talk
//! still serves is the talk's own business, at the moment when somebody comes.

use std::{collections::HashMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use metrics::{Counter, Label};
use moka::{ops::compute::Op, policy::EvictionPolicy, sync::Cache};

use super::{Follow, Lead, Question, key::Key, talk::Talk};
use crate::telemetry::Metrics;

/// All talks together take so many bytes, roughly. Beyond that, those that nobody asked for longest are let go; whoever
/// follows one hears it to its end all the same.
const ROOM: u64 = 64 << 20;

/// The talks of all insurers that allow it. Holds no personal data but what an insurer's words to the user may say;
/// nothing of it can be shown.
pub struct Reuse {
    salt: [u8; 32],
    shelf: Arc<Shelf>,
    allowed: HashMap<String, Allowed>,
}

/// The talks, by what was asked.
pub(super) struct Shelf(Cache<Key, Arc<Talk>>);

/// What an operator allows for one insurer.
struct Allowed {
    window: Duration,
    joined: Counter,
    reused: Counter,
}

/// What a conversation is to the others about the same risk.
pub(in crate::calculation) enum Part {
    /// Nothing: it is not to be shared.
    Alone,
    /// It is the one that asks.
    Lead(Lead),
    /// It hears what another one is told.
    Follow(Follow),
}

// === impl Reuse ===

impl Reuse {
    /// An empty shelf for `insurers`, each with the window that its operator allows; their conversations take `budget` at
    /// most.
    pub fn new<'a>(
        insurers: impl Iterator<Item = (&'a str, Duration)>,
        budget: Duration,
        metrics: &Metrics,
    ) -> Self {
        Self::with_room(ROOM, insurers, budget, metrics)
    }

    /// The same with so many bytes for all talks together.
    pub(super) fn with_room<'a>(
        room: u64,
        insurers: impl Iterator<Item = (&'a str, Duration)>,
        budget: Duration,
        metrics: &Metrics,
    ) -> Self {
        let allowed: HashMap<String, Allowed> =
            insurers.map(|(code, window)| (code.to_owned(), Allowed::new(code, window, metrics))).collect();
        let longest = allowed.values().map(|allowed| allowed.window).max().unwrap_or_default();
        Self {
            salt: rand::random(),
            shelf: Arc::new(Shelf::new(room, longest.saturating_add(budget))),
            allowed,
        }
    }

    /// Which part a conversation has that is about to ask `question`. What it is told is good until `expires`.
    pub(in crate::calculation) fn part(
        &self,
        question: &Question<'_>,
        now: Timestamp,
        expires: Timestamp,
    ) -> Part {
        let allowed = self.allowed.get(question.insurer).filter(|allowed| !allowed.window.is_zero());
        let Some(allowed) = allowed else { return Part::Alone };
        let Some(key) = question.key(&self.salt) else { return Part::Alone };
        let (talk, leads) = self.shelf.find(key, now, || Talk::new(expires, allowed.window));
        if leads {
            Part::Lead(Lead::new(talk, key, self.shelf.clone()))
        } else {
            Part::Follow(Follow::new(talk, allowed.joined.clone(), allowed.reused.clone()))
        }
    }

    /// Lets go of what has expired. Call it every few seconds: by itself the cache keeps it until it is next used.
    pub fn tidy(&self) {
        self.shelf.0.run_pending_tasks();
    }

    /// How many talks there are.
    #[cfg(test)]
    pub(super) fn kept(&self) -> u64 {
        self.tidy();
        self.shelf.0.entry_count()
    }
}

// === impl Shelf ===

impl Shelf {
    fn new(room: u64, longest: Duration) -> Self {
        let talks = Cache::builder()
            .max_capacity(room)
            .weigher(|_, talk: &Arc<Talk>| talk.weight())
            // What has just been put there is wanted most.
            .eviction_policy(EvictionPolicy::lru())
            .time_to_live(longest)
            .build();
        Self(talks)
    }

    /// The talk at `key`, or a new one where that does not serve; and whether it is the new one.
    fn find(&self, key: Key, now: Timestamp, new: impl FnOnce() -> Talk) -> (Arc<Talk>, bool) {
        let entry = self.0.entry(key).or_insert_with_if(|| Arc::new(new()), |talk| !talk.serves(now));
        let is_new = entry.is_fresh();
        (entry.into_value(), is_new)
    }

    /// `talk` is over: it is weighed anew and kept, or let go. Another one at its place stays.
    pub(super) fn settle(&self, key: Key, talk: &Arc<Talk>, keep: bool) {
        self.0.entry(key).and_compute_with(|there| match there {
            Some(there) if !Arc::ptr_eq(there.value(), talk) => Op::Nop,
            _ if keep => Op::Put(talk.clone()),
            Some(_) => Op::Remove,
            None => Op::Nop,
        });
    }
}

// === impl Allowed ===

impl Allowed {
    fn new(insurer: &str, window: Duration, metrics: &Metrics) -> Self {
        let counter = |how: &'static str| {
            let labels = vec![Label::new("insurer", insurer.to_owned()), Label::new("how", how)];
            let text = "Conversations that were answered by another one about the same risk, without a call";
            metrics.counter("veer_quotes_shared_total", text, labels)
        };
        Self { window, joined: counter("joined"), reused: counter("reused") }
    }
}
