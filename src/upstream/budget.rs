//! The time of one calculation.
//!
//! One budget is made at the calculation's POST. Every wait draws on it: queues, limits, sessions,
//! pauses before a repetition, polls and the calls themselves. A call that cannot finish usefully is not
//! started. It also says what the time is for: who is about to pay does not stand behind who only asks.

use std::time::Duration;

use tokio::time::Instant;

/// A point in time after which nothing of the calculation may go on.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    deadline: Instant,
    urgency: Option<Duration>,
    class: Class,
}

/// What a call is for, in the order in which lines are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Somebody pays, has paid, or is about to.
    Payment,
    /// Somebody waits for the final price of the offer that was chosen.
    FinalPrice,
    /// A calculation.
    Quote,
    /// Nobody waits in front of a screen: dictionaries.
    Other,
}

/// A place in the order of serving: least first. Of one class, whoever has least slack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// What it is for.
    pub class: Class,
    /// By when it must be served.
    pub by: Instant,
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
    /// Ends `length` from now; of the last class.
    pub fn of(length: Duration) -> Self {
        Self::since(Instant::now(), length)
    }

    /// Ends `length` after `begun`; of the last class.
    pub fn since(begun: Instant, length: Duration) -> Self {
        Self { deadline: begun + length, urgency: None, class: Class::Other }
    }

    /// The same, for that.
    #[must_use]
    pub fn for_class(self, class: Class) -> Self {
        Self { class, ..self }
    }

    /// The same, its calls served in lines as if it ended `within` their asking: somebody waits for what may
    /// take long.
    #[must_use]
    pub fn urgently(self, within: Duration) -> Self {
        Self { urgency: Some(within), ..self }
    }

    /// By what it is served in lines: least first.
    pub fn rank(&self) -> Rank {
        let by = self.urgency.map_or(self.deadline, |within| self.deadline.min(Instant::now() + within));
        Rank { class: self.class, by }
    }

    /// What it is for.
    pub const fn class(&self) -> Class {
        self.class
    }

    /// When it ends.
    pub const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The last moment at which something that takes `needed` can begin.
    pub fn latest(&self, needed: Duration) -> Instant {
        self.deadline.checked_sub(needed).unwrap_or_else(Instant::now)
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

// === impl Class ===

impl Class {
    /// Every class, in their order.
    pub const ALL: [Class; 4] = [Class::Payment, Class::FinalPrice, Class::Quote, Class::Other];
}

// === impl Bound ===

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

    #[tokio::test(start_paused = true)]
    async fn it_is_counted_from_where_it_began() {
        let begun = Instant::now();
        tokio::time::advance(Duration::from_secs(3)).await;
        let budget = Budget::since(begun, Duration::from_secs(10));
        assert_eq!(budget.remaining(), Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn payments_are_served_before_quotes_that_end_sooner() {
        let quote = Budget::of(Duration::from_secs(1)).for_class(Class::Quote);
        let payment = Budget::of(Duration::from_secs(1000)).for_class(Class::Payment);
        assert!(payment.rank() < quote.rank());
        assert!(payment.urgently(Duration::from_secs(5)).rank() < payment.rank());
    }
}
