//! Logs, metrics, and the clock that both are stamped with.

pub mod clock;
pub mod logs;
pub mod metrics;

pub use clock::{moscow_date, moscow_today, next_moscow_midnight, now, now_in_milliseconds};
pub use metrics::{LaneMetrics, Metrics};
