//! What calls wished for in the last hour: when they came, and until when they could have waited.
//!
//! It is written down whatever the limits are, so that a limit which is only proposed can be tried on it. It is
//! bounded: of a lane with more than [`MOST`] wishes in an hour the latest are kept, and a forecast says that it
//! was cut. Calls that got no permit never came this far and are not in it; a repeated call wishes again.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use crate::upstream::budget::Class;

/// So long wishes are kept.
const KEPT: Duration = Duration::from_secs(3_600);
/// So many are kept at most: nine a second.
pub(super) const MOST: usize = 32_768;

/// The wishes of one lane.
#[derive(Debug, Clone, Default)]
pub(super) struct Demand {
    wishes: VecDeque<Wish>,
    /// When the newest of those came that had to go before their time.
    cut_until: Option<Instant>,
}

/// One call's wish.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    /// When it came.
    pub(super) at: Instant,
    /// What it is for.
    pub(super) class: Class,
    patience: u32,
}

// === impl Demand ===

impl Demand {
    /// A call comes at `now` that can wait until `latest`.
    pub(super) fn wish(&mut self, now: Instant, latest: Instant, class: Class) {
        let patience = latest.saturating_duration_since(now).as_millis();
        let patience = u32::try_from(patience).unwrap_or(u32::MAX);
        self.wishes.push_back(Wish { at: now, class, patience });
        if self.wishes.len() > MOST {
            self.cut_until = self.wishes.pop_front().map(|wish| wish.at);
        }
        while self.wishes.front().is_some_and(|oldest| oldest.at + KEPT < now) {
            self.wishes.pop_front();
        }
    }

    /// The wishes of the hour before `now`, oldest first.
    pub(super) fn of_the_hour(&self, now: Instant) -> impl Iterator<Item = &Wish> {
        self.wishes.iter().skip_while(move |wish| wish.at + KEPT < now)
    }

    /// How far back every wish is known, and whether some of the hour had to go.
    pub(super) fn covers(&self, now: Instant) -> (Duration, bool) {
        match self.cut_until.map(|cut| now.saturating_duration_since(cut)).filter(|age| *age < KEPT) {
            Some(age) => (age, true),
            None => (KEPT, false),
        }
    }
}

// === impl Wish ===

impl Wish {
    /// Until when it could have waited.
    pub(super) fn latest(&self) -> Instant {
        self.at + Duration::from_millis(self.patience.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_hour_is_kept_and_where_it_is_cut_is_told() {
        let (mut demand, zero) = (Demand::default(), Instant::now());
        let wish = |demand: &mut Demand, second: u64| {
            let now = zero + Duration::from_secs(second);
            demand.wish(now, now + Duration::from_secs(5), Class::Quote);
            now
        };
        wish(&mut demand, 0);
        let now = wish(&mut demand, 3_000);
        assert_eq!((demand.of_the_hour(now).count(), demand.covers(now)), (2, (KEPT, false)));
        let now = wish(&mut demand, 3_700);
        assert_eq!((demand.of_the_hour(now).count(), demand.covers(now)), (2, (KEPT, false)));
        for _ in 0..MOST {
            wish(&mut demand, 4_000);
        }
        let now = wish(&mut demand, 4_100);
        assert_eq!(demand.covers(now), (Duration::from_secs(100), true));
        let latest = demand.of_the_hour(now).last().map(Wish::latest);
        assert_eq!(latest, Some(now + Duration::from_secs(5)));
    }
}
