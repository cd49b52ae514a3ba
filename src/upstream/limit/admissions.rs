//! What a lane has let go in the last hour.
//!
//! The windows are judged by this log and not by counters of their own, so a changed limit forgets nothing and a
//! token can be given back exactly. It is bounded: exact for the last minute, then in buckets, each counted at
//! the latest moment of its calls: whole seconds, or ten of them where the log travels to a database and back.
//! Counting a call later than it was can only hold others up longer, never let one too many go.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use super::moment::Moment;

/// So long a moment is exact: the longest window that is counted call by call, and what is added to it.
const EXACT: Duration = Duration::from_secs(61);
/// The longest window, and what is added to it.
pub(super) const KEPT: Duration = Duration::from_secs(3_601);
/// More calls than these in a minute are kept in buckets sooner.
const MOST_EXACT: usize = 32_768;

/// The log.
#[derive(Debug, Clone)]
pub(super) struct Admissions<T = Instant> {
    zero: T,
    bucket: Duration,
    /// Buckets, oldest first.
    buckets: VecDeque<Entry<T>>,
    /// Moments, oldest first, all after `buckets`.
    moments: VecDeque<Entry<T>>,
    /// Calls before the first entry.
    dropped: u64,
    /// Calls up to the last entry.
    total: u64,
}

/// Calls that went at one moment, or are counted there.
#[derive(Debug, Clone, Copy)]
struct Entry<T> {
    at: T,
    /// Calls up to and with these.
    upto: u64,
}

// === impl Admissions ===

impl<T: Moment> Admissions<T> {
    /// Nothing went before `zero`.
    pub(super) fn since(zero: T) -> Self {
        Self::with_buckets(zero, Duration::from_secs(1))
    }

    /// The same, with buckets of that length.
    pub(super) fn with_buckets(zero: T, bucket: Duration) -> Self {
        Self { zero, bucket, buckets: VecDeque::new(), moments: VecDeque::new(), dropped: 0, total: 0 }
    }

    /// A call goes at `at`. It is counted then, or with the last one, if that is later.
    pub(super) fn add(&mut self, at: T) {
        self.add_many(at, 1);
    }

    /// So many calls do.
    pub(super) fn add_many(&mut self, at: T, count: u64) {
        if count == 0 {
            return;
        }
        self.total += count;
        let at = self.newest_at().map_or(at, |last| last.max(at));
        match self.moments.back_mut() {
            Some(last) if last.at == at => last.upto = self.total,
            _ => self.moments.push_back(Entry { at, upto: self.total }),
        }
        self.tidy(at);
    }

    /// A call that went at `at` did not go after all. False where it is not known any more.
    pub(super) fn remove(&mut self, at: T) -> bool {
        let exact = self.moments.iter().rposition(|entry| entry.at == at);
        let in_buckets = || {
            let found = self.buckets.iter().position(|entry| entry.at >= at)?;
            let is_its =
                self.buckets.get(found).is_some_and(|entry| self.bucket_of(entry.at) == self.bucket_of(at));
            is_its.then_some(found)
        };
        let found = match exact {
            Some(index) => self.buckets.len() + index,
            None => match in_buckets() {
                Some(index) => index,
                None => return false,
            },
        };
        for entry in self.buckets.iter_mut().chain(&mut self.moments).skip(found) {
            entry.upto -= 1;
        }
        self.total -= 1;
        // Entries without a call would be in the way of the search for the n-th.
        let mut before = self.dropped;
        for entries in [&mut self.buckets, &mut self.moments] {
            entries.retain(|entry| std::mem::replace(&mut before, entry.upto) < entry.upto);
        }
        true
    }

    /// When the `nth` call counted back from the last one went; the last one is the first.
    pub(super) fn newest(&self, nth: u64) -> Option<T> {
        let ordinal = self.total.checked_sub(nth.checked_sub(1)?)?;
        if ordinal <= self.dropped {
            return None;
        }
        let in_buckets = self.buckets.back().is_some_and(|last| ordinal <= last.upto);
        let entries = if in_buckets { &self.buckets } else { &self.moments };
        entries.get(entries.partition_point(|entry| entry.upto < ordinal)).map(|entry| entry.at)
    }

    /// How many went after `moment`.
    pub(super) fn after(&self, moment: T) -> u64 {
        let upto = |entries: &VecDeque<Entry<T>>| {
            let later = entries.partition_point(|entry| entry.at <= moment);
            later.checked_sub(1).and_then(|last| entries.get(last)).map(|entry| entry.upto)
        };
        self.total - upto(&self.moments).or_else(|| upto(&self.buckets)).unwrap_or(self.dropped)
    }

    /// The last `count` calls of those that went after `moment`, oldest first: when, and how many.
    pub(super) fn last(&self, count: u64, moment: T) -> Vec<(T, u32)> {
        let (mut left, mut taken, mut upto) = (count, Vec::new(), self.total);
        let mut entries = self.buckets.iter().chain(&self.moments).rev().peekable();
        while let Some(entry) = entries.next().filter(|entry| left > 0 && entry.at > moment) {
            let before = entries.peek().map_or(self.dropped, |before| before.upto);
            let here = (upto - before).min(left);
            taken.push((entry.at, u32::try_from(here).unwrap_or(u32::MAX)));
            left -= here;
            upto = before;
        }
        taken.reverse();
        taken
    }

    /// When the last one went, or goes.
    pub(super) fn newest_at(&self) -> Option<T> {
        self.moments.back().or(self.buckets.back()).map(|entry| entry.at)
    }

    /// Every entry, oldest first: when, and how many.
    pub(super) fn entries(&self) -> impl Iterator<Item = (T, u64)> {
        let before = std::iter::once(self.dropped)
            .chain(self.buckets.iter().chain(&self.moments).map(|entry| entry.upto));
        let entries = self.buckets.iter().chain(&self.moments);
        entries.zip(before).map(|(entry, before)| (entry.at, entry.upto - before))
    }

    fn tidy(&mut self, now: T) {
        while let Some(entry) = self.moments.front().copied()
            && (self.moments.len() > MOST_EXACT || entry.at + EXACT <= now)
        {
            self.moments.pop_front();
            let bucket = self.bucket_of(entry.at);
            let is_same = self.buckets.back().is_some_and(|last| self.bucket_of(last.at) == bucket);
            match self.buckets.back_mut() {
                Some(last) if is_same => *last = entry,
                _ => self.buckets.push_back(entry),
            }
        }
        while let Some(entry) = self.buckets.front().copied()
            && entry.at + KEPT <= now
        {
            self.dropped = entry.upto;
            self.buckets.pop_front();
        }
    }

    fn bucket_of(&self, at: T) -> u128 {
        at.since(self.zero).as_nanos() / self.bucket.as_nanos().max(1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn millis(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_minute_is_exact_and_the_hour_is_in_whole_seconds_at_their_latest() {
        let zero = Instant::now();
        let mut log = Admissions::since(zero);
        for at in [100, 300, 900, 1_100] {
            log.add(zero + millis(at));
        }
        assert_eq!(log.newest(4), Some(zero + millis(100)));
        log.add(zero + millis(70_000));
        let times: Vec<_> = (1..=6).map(|nth| log.newest(nth).map(|at| (at - zero).as_millis())).collect();
        assert_eq!(times, [Some(70_000), Some(1_100), Some(900), Some(900), Some(900), None]);
        assert_eq!((log.after(zero + millis(900)), log.after(zero + millis(899))), (2, 5));
        assert_eq!(
            log.last(3, zero),
            [(zero + millis(900), 1), (zero + millis(1_100), 1), (zero + millis(70_000), 1)]
        );
        log.add(zero + Duration::from_secs(7_200));
        assert_eq!((log.after(zero), log.newest(2)), (1, None), "an hour is enough");
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_bounded_however_much_goes() {
        let zero = Instant::now();
        let mut log = Admissions::since(zero);
        for n in 0..100_000_u64 {
            log.add(zero + Duration::from_micros(n * 100));
        }
        assert!(log.moments.len() + log.buckets.len() <= MOST_EXACT + 11, "{}", log.moments.len());
        assert_eq!(log.after(zero - millis(1)), 100_000);
    }

    proptest! {
        #[test]
        fn it_counts_as_a_plain_list_does(steps in prop::collection::vec((0_u64..900, 0_u32..4), 1..90)) {
            let zero = Instant::now();
            let (mut log, mut plain, mut at) = (Admissions::since(zero), Vec::new(), 0);
            for (pause, what) in steps {
                at += pause;
                if what == 0 && !plain.is_empty() {
                    let gone = plain.remove(usize::try_from(pause).unwrap() % plain.len());
                    prop_assert!(log.remove(zero + millis(gone)));
                } else {
                    log.add(zero + millis(at));
                    plain.push(at);
                }
                for nth in 1..=plain.len() + 1 {
                    let expected = plain.len().checked_sub(nth).map(|index| zero + millis(plain[index]));
                    // Less than a minute passes: all is exact.
                    if at < 60_000 {
                        prop_assert_eq!(log.newest(nth as u64), expected);
                    }
                }
                let half = zero + millis(at / 2);
                if at < 60_000 {
                    let later = plain.iter().filter(|one| zero + millis(**one) > half).count();
                    prop_assert_eq!(log.after(half), later as u64);
                    let last = log.last(5, half).iter().map(|(_, count)| *count as usize).sum::<usize>();
                    prop_assert_eq!(last, later.min(5));
                }
            }
        }
    }
}
