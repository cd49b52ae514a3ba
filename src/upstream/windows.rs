//! What a lane's rate limits have counted.
//!
//! Each window is a GCRA cell of `governor`, with a state of our own that can be looked at without taking:
//! so the moment of readiness is known, and a token is taken of all windows together or of none.
//!
//! `count` calls in `per` with a burst of `b` are admitted as `b` at once and then one every
//! `per / (count - b + 1)`, so that no stretch of length `per` ever holds more than `count`.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{NotKeyed, StateStore},
};
use tokio::time::Instant;

use crate::config::RateLimit;

/// The windows of one lane.
#[derive(Debug)]
pub(super) struct Windows {
    windows: Vec<Window>,
    closed_until: Option<Instant>,
}

#[derive(Debug)]
struct Window {
    limiter: RateLimiter<NotKeyed, SharedCell, TokioClock, NoOpMiddleware<Nanos>>,
    cell: Arc<Cell>,
    /// Between two calls once the burst is used up.
    interval: Duration,
    /// How much too early a call may come: the burst.
    tolerance: Duration,
}

/// Tokio's clock, which tests can pause.
#[derive(Debug, Clone)]
struct TokioClock(Instant);

/// GCRA state that can be looked at without taking. Used under the windows' lock only.
#[derive(Debug, Default)]
struct Cell {
    /// Theoretical arrival time in nanoseconds, plus one; zero: never used.
    arrival: AtomicU64,
    looking: AtomicBool,
}

#[derive(Debug)]
struct SharedCell(Arc<Cell>);

// === impl Windows ===

impl Windows {
    /// One window for each limit, all of them full.
    pub(super) fn new(limits: &[RateLimit]) -> Self {
        Self { windows: limits.iter().map(Window::new).collect(), closed_until: None }
    }

    /// Nothing goes before `until`.
    pub(super) fn close_until(&mut self, until: Instant) {
        self.closed_until = Some(self.closed_until.map_or(until, |earlier| earlier.max(until)));
    }

    /// Whether every call may go at once.
    pub(super) fn is_unlimited(&self) -> bool {
        self.windows.is_empty() && self.closed_until.is_none()
    }

    /// Whether a call could go now; else when.
    pub(super) fn look(&mut self) -> Result<(), Instant> {
        let ready = self.ready_after(0);
        if ready > Instant::now() { Err(ready) } else { Ok(()) }
    }

    /// The same, and takes a token of every window.
    pub(super) fn take(&mut self) -> Result<(), Instant> {
        self.look()?;
        for window in &self.windows {
            // Ready a moment ago under the same lock, so it is ready now.
            let _ = window.limiter.check();
        }
        self.closed_until = None;
        Ok(())
    }

    /// When a call could go that lets `ahead` others go first.
    pub(super) fn ready_after(&self, ahead: usize) -> Instant {
        let now = Instant::now();
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
        let by_windows = self.windows.iter().map(|window| now + window.wait(ahead)).max().unwrap_or(now);
        self.closed_until.map_or(by_windows, |closed| closed.max(by_windows))
    }
}

// === impl Window ===

impl Window {
    fn new(limit: &RateLimit) -> Self {
        let (interval, burst) = (limit.period(), limit.burst.max(1));
        let quota = Quota::with_period(interval)
            .unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN))
            .allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN));
        let cell = Arc::new(Cell::default());
        let limiter = RateLimiter::new(quota, SharedCell(cell.clone()), TokioClock(Instant::now()));
        Self { limiter, cell, interval, tolerance: interval * (burst - 1) }
    }

    /// How long until a token is there for one who lets `ahead` others go first: exact for none, never
    /// too long for more (other windows may hold the others up).
    fn wait(&self, ahead: u32) -> Duration {
        let now = self.limiter.clock().now();
        if ahead == 0 {
            self.cell.looking.store(true, Ordering::Relaxed);
            let wait = self.limiter.check().err().map_or(Duration::ZERO, |until| until.wait_time_from(now));
            self.cell.looking.store(false, Ordering::Relaxed);
            return wait;
        }
        let now = Duration::from(now);
        let arrival = Duration::from_nanos(self.cell.arrival.load(Ordering::Relaxed)).max(now);
        (arrival + self.interval.saturating_mul(ahead)).saturating_sub(now + self.tolerance)
    }
}

// === impl Cell ===

impl StateStore for SharedCell {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _: &NotKeyed, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let arrival = self.0.arrival.load(Ordering::Relaxed);
        let (value, next) = measure(arrival.checked_sub(1).map(Nanos::new))?;
        if !self.0.looking.load(Ordering::Relaxed) {
            self.0.arrival.store(next.as_u64() + 1, Ordering::Relaxed);
        }
        Ok(value)
    }
}

impl Clock for TokioClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.elapsed())
    }
}
