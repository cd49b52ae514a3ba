//! What operators see of a lane's limits.

use std::time::Duration;

use serde::{Serialize, Serializer};

use super::forecast::millis;
use crate::config::{Mode, RateLimit};

/// How a lane's limits stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitStanding {
    /// Whether they hold.
    #[serde(serialize_with = "mode")]
    pub mode: Mode,
    /// Each limit, and how much of it is used.
    pub windows: Vec<WindowStanding>,
    /// Calls of the last second, minute and hour, and of this day in Moscow, whatever the limits.
    pub counted: [u64; 4],
    /// Calls that wait.
    pub waiting: usize,
    /// For how long the insurer has closed the lane by a 429; nothing where it is open.
    #[serde(rename = "closed_for_ms", serialize_with = "millis")]
    pub closed_for: Duration,
    /// When a call that comes now could go, behind those that wait.
    #[serde(rename = "ready_in_ms", serialize_with = "millis")]
    pub ready_in: Duration,
    /// Calls that were refused since the gateway started.
    pub refused: u64,
    /// Calls that would have been refused since `dry-run` began.
    pub would_have_refused: u64,
    /// The store does not take the day's count: a daily limit lets nothing go beyond what is reserved.
    pub store_fails: bool,
    /// How replicas keep the windows shorter than a day together: `shared` (exactly), and while the database is away
    /// `waiting`, `fair_share` or `over`; none where there is one gateway.
    pub shared: Option<&'static str>,
}

/// How one limit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WindowStanding {
    /// The limit.
    #[serde(serialize_with = "written")]
    pub limit: RateLimit,
    /// Calls in the window that ends now; of a day, since midnight in Moscow.
    pub used: u64,
}

fn mode<S: Serializer>(mode: &Mode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(mode.name())
}

fn written<S: Serializer>(limit: &RateLimit, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(limit)
}
