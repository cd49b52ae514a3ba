//! What a limit makes of the moments in which calls arrived.
//!
//! An insurer that counts its callers looks back from each call: so many at most in the stretch that ends with it,
//! wherever that stretch begins. A limiter that starts a new count at every full second keeps its own count and
//! breaks this one.

use std::time::Duration;

/// At most so many calls in any stretch of that length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Calls.
    pub count: usize,
    /// The stretch's length.
    pub per: Duration,
}

// === impl Stretch ===

impl Stretch {
    /// How many of the calls were one too many: those that had `count` others in the stretch that ended with them.
    /// `arrivals` are in order.
    pub fn over(&self, arrivals: &[Duration]) -> usize {
        let (first, late) = (arrivals.iter(), arrivals.iter().skip(self.count));
        first.zip(late).filter(|(first, late)| late.saturating_sub(**first) < self.per).count()
    }

    /// The most calls that arrived in any stretch of that length. `arrivals` are in order.
    pub fn most(&self, arrivals: &[Duration]) -> usize {
        let mut first = 0;
        let mut most = 0;
        for (place, at) in arrivals.iter().enumerate() {
            while arrivals.get(first).is_some_and(|early| at.saturating_sub(*early) >= self.per) {
                first += 1;
            }
            most = most.max(place + 1 - first);
        }
        most
    }
}

/// The most calls that fit into `lasting` where all of these hold and nothing went before: what could be used, had
/// whoever calls known the insurer's clock and travelled in no time.
pub fn allowed(stretches: &[Stretch], lasting: Duration) -> usize {
    let mut went: Vec<Duration> = Vec::new();
    loop {
        let before = |stretch: &Stretch| went.len().checked_sub(stretch.count).and_then(|at| went.get(at));
        let after = |stretch: &Stretch| before(stretch).map_or(Duration::ZERO, |at| *at + stretch.per);
        let Some(next) = stretches.iter().filter(|stretch| stretch.count > 0).map(after).max() else {
            return 0;
        };
        if next >= lasting {
            return went.len();
        }
        went.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_A_SECOND: Stretch = Stretch { count: 2, per: Duration::from_secs(1) };

    fn at<const N: usize>(millis: [u64; N]) -> [Duration; N] {
        millis.map(Duration::from_millis)
    }

    #[test]
    fn a_call_is_over_the_limit_when_the_stretch_that_ends_with_it_is_full() {
        assert_eq!(TWO_A_SECOND.over(&at([0, 500, 1_000, 1_500])), 0, "an old call has left the stretch");
        assert_eq!(TWO_A_SECOND.over(&at([0, 500, 999, 1_500])), 1);
        assert_eq!(TWO_A_SECOND.over(&at([0, 0, 0, 0])), 2);
        assert_eq!(TWO_A_SECOND.over(&[]), 0);
    }

    #[test]
    fn a_count_that_starts_anew_each_second_lets_twice_as_many_through() {
        let arrivals = at([900, 950, 1_000, 1_050]);
        assert_eq!(TWO_A_SECOND.over(&arrivals), 2);
        assert_eq!(TWO_A_SECOND.most(&arrivals), 4);
    }

    #[test]
    fn the_most_that_fits_obeys_every_stretch() {
        let ten_a_minute = Stretch { count: 10, per: Duration::from_secs(60) };
        assert_eq!(allowed(&[TWO_A_SECOND], Duration::from_secs(3)), 6);
        assert_eq!(allowed(&[TWO_A_SECOND, ten_a_minute], Duration::from_secs(60)), 10);
        assert_eq!(allowed(&[TWO_A_SECOND, ten_a_minute], Duration::from_secs(61)), 12);
        assert_eq!(allowed(&[], Duration::from_secs(1)), 0);
    }
}
