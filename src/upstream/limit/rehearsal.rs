//! Limits that hold nobody up: what they would have done.
//!
//! The same windows, day and order of serving as the real ones, on moments that are handed in. A lane in `dry-run`
//! rehearses each call as it comes; a forecast rehearses an hour that has passed.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use super::{
    calendar::{Calendar, Day},
    windows::Windows,
};
use crate::{config::RateLimit, upstream::budget::Class};

/// Limits with their line.
#[derive(Debug, Clone)]
pub(super) struct Rehearsal {
    windows: Windows,
    daily: Option<RateLimit>,
    calendar: Calendar,
    day: Day,
    used_today: u64,
    /// Who waits, and since when.
    line: BTreeMap<(Class, Instant, u64), Instant>,
    /// Up to here everything has happened.
    clock: Instant,
    /// What came of it.
    pub(super) tally: Tally,
}

/// What came of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    pub(super) asked: u64,
    pub(super) sent: u64,
    pub(super) refused: u64,
    /// Of those that were sent.
    pub(super) waited: u64,
    pub(super) waited_total: Duration,
    pub(super) waited_longest: Duration,
}

// === impl Rehearsal ===

impl Rehearsal {
    /// These limits hold; `windows` have counted what went before `now`, and so much was used of its day.
    pub(super) fn new(
        limits: &[RateLimit],
        mut windows: Windows,
        used_today: u64,
        calendar: Calendar,
        now: Instant,
    ) -> Self {
        windows.set(limits, now);
        let daily = limits.iter().filter(|limit| limit.is_daily()).min_by_key(|limit| limit.count);
        Self {
            windows,
            daily: daily.copied(),
            calendar,
            day: calendar.day(now),
            used_today,
            line: BTreeMap::new(),
            clock: now,
            tally: Tally::default(),
        }
    }

    /// A call comes at `now`, which is not before any other, and can wait until `latest`.
    pub(super) fn ask(&mut self, now: Instant, class: Class, latest: Instant) {
        self.advance(now);
        self.tally.asked += 1;
        let ahead = self.line.range(..=(class, latest, u64::MAX)).count();
        if self.ready(ahead) > latest {
            self.tally.refused += 1;
        } else {
            self.line.insert((class, latest, self.tally.asked), now);
            self.advance(now);
        }
    }

    /// A call that went at `at` was not sent after all. One that would have gone at another moment stays counted.
    pub(super) fn give_back(&mut self, at: Instant) {
        let known = self.windows.give_back(at, self.clock);
        if known && self.calendar.day(at).date == self.day.date {
            self.used_today = self.used_today.saturating_sub(1);
        }
    }

    /// Everybody who waits goes or gives up.
    pub(super) fn finish(&mut self) {
        let last = self.line.keys().map(|(_, latest, _)| *latest).max();
        self.advance(last.unwrap_or(self.clock));
        self.expire(None);
    }

    /// Everything happens that happens until then.
    fn advance(&mut self, until: Instant) {
        while !self.line.is_empty() {
            let ready = self.ready(0);
            if ready > until {
                break;
            }
            self.pass(ready);
            self.expire(Some(ready));
            // A new day may have begun, of which the windows are judged anew.
            if self.ready(0) > ready {
                continue;
            }
            if let Some((_, since)) = self.line.pop_first() {
                self.windows.take(ready);
                self.used_today += 1;
                self.tally.go(ready.saturating_duration_since(since));
            }
        }
        self.pass(until);
        self.expire(Some(until));
    }

    fn ready(&self, ahead: usize) -> Instant {
        let ready = self.windows.ready(self.clock, ahead).0;
        let ahead = u64::try_from(ahead).unwrap_or(u64::MAX);
        let is_full = |limit: RateLimit| u64::from(limit.count).saturating_sub(self.used_today) <= ahead;
        if self.daily.is_some_and(is_full) { ready.max(self.day.ends) } else { ready }
    }

    fn pass(&mut self, now: Instant) {
        self.clock = self.clock.max(now);
        if self.clock >= self.day.ends {
            let day = self.calendar.day(self.clock);
            if day.date != self.day.date {
                self.used_today = 0;
            }
            self.day = day;
        }
    }

    /// Those give up for whom it is too late at `now`; all of them at the end.
    fn expire(&mut self, now: Option<Instant>) {
        for class in Class::ALL {
            let first = |line: &BTreeMap<(Class, Instant, u64), Instant>| {
                let found = line.keys().find(|(its, ..)| *its >= class).copied();
                found.filter(|(its, latest, _)| *its == class && now.is_none_or(|now| *latest < now))
            };
            while let Some(key) = first(&self.line) {
                self.line.remove(&key);
                self.tally.refused += 1;
            }
        }
    }
}

// === impl Tally ===

impl Tally {
    fn go(&mut self, waited: Duration) {
        self.sent += 1;
        if !waited.is_zero() {
            self.waited += 1;
            self.waited_total += waited;
            self.waited_longest = self.waited_longest.max(waited);
        }
    }
}
