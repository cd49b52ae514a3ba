//! How many calls a lane has let go today.
//!
//! Insurers count a daily quota by the calendar day of Moscow, so that is what is counted: no smoothing, and at
//! midnight it begins anew. The count outlives the process and is never exceeded: calls are reserved in the store
//! ahead, in blocks of half a percent of the quota, and a block is durable before its first call leaves. After a
//! crash what was left of a block is lost, never a call too many. A gentle stop gives it back.
//!
//! Calls are counted where no daily limit holds too (then nobody waits for the store), so that a limit which is set
//! in the afternoon knows of the morning.
//!
//! **On a cold start** nothing is known; the first call of a lane with a daily limit waits until the store has said
//! what was reserved before.

use jiff::civil::Date;
use tokio::time::Instant;

use super::calendar::{Calendar, Day};
use crate::config::RateLimit;

/// What a block is of a quota.
const BLOCKS: u32 = 200;
/// A block where no limit holds.
const FREE_BLOCK: u32 = 64;

/// The count of one lane's present day.
#[derive(Debug)]
pub(super) struct Days {
    calendar: Calendar,
    limit: Option<RateLimit>,
    day: Day,
    /// Reserved in the store, as it said last; none before it has.
    reserved: Option<u64>,
    /// Of that, not used yet.
    unused: u32,
    /// Used without having been reserved, while no limit held.
    owed: u32,
    /// The store is being asked.
    asking: bool,
}

/// Whether the day has room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// Yes.
    Now,
    /// When the store has answered.
    Asking,
    /// Not before the next day, which begins then.
    Tomorrow(Instant, RateLimit),
}

/// What the store is to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// For which day.
    pub date: Date,
    /// Calls that went already: they are added in any case.
    pub owed: u32,
    /// Calls that are to go.
    pub ahead: u32,
    /// With them there may be no more than these in the day.
    pub at_most: u32,
}

/// What the store said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserved {
    /// So many of those that are to go may.
    pub granted: u32,
    /// So many are reserved with them.
    pub total: u64,
}

// === impl Days ===

impl Days {
    pub(super) fn new(calendar: Calendar, now: Instant) -> Self {
        let day = calendar.day(now);
        Self { calendar, limit: None, day, reserved: None, unused: 0, owed: 0, asking: false }
    }

    /// From now on the least of these that is of a day holds, or none.
    pub(super) fn set<'l>(&mut self, limits: impl Iterator<Item = &'l RateLimit>) {
        self.limit = limits.filter(|limit| limit.is_daily()).min_by_key(|limit| limit.count).copied();
    }

    /// Looks at the calendar. Where the clock was set back, the store knows what that day has had.
    pub(super) fn turn(&mut self, now: Instant) {
        let day = self.calendar.day(now);
        if day.date != self.day.date {
            self.forget();
        }
        self.day = day;
    }

    /// Whether a call could go that lets `ahead` others go first, as far as is known.
    pub(super) fn room(&self, ahead: usize) -> Room {
        let Some(limit) = self.limit else { return Room::Now };
        if self.reserved.is_none() || self.owed > 0 {
            return Room::Asking;
        }
        let left = u64::from(limit.count).saturating_sub(self.used());
        if left <= u64::try_from(ahead).unwrap_or(u64::MAX) {
            Room::Tomorrow(self.day.ends, limit)
        } else if self.unused == 0 && ahead == 0 {
            Room::Asking
        } else {
            Room::Now
        }
    }

    /// A call goes; of which day.
    pub(super) fn take(&mut self) -> Date {
        match self.unused.checked_sub(1) {
            Some(left) => self.unused = left,
            None => self.owed = self.owed.saturating_add(1),
        }
        self.day.date
    }

    /// A call of `date` did not go after all.
    pub(super) fn give_back(&mut self, date: Date) {
        if date != self.day.date {
            return;
        }
        match self.owed.checked_sub(1) {
            Some(left) => self.owed = left,
            None => self.unused = self.unused.saturating_add(1),
        }
    }

    /// What is to be asked for now, where it is; then [`Days::answered`] must follow.
    pub(super) fn ask(&mut self) -> Option<Ask> {
        let block = self.limit.map_or(FREE_BLOCK, |limit| (limit.count / BLOCKS).max(1));
        // In halves, so that the second is there before the first is used up.
        let half = block.div_ceil(2);
        let at_most = self.limit.map_or(u32::MAX, |limit| limit.count);
        let is_full = self.reserved.is_some_and(|reserved| reserved >= at_most.into());
        let is_low = self.unused.saturating_add(half) <= block && !is_full;
        if self.asking || !(is_low || self.owed > 0) {
            return None;
        }
        self.asking = true;
        let ahead = if is_full { 0 } else { half };
        Some(Ask { date: self.day.date, owed: self.owed, ahead, at_most })
    }

    /// What came of `ask`; none where the store failed.
    pub(super) fn answered(&mut self, ask: Ask, reserved: Option<Reserved>) {
        self.asking = false;
        let Some(Reserved { granted, total }) = reserved.filter(|_| ask.date == self.day.date) else {
            return;
        };
        self.reserved = Some(total);
        self.unused = self.unused.saturating_add(granted);
        // Of what it was asked for, some may have been given back meanwhile.
        let paid = ask.owed.min(self.owed);
        self.owed -= paid;
        self.unused = self.unused.saturating_add(ask.owed - paid);
    }

    /// Lets go of what is reserved and not used: the day, and how much. What goes later is asked for anew.
    pub(super) fn rest(&mut self) -> Option<(Date, u32)> {
        let unused = std::mem::take(&mut self.unused);
        self.reserved = None;
        (unused > 0).then_some((self.day.date, unused))
    }

    /// How many went today, as far as is known.
    pub(super) fn used(&self) -> u64 {
        self.reserved.unwrap_or(0).saturating_sub(self.unused.into()) + u64::from(self.owed)
    }

    fn forget(&mut self) {
        (self.reserved, self.unused, self.owed) = (None, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn days(limit: &str) -> Days {
        let now = Instant::now();
        let mut days = Days::new(Calendar::From(now, "2026-11-20T09:00:00Z".parse().unwrap()), now);
        days.set([limit.parse().unwrap()].iter());
        days
    }

    fn answer(days: &mut Days, total: u64) -> Ask {
        let ask = days.ask().expect("it asks");
        days.answered(ask, Some(Reserved { granted: ask.ahead, total }));
        ask
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_goes_before_the_store_has_answered_and_no_more_than_it_said() {
        let mut days = days("400/day");
        assert_eq!(days.room(0), Room::Asking);
        let ask = answer(&mut days, 101);
        assert_eq!((ask.ahead, ask.at_most, days.room(0)), (1, 400, Room::Now), "half of a block of two");
        assert_eq!(answer(&mut days, 102).ahead, 1);
        assert_eq!(days.ask(), None, "a whole block is there");
        assert_eq!(days.used(), 100);
        days.take();
        days.take();
        assert_eq!((days.room(0), days.used()), (Room::Asking, 102));
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_day_is_over_until_tomorrow() {
        let (mut days, now) = (days("100/day"), Instant::now());
        let ask = days.ask().unwrap();
        days.answered(ask, Some(Reserved { granted: 0, total: 100 }));
        let Room::Tomorrow(at, _) = days.room(0) else { panic!("{days:?}") };
        assert_eq!((at - now, days.ask()), (Duration::from_secs(12 * 3_600), None));
        days.turn(at);
        assert_eq!((days.room(0), days.used()), (Room::Asking, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_given_back_can_be_used_again_on_its_day_only() {
        let mut days = days("100/day");
        answer(&mut days, 1);
        let date = days.take();
        days.give_back(date);
        assert_eq!((days.used(), days.room(0)), (0, Room::Now));
        let date = days.take();
        days.turn(Instant::now() + Duration::from_secs(86_400));
        days.give_back(date);
        assert_eq!((days.used(), days.unused), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn calls_without_a_limit_count_when_one_is_set() {
        let mut days = days("100/day");
        days.set([].iter());
        for _ in 0..10 {
            assert_eq!(days.room(0), Room::Now);
            days.take();
        }
        let ask = days.ask().unwrap();
        days.take();
        assert_eq!((ask.owed, ask.at_most), (10, u32::MAX));
        days.answered(ask, Some(Reserved { granted: 32, total: 52 }));
        assert_eq!((days.used(), days.unused), (21, 32), "ten from before a restart, ten, and one meanwhile");
        days.set(["21/day".parse().unwrap()].iter());
        assert_eq!(days.room(0), Room::Asking, "the one must be written down");
        let ask = days.ask().unwrap();
        days.answered(ask, Some(Reserved { granted: 0, total: 53 }));
        assert!(matches!(days.room(0), Room::Tomorrow(..)), "{days:?}");
        days.set(["22/day".parse().unwrap()].iter());
        assert_eq!(days.room(0), Room::Now);
    }
}
