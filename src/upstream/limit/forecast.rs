//! What a proposed limit would have done to the last hour's calls.

use std::time::Duration;

use serde::{Serialize, Serializer};
use tokio::time::Instant;

use super::{calendar::Calendar, demand::Demand, rehearsal::Rehearsal, windows::Windows};
use crate::config::RateLimit;

/// What would have become of the calls of the last hour. The windows begin it empty, the day with what it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// How far back the wishes of calls are known.
    #[serde(rename = "covers_ms", serialize_with = "millis")]
    pub covers: Duration,
    /// Whether there were too many in the hour to keep them all; then it covers less.
    pub is_cut: bool,
    /// Calls that came.
    pub asked: u64,
    /// Calls that would have gone.
    pub sent: u64,
    /// Calls that would have been refused, at once or later.
    pub refused: u64,
    /// Calls that would have gone after a wait.
    pub waited: u64,
    /// How long they would have waited together.
    #[serde(rename = "waited_total_ms", serialize_with = "millis")]
    pub waited_total: Duration,
    /// How long the longest of them.
    #[serde(rename = "waited_longest_ms", serialize_with = "millis")]
    pub waited_longest: Duration,
}

// === impl Demand ===

impl Demand {
    /// Replays the hour before `now` under `limits`. `used_before` are the calls of today before the first of
    /// them.
    pub(super) fn forecast(
        &self,
        limits: &[RateLimit],
        used_before: u64,
        calendar: Calendar,
        now: Instant,
    ) -> Forecast {
        let (covers, is_cut) = self.covers(now);
        let begins = self.of_the_hour(now).next().map_or(now, |first| first.at);
        let is_of_today = calendar.day(begins).date == calendar.day(now).date;
        let used_before = if is_of_today { used_before } else { 0 };
        let mut rehearsal = Rehearsal::new(limits, Windows::new(&[], begins), used_before, calendar, begins);
        for wish in self.of_the_hour(now) {
            rehearsal.ask(wish.at, wish.class, wish.latest());
        }
        rehearsal.finish();
        let tally = rehearsal.tally;
        Forecast {
            covers,
            is_cut,
            asked: tally.asked,
            sent: tally.sent,
            refused: tally.refused,
            waited: tally.waited,
            waited_total: tally.waited_total,
            waited_longest: tally.waited_longest,
        }
    }
}

pub(super) fn millis<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::budget::Class;

    fn forecast(demand: &Demand, limits: &[&str], used: u64, now: Instant) -> Forecast {
        let limits: Vec<RateLimit> = limits.iter().map(|text| text.parse().unwrap()).collect();
        let calendar = Calendar::From(now, "2026-11-20T09:00:00Z".parse().unwrap());
        demand.forecast(&limits, used, calendar, now)
    }

    /// Ten calls a second for ten seconds, each of which can wait for two.
    fn crowd() -> (Demand, Instant) {
        let (mut demand, zero) = (Demand::default(), Instant::now());
        for n in 0..100 {
            let now = zero + Duration::from_millis(n * 100);
            demand.wish(now, now + Duration::from_secs(2), Class::Quote);
        }
        (demand, zero + Duration::from_secs(20))
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_that_is_wide_enough_holds_nobody_up() {
        let (demand, now) = crowd();
        let told = forecast(&demand, &["11/s"], 0, now);
        assert_eq!((told.asked, told.sent, told.refused, told.waited), (100, 100, 0, 0));
        assert_eq!((told.covers, told.is_cut), (Duration::from_secs(3_600), false));
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_of_half_the_demand_refuses_about_half() {
        let (demand, now) = crowd();
        let told = forecast(&demand, &["5/s"], 0, now);
        assert!((58..=61).contains(&told.sent), "ten seconds and two more of five: {told:?}");
        assert_eq!(told.sent + told.refused, 100);
        assert!(told.waited > 50 && told.waited_longest <= Duration::from_secs(2), "{told:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn of_a_day_what_it_had_before_counts() {
        let (demand, now) = crowd();
        let told = forecast(&demand, &["1000/day"], 970, now);
        assert_eq!((told.sent, told.refused, told.waited), (30, 70, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn payments_are_served_before_quotes() {
        let (mut demand, now) = (Demand::default(), Instant::now());
        for class in [Class::Quote, Class::Quote, Class::Quote, Class::Payment] {
            demand.wish(now, now + Duration::from_secs(25), class);
        }
        let told = forecast(&demand, &["1/s"], 0, now);
        assert_eq!((told.sent, told.waited, told.waited_longest.as_secs()), (4, 3, 3));
        let told = forecast(&demand, &["6/min"], 0, now);
        assert_eq!((told.sent, told.refused), (3, 1));
    }
}
