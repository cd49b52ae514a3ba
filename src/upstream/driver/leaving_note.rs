//! The note that an application leaves, durable before it does.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures::future::BoxFuture;
use veer_contract::{Call, Operation};

use super::Journal;
use crate::upstream::{call::Departure, point::Point};

/// The note of one step's calls that create: it stands for as long as one of them may have made
/// something.
pub(super) struct LeavingNote<'a, O: Operation> {
    pub(super) journal: &'a dyn Journal<O>,
    pub(super) point: &'a Point,
    pub(super) announced: AtomicU32,
    /// It was durable at some time.
    pub(super) kept: AtomicBool,
}

// === impl LeavingNote ===

impl<O: Operation> Departure for LeavingNote<'_, O> {
    fn creating(&self) -> BoxFuture<'_, Result<(), String>> {
        self.announced.fetch_add(1, Ordering::Relaxed);
        Box::pin(async {
            self.journal.keep_durably(self.point, true).await?;
            self.kept.store(true, Ordering::Relaxed);
            Ok(())
        })
    }

    fn not_creating(&self) {
        if self.announced.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.journal.keep(self.point);
        }
    }

    fn leaving(&self, call: &Call) {
        self.journal.asking(call.lane);
    }
}
