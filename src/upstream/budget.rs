//! The time of one calculation.
//!
//! One budget is made at the calculation's POST. Every wait draws on it: queues, limits, sessions,
//! pauses before a repetition, polls and the calls themselves. A call that cannot finish usefully is not
//! started.

use std::time::Duration;

use tokio::time::Instant;

/// A point in time after which nothing of the calculation may go on.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    deadline: Instant,
    urgency: Option<Duration>,
}

/// A timeout together with whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The lane's own timeout.
    Lane(Duration),
    /// The calculation's time ends sooner than the lane's timeout.
    Budget(Duration),
}

// === impl Budget ===

impl Budget {
    /// Ends `length` from now.
    pub fn of(length: Duration) -> Self {
        Self { deadline: Instant::now() + length, urgency: None }
    }

    /// The same, its calls served in lines as if it ended `within` their asking: somebody waits for what may
    /// take long.
    #[must_use]
    pub fn urgently(self, within: Duration) -> Self {
        Self { urgency: Some(within), ..self }
    }

    /// By what it is served in lines: least first.
    pub fn rank(&self) -> Instant {
        self.urgency.map_or(self.deadline, |within| self.deadline.min(Instant::now() + within))
    }

    /// When it ends.
    pub const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// What is left.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Whether something that takes `needed` can still finish.
    pub fn allows(&self, needed: Duration) -> bool {
        self.remaining() >= needed
    }

    /// `timeout`, cut to what is left.
    pub fn bound(&self, timeout: Duration) -> Bound {
        let remaining = self.remaining();
        if remaining < timeout { Bound::Budget(remaining) } else { Bound::Lane(timeout) }
    }
}

impl Bound {
    /// How long.
    pub const fn duration(self) -> Duration {
        match self {
            Bound::Lane(duration) | Bound::Budget(duration) => duration,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waits_draw_on_it() {
        let budget = Budget::of(Duration::from_secs(10));
        assert_eq!(budget.bound(Duration::from_secs(4)), Bound::Lane(Duration::from_secs(4)));
        tokio::time::advance(Duration::from_secs(7)).await;
        assert_eq!(budget.bound(Duration::from_secs(4)), Bound::Budget(Duration::from_secs(3)));
        assert!(!budget.allows(Duration::from_secs(4)));
        tokio::time::advance(Duration::from_secs(7)).await;
        assert_eq!(budget.remaining(), Duration::ZERO);
    }
}
