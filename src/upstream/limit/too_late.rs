//! Why a call may not go: whose limit it was, and when it could have gone.

use std::{fmt, time::Duration};

use tokio::time::Instant;

use crate::config::RateLimit;

/// The limits would let the call go too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{holder} would let the call go in {} ms, later than it would be useful", ready_in.as_millis())]
pub struct TooLate {
    /// When it could have gone, at the soonest.
    pub ready_in: Duration,
    /// Whose rule it was.
    pub holder: Holder,
}

/// What holds a call up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// One of the lane's rate limits.
    Limit(RateLimit),
    /// The insurer's own word, by a 429.
    Insurer,
    /// Calls that go before it.
    Others,
    /// The store: a daily limit's calls are written down before they go.
    Store,
    /// Nobody knows what other replicas let go: the database is away.
    Away,
}

// === impl TooLate ===

impl TooLate {
    pub(super) fn at(ready: Instant, now: Instant, holder: Holder) -> Self {
        Self { ready_in: ready.saturating_duration_since(now), holder }
    }
}

/// For a sentence that goes on with when.
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Holder::Limit(limit) => write!(f, "the rate limit {limit}"),
            Holder::Insurer => f.write_str("the insurer's last 429, which closed the lane,"),
            Holder::Others => f.write_str("the lane's rate limit, with others to be served before,"),
            Holder::Away => f.write_str(
                "the lane's rate limit, which replicas share through a database that is away or too slow,",
            ),
            Holder::Store => {
                f.write_str("the rate limit of a day, whose count the store did not write down in time,")
            }
        }
    }
}
