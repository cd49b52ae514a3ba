//! Whether replicas can agree, as one of them sees it.
//!
//! A replica in touch takes its moments from the shared rows. One that is not waits until the others have certainly
//! noticed (`Watch::quiet`) and left it a part; then it goes by its fair share, until its lease is over and another one may
//! have taken its work. For the time of the noticing see `DECISIONS`.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use crate::cluster::Standing;

/// Between two beats, of which there are at least ten in a lease.
const BEAT: Duration = Duration::from_secs(1);
/// Moments that others were given are under way for so long.
const UNDER_WAY: Duration = Duration::from_millis(500);

/// Whether the others can be spoken with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Link {
    /// Yes: the rows are shared.
    Shared,
    /// No, and not all of them may have noticed; not before then.
    Waiting(Instant),
    /// No, and all of them know: one part in so many.
    Fair {
        /// In so many parts.
        of: u32,
    },
    /// No, for so long that another one may do its work.
    Over,
}

/// What a replica has seen of the others.
#[derive(Debug)]
pub(in super::super) struct Watch {
    /// How long nobody takes over from who is silent. There are at least ten beats in it.
    lease: Duration,
    begun: Instant,
    /// How many there were, oldest first; each for as long as it may matter to another's share.
    seen: VecDeque<(Instant, u32)>,
    /// When others may have heard of it last.
    told: Instant,
    /// The next beat, or its failure, tells more.
    is_beating: bool,
    /// It does not know of the others before.
    unsure_until: Instant,
    /// It is about to come back.
    is_returning: bool,
}

// === impl Watch ===

impl Watch {
    pub(in super::super) fn new(lease: Duration, now: Instant) -> Self {
        Self {
            lease,
            begun: now,
            seen: VecDeque::new(),
            told: now,
            is_beating: false,
            unsure_until: now,
            is_returning: false,
        }
    }

    /// Looks at the others.
    pub(in super::super) fn see(&mut self, now: Instant, standing: &Standing) {
        if !standing.in_touch {
            self.unsure_until = now + self.unsure();
        }
        let kept = self.memory();
        while self.seen.front().is_some_and(|(at, _)| *at + kept < now) {
            self.seen.pop_front();
        }
        // Where nothing changes one look a second is enough.
        let is_new = self.seen.back().is_none_or(|(at, count)| {
            *count != standing.replicas || now.saturating_duration_since(*at) >= Duration::from_secs(1)
        });
        if is_new {
            self.seen.push_back((now, standing.replicas));
        }
    }

    /// Whether the others can be spoken with.
    pub(in super::super) fn link(&self, now: Instant, standing: &Standing) -> Link {
        if standing.lease_until.is_some_and(|until| now >= until) {
            return Link::Over;
        }
        if standing.in_touch && !self.is_returning {
            return if now < self.unsure_until { Link::Waiting(self.unsure_until) } else { Link::Shared };
        }
        let quiet = self.told + self.quiet();
        // Of one that has just come others may not know.
        if self.is_returning || self.is_young(now) || now < quiet {
            return Link::Waiting(quiet);
        }
        let of = self.seen.iter().map(|(_, count)| *count).max();
        Link::Fair { of: of.unwrap_or(standing.replicas).max(standing.replicas).max(1) }
    }

    /// As how many at least any of them may share. One that has just come does not know.
    pub(in super::super) fn least(&self, now: Instant, standing: &Standing) -> Option<u32> {
        let least = self.seen.iter().map(|(_, count)| *count).min();
        (!self.is_young(now)).then(|| least.unwrap_or(standing.replicas).min(standing.replicas))
    }

    /// How long at most one that is apart goes on.
    pub(in super::super) fn alone_for(&self) -> Duration {
        self.lease.saturating_sub(self.quiet()) + self.beat()
    }

    /// It is about to try to beat: the try before is over.
    pub(in super::super) fn begins(&mut self, now: Instant) {
        if std::mem::take(&mut self.is_beating) {
            self.told = now;
        }
    }

    /// It beats now.
    pub(in super::super) fn beats(&mut self, now: Instant) {
        (self.is_beating, self.told) = (true, now);
    }

    /// Nothing may go until the rows know what went, or could not be told.
    pub(in super::super) fn returns(&mut self, is_returning: bool) {
        self.is_returning = is_returning;
    }

    /// By then every replica in touch has noticed who is silent, or who is back.
    pub(in super::super) fn settled(&self) -> Duration {
        3 * self.beat()
    }

    /// After its last try to beat a replica lets nothing go for so long: another one in touch looks within two beats,
    /// calls it silence after two more, hears of that within one, and has moments under way.
    fn quiet(&self) -> Duration {
        self.beat() * 11 / 2 + UNDER_WAY
    }

    /// A replica that was out of touch itself does not know who is silent for so long: two beats of silence, and one
    /// until it hears of them.
    fn unsure(&self) -> Duration {
        self.beat() * 7 / 2
    }

    fn beat(&self) -> Duration {
        BEAT.min(self.lease / 10)
    }

    fn is_young(&self, now: Instant) -> bool {
        now < self.begun + self.memory()
    }

    fn memory(&self) -> Duration {
        self.lease + self.quiet()
    }
}
