//! One lane's shared limits, as one replica holds them: the moments that it was given, what it knows of the row, and
//! what it has yet to tell.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use super::{
    super::moment::{Moment, RowTime},
    clock::Clock,
    link::Link,
    row::{HORIZON, Order, Row},
    visit::Answer,
};
use crate::config::RateLimit;

/// Calls that went without a moment are told within this.
const TELL: Duration = Duration::from_millis(100);
/// Between two visits that brought nothing.
const PAUSE: Duration = Duration::from_millis(10);
/// At most so many moments a visit.
const MOST: usize = 256;

/// The lane.
#[derive(Debug, Default)]
pub(in super::super) struct SharedLane {
    limits: Vec<RateLimit>,
    /// The row as it was, and its clock.
    copy: Option<(Row, Clock)>,
    /// Moments that were given, oldest first.
    slots: VecDeque<RowTime>,
    /// Those that were not used.
    back: Vec<RowTime>,
    /// Some of these are on their way to the row.
    returning: bool,
    /// Calls that went without one.
    went: Vec<Instant>,
    /// It goes by one part in so many.
    parted: Option<u32>,
    /// So many moments were asked for.
    asked: usize,
    /// No visit before.
    rests_until: Option<Instant>,
}

/// A call's leave to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Slot {
    /// At a moment that was given.
    Given(RowTime),
    /// Without one: no window holds, or it is of the fair share.
    Free(Instant),
}

/// When the next call may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Next {
    /// Now.
    Now,
    /// Then at the soonest.
    At(Instant, Option<RateLimit>),
    /// When the row was visited.
    Asking,
    /// When the others can be spoken with again, and not before then.
    Away(Instant),
}

// === impl SharedLane ===

impl SharedLane {
    /// These limits hold from now on. Moments by others are not used.
    pub(in super::super) fn set(&mut self, limits: &[RateLimit], now: Instant) {
        self.limits = limits.iter().filter(|limit| !limit.is_daily()).copied().collect();
        self.back.extend(self.slots.drain(..));
        self.rests_until = None;
        if let Some((row, clock)) = &mut self.copy {
            row.adapt(&self.limits, clock.latest(now));
        }
    }

    /// When a call could go that lets `ahead` others of this replica go first, each of whom lets `crowd` go: none too
    /// late for a crowd of one.
    pub(in super::super) fn next(&self, now: Instant, ahead: usize, crowd: u32, link: Link) -> Next {
        if self.limits.is_empty() {
            return Next::Now;
        }
        match link {
            Link::Shared => {}
            Link::Fair { .. } => return self.fair(now).map_or(Next::Asking, |at| Self::at(at, now)),
            Link::Waiting(until) => return Next::Away(until.max(now)),
            Link::Over => return Next::Away(now),
        }
        let Some((row, clock)) = &self.copy else { return Next::Asking };
        if let Some(slot) = self.fresh(now).nth(ahead) {
            return Self::at((clock.local(slot), None), now);
        }
        let behind = ahead.saturating_sub(self.slots.len()).saturating_mul(crowd as usize);
        let shown = clock.latest(now);
        match row.windows().ready(shown, behind) {
            (_, None) => Next::Asking,
            (ready, limit) => match Self::at((clock.local(ready), limit), now) {
                Next::Now => Next::Asking,
                // The copy still counts what goes back; how it is then, only the row can tell.
                _ if self.returning || self.has_back(now) => Next::Asking,
                later => later,
            },
        }
    }

    /// Takes what the next call goes with, where it may go now.
    pub(in super::super) fn take(&mut self, now: Instant, link: Link) -> Option<Slot> {
        if self.limits.is_empty() {
            return Some(self.go(now));
        }
        match link {
            Link::Fair { of } => {
                self.part(now, of);
                let (at, _) = self.fair(now)?;
                if at > now {
                    return None;
                }
                if let Some((row, clock)) = &mut self.copy {
                    row.let_go(clock.latest(now));
                }
                Some(self.go(now))
            }
            Link::Shared => {
                self.drop_late(now);
                let (_, clock) = self.copy.as_ref()?;
                let first = *self.slots.front()?;
                if clock.local(first) > now {
                    return None;
                }
                self.slots.pop_front();
                Some(Slot::Given(first))
            }
            Link::Waiting(_) | Link::Over => None,
        }
    }

    /// A call goes without being held up.
    pub(in super::super) fn go(&mut self, now: Instant) -> Slot {
        self.went.push(now);
        Slot::Free(now)
    }

    /// It did not go after all.
    pub(in super::super) fn give_back(&mut self, slot: Slot) {
        match slot {
            Slot::Given(at) => self.back.push(at),
            // One that was told already stays counted.
            Slot::Free(at) => {
                if let Some(index) = self.went.iter().rposition(|went| *went == at) {
                    self.went.remove(index);
                }
            }
        }
    }

    /// From here on only a part is its own.
    pub(in super::super) fn part(&mut self, now: Instant, of: u32) {
        if self.parted.is_some() || self.limits.is_empty() {
            return;
        }
        self.parted = Some(of);
        self.slots.clear();
        let clock = Clock { sent: now, received: now, row: RowTime(0) };
        let (row, clock) = self.copy.get_or_insert_with(|| (Row::unknown(RowTime(0), &self.limits), clock));
        row.part(&self.limits, clock.latest(now), of);
    }

    /// When the row is to be visited, with `waiting` calls; none where nothing is wanted of it.
    pub(in super::super) fn due(&self, now: Instant, waiting: usize) -> Option<Instant> {
        let tell = self.went.first().map(|first| *first + TELL);
        let back = self.has_back(now).then_some(now);
        let want = (self.wanted(now, waiting) > 0).then(|| match &self.copy {
            Some((row, clock)) => {
                let ready = clock.local(row.windows().ready(clock.latest(now), 0).0);
                ready.checked_sub(HORIZON).unwrap_or(now).max(now)
            }
            None => now,
        });
        let due = [tell, back, want].into_iter().flatten().min()?;
        Some(self.rests_until.map_or(due, |rests| rests.max(due)))
    }

    /// What is wanted of the row now, and which calls are to be told of.
    pub(in super::super) fn order(
        &mut self,
        now: Instant,
        waiting: usize,
        lead: Duration,
    ) -> (Order, Vec<Instant>) {
        self.drop_late(now);
        self.asked = self.wanted(now, waiting);
        let wanted = u32::try_from(self.asked).unwrap_or(u32::MAX);
        let (limits, back) = (self.limits.clone(), std::mem::take(&mut self.back));
        self.returning = !back.is_empty();
        let order = Order { limits, wanted, lead, back, ..Order::default() };
        (order, std::mem::take(&mut self.went))
    }

    /// The same where it went by a share and comes back.
    pub(in super::super) fn come_back(&mut self) -> Option<(Order, Vec<Instant>)> {
        let order = Order { comes_back: Some(self.parted?), ..Order::default() };
        Some((order, std::mem::take(&mut self.went)))
    }

    /// The row was visited.
    pub(in super::super) fn answered(&mut self, answer: Answer, now: Instant) {
        let Answer { row, clock, given } = answer;
        let moved = self.copy.as_ref().is_none_or(|(before, _)| before.skew() != row.skew());
        let clock = match &self.copy {
            Some((_, before)) if !moved && !before.gives_way(&clock) => *before,
            _ => clock,
        };
        // Whoever has some takes more when half of them are used, so whoever has none goes first, and visits are few.
        let pause = if given.is_empty() { PAUSE } else { HORIZON / 2 };
        self.rests_until = (given.len() < self.asked).then(|| now + pause);
        self.slots.extend(given);
        self.copy = Some((row, clock));
        (self.parted, self.returning) = (None, false);
    }

    /// It is not known what came of a visit: what was to be told is told again.
    pub(in super::super) fn lost(&mut self, went: Vec<Instant>) {
        self.returning = false;
        let later = std::mem::replace(&mut self.went, went);
        self.went.extend(later);
    }

    /// How the row's clock stood.
    pub(in super::super) fn clock(&self) -> Option<Clock> {
        self.copy.as_ref().map(|(_, clock)| *clock)
    }

    /// Whether it goes by a share, or has gone.
    pub(in super::super) fn is_parted(&self) -> bool {
        self.parted.is_some()
    }

    /// Calls of all replicas in the last second, minute and hour, as far as is known.
    pub(in super::super) fn counted(&self, now: Instant) -> [u64; 3] {
        let untold = u64::try_from(self.went.len()).unwrap_or(u64::MAX);
        let told = |length: u64| {
            let counted = self.copy.as_ref().map(|(row, clock)| {
                let shown = clock.latest(now);
                row.windows().within(Duration::from_secs(length), shown) - row.windows().after(shown)
            });
            counted.unwrap_or(0)
        };
        // In its fair share they are in the copy already.
        let untold = if self.parted.is_some() { 0 } else { untold };
        [1, 60, 3_600].map(|length| told(length) + untold)
    }

    fn fair(&self, now: Instant) -> Option<(Instant, Option<RateLimit>)> {
        let (row, clock) = self.copy.as_ref().filter(|_| self.parted.is_some())?;
        let shown = clock.latest(now);
        let (ready, limit) = row.windows().ready(shown, 0);
        Some((now + ready.since(shown), limit))
    }

    fn at((at, limit): (Instant, Option<RateLimit>), now: Instant) -> Next {
        if at <= now { Next::Now } else { Next::At(at, limit) }
    }

    fn wanted(&self, now: Instant, waiting: usize) -> usize {
        if self.limits.is_empty() { 0 } else { waiting.min(MOST).saturating_sub(self.fresh(now).count()) }
    }

    /// Some moments are to go back: they were not used, or are missed.
    fn has_back(&self, now: Instant) -> bool {
        !self.back.is_empty() || self.fresh(now).count() < self.slots.len()
    }

    /// Moments that can still be used.
    fn fresh(&self, now: Instant) -> impl Iterator<Item = RowTime> {
        let shown = self.copy.as_ref().map(|(row, clock)| (clock.latest(now), row.windows().grace()));
        let is_late = move |slot: &RowTime| shown.is_some_and(|(shown, grace)| shown > *slot + grace);
        self.slots.iter().copied().filter(move |slot| !is_late(slot))
    }

    fn drop_late(&mut self, now: Instant) {
        let fresh: VecDeque<RowTime> = self.fresh(now).collect();
        let late = self.slots.len() - fresh.len();
        self.back.extend(self.slots.drain(..late));
        self.slots = fresh;
    }
}
