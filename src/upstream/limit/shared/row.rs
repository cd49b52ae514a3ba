//! What replicas share of one lane: the log of what went, the paces, and whether all of them can speak with each other.
//!
//! Only the arithmetic is here. Whoever has the row's lock reads it ([`Row::read`]), has it serve ([`Row::serve`]) and
//! writes it back ([`Row::written`]), so the replicas together do what one gateway with these windows would.
//!
//! **The clock** is the database's, seen through the row: it never goes back, and where it runs ahead of the clock of
//! whoever looks (a server's clock was set, another server took over) it is held back. So what went is never older than
//! it is.
//!
//! **Apart.** A replica that others have not heard of for a while may be letting calls go by its fair share, of which
//! the row does not know. From the moment that this is noticed the others take their own share only ([`Apart`]). It ends
//! when nobody is silent any more; for each one that did not come back and say what it let go, the most that it can have
//! been is counted.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::{
    moment::RowTime,
    windows::{Share, Windows},
};
use crate::config::RateLimit;

/// No moment is given out later than so far ahead, so that what changes holds at once and nobody hoards.
pub(in super::super) const HORIZON: Duration = Duration::from_millis(200);
/// What one visit counts at most as let go: beside it a row stays small.
const MOST_MOMENTS: usize = 4_096;

/// The shared state of one lane.
#[derive(Debug, Clone)]
pub(in super::super) struct Row {
    /// Added to the database's clock.
    skew: i64,
    /// When it was written last.
    touched: RowTime,
    windows: Windows<RowTime>,
    apart: Option<Apart>,
}

/// Since when some replicas cannot speak with the others, as these see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Apart {
    /// After this moment calls are counted against the share.
    since: i64,
    /// When somebody wrote it down.
    noticed: i64,
    /// In so many parts.
    of: u32,
    /// So many of which are theirs.
    silent: u32,
    /// So many of these came back and said what they let go.
    came_back: u32,
}

/// What a replica knows of the others while it visits a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Sight {
    /// At least so many replicas there are for all that any of them may know; none for one that has just come.
    pub(in super::super) least: Option<u32>,
    /// So many of the others are silent.
    pub(in super::super) silent: u32,
    /// So long at most a replica goes on by its fair share.
    pub(in super::super) alone_for: Duration,
    /// After that everybody in touch has noticed who is silent.
    pub(in super::super) settled: Duration,
}

/// What a replica wants of a row.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Order {
    /// By these it takes.
    pub(in super::super) limits: Vec<RateLimit>,
    /// So many moments.
    pub(in super::super) wanted: u32,
    /// None sooner than so far ahead: it must still hear of them.
    pub(in super::super) lead: Duration,
    /// Moments that were not used.
    pub(in super::super) back: Vec<RowTime>,
    /// Calls that went without one, oldest first.
    pub(in super::super) went: Vec<RowTime>,
    /// It comes back from where nobody heard of it, and went by one part in so many.
    pub(in super::super) comes_back: Option<u32>,
}

/// A row as it is written.
#[derive(Serialize, Deserialize)]
struct Written {
    skew: i64,
    touched: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    apart: Option<Apart>,
    /// Count, seconds, burst, arrival.
    paces: Vec<(u32, u64, u32, i64)>,
    /// In turn: microseconds since the one before, calls.
    log: Vec<i64>,
}

// === impl Row ===

impl Row {
    /// Of a lane of which nothing is known.
    pub(in super::super) fn new(now: RowTime) -> Self {
        Self { skew: 0, touched: now, windows: Windows::shared(RowTime(0)), apart: None }
    }

    /// Of a lane of which nobody knows what it has let go: all that these limits allow.
    pub(in super::super) fn unknown(now: RowTime, limits: &[RateLimit]) -> Self {
        let mut new = Self::new(now);
        new.windows.adapt(limits, now);
        new.windows.exhaust(RowTime(i64::MIN), now);
        new
    }

    /// As it was written. One that cannot be read is an error: nobody knows what went.
    pub(in super::super) fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let Written { skew, touched, apart, paces, log } = serde_json::from_slice(bytes)?;
        let mut at = 0;
        let entries = log.chunks_exact(2).map(|pair| {
            let (since, count) = (pair.first().copied().unwrap_or(0), pair.last().copied().unwrap_or(0));
            at += since;
            (RowTime(at), u64::try_from(count).unwrap_or(0))
        });
        let paces = paces.into_iter().map(|(count, seconds, burst, arrival)| {
            (RateLimit { count, per: Duration::from_secs(seconds), burst }, RowTime(arrival))
        });
        let windows = Windows::restore(RowTime(0), entries, paces, apart.map(Apart::share));
        Ok(Self { skew, touched: RowTime(touched), windows, apart })
    }

    /// To be written.
    pub(in super::super) fn written(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut before = 0;
        let entries = self.windows.log().entries().flat_map(|(at, count)| {
            let since = at.0 - std::mem::replace(&mut before, at.0);
            [since, i64::try_from(count).unwrap_or(i64::MAX)]
        });
        let pace = |(limit, arrival): (RateLimit, RowTime)| {
            (limit.count, limit.per.as_secs(), limit.burst, arrival.0)
        };
        serde_json::to_vec(&Written {
            skew: self.skew,
            touched: self.touched.0,
            apart: self.apart,
            paces: self.windows.paces().map(pace).collect(),
            log: entries.collect(),
        })
    }

    /// The time by this row when the database's clock shows `database`. Whoever looks knows that it is not later
    /// than `at_most`.
    pub(in super::super) fn now(&mut self, database: i64, at_most: Option<RowTime>) -> RowTime {
        let shown = RowTime(database.saturating_add(self.skew));
        let now = at_most.map_or(shown, |most| most.min(shown)).max(self.touched);
        self.skew = now.0.saturating_sub(database);
        now
    }

    /// What the clock is ahead of the database's.
    pub(in super::super) fn skew(&self) -> i64 {
        self.skew
    }

    /// The windows.
    pub(in super::super) fn windows(&self) -> &Windows<RowTime> {
        &self.windows
    }

    /// Does what is ordered at `now`; the moments that are given out, oldest first.
    pub(in super::super) fn serve(&mut self, now: RowTime, order: &Order, sight: Sight) -> Vec<RowTime> {
        for at in &order.back {
            self.windows.give_back(*at, now);
        }
        if let Some(of) = order.comes_back {
            self.come_back(of, now);
        }
        order.went.iter().take(MOST_MOMENTS).for_each(|at| self.windows.take((*at).min(now)));
        if let Some(rest) = order.went.len().checked_sub(MOST_MOMENTS) {
            self.windows.suppose(now, u32::try_from(rest).unwrap_or(u32::MAX));
        }
        // Whoever comes back has not looked at the others yet.
        let may_take = order.comes_back.is_none() && self.look(now, sight);
        self.touched = now;
        let mut given = Vec::new();
        if order.wanted > 0 {
            self.windows.adapt(&order.limits, now);
        }
        let (from, until) = (now + order.lead, now + order.lead.max(HORIZON));
        while may_take && given.len() < order.wanted as usize {
            let at = self.windows.ready(from, 0).0.max(self.newest(from));
            if at > until {
                break;
            }
            self.windows.take(at);
            given.push(at);
        }
        given
    }

    /// The others are apart from this replica, or it from them: of what is left it takes one part in `of` from now
    /// on. What they can have taken until now counts as taken.
    pub(in super::super) fn part(&mut self, limits: &[RateLimit], now: RowTime, of: u32) {
        self.windows.adapt(limits, now);
        self.windows.exhaust(self.touched, now);
        let after = self.newest(now);
        self.windows.set_share(Some(Share { mine: 1, of, after }));
    }

    /// A call goes at `at` without having been given a moment, in a copy that is not written.
    pub(in super::super) fn let_go(&mut self, at: RowTime) {
        self.windows.take(at);
    }

    /// These limits hold in a copy that is not written.
    pub(in super::super) fn adapt(&mut self, limits: &[RateLimit], now: RowTime) {
        self.windows.adapt(limits, now);
    }

    /// One of those that were silent says what it let go. Where nobody noticed, others may still be apart from it, who
    /// count their shares from a moment that is not before the last one which all of them know.
    fn come_back(&mut self, of: u32, now: RowTime) {
        match &mut self.apart {
            Some(apart) => apart.came_back = apart.silent.min(apart.came_back + 1),
            None => {
                let since = self.newest(self.touched).0;
                self.apart = Some(Apart { since, noticed: now.0, of, silent: 0, came_back: 0 });
            }
        }
        self.windows.set_share(self.apart.map(Apart::share));
    }

    /// Notices who is silent; whether moments may be taken then. Whoever has just come does not know by which share
    /// the silent ones go, and leaves that to the others.
    fn look(&mut self, now: RowTime, sight: Sight) -> bool {
        match (self.apart.as_mut(), sight.least) {
            (apart, None) if sight.silent > 0 => {
                let known = apart.map_or(0, |apart| apart.silent.saturating_sub(apart.came_back));
                return known >= sight.silent;
            }
            (Some(apart), Some(least)) if sight.silent > 0 => {
                // Whoever came back may be silent once more.
                apart.silent = apart.silent.max(sight.silent + apart.came_back);
                apart.of = apart.of.min(least).max(apart.silent);
            }
            (Some(apart), _) => {
                if RowTime(apart.noticed) + sight.settled < now {
                    let lost = apart.silent.saturating_sub(apart.came_back);
                    let each = self.windows.at_most(sight.alone_for, 1, apart.of);
                    self.windows.suppose(now, each.saturating_mul(lost));
                    self.apart = None;
                }
            }
            (None, Some(least)) if sight.silent > 0 => {
                let (since, noticed) = (self.newest(now).0, now.0);
                let (of, silent) = (least.max(sight.silent), sight.silent);
                self.apart = Some(Apart { since, noticed, of, silent, came_back: 0 });
            }
            (None, _) => {}
        }
        self.windows.set_share(self.apart.map(Apart::share));
        true
    }

    /// When the last call was, or will be; `now` at the soonest.
    fn newest(&self, now: RowTime) -> RowTime {
        self.windows.log().newest_at().map_or(now, |newest| newest.max(now))
    }
}

// === impl Apart ===

impl Apart {
    fn share(self) -> Share<RowTime> {
        let silent = self.silent.saturating_sub(self.came_back);
        Share { mine: self.of.saturating_sub(silent), of: self.of, after: RowTime(self.since) }
    }
}
