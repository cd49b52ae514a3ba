//! How many calls an insurer has under way.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Calls under way.
#[derive(Debug, Default)]
pub(crate) struct Busy {
    now: AtomicUsize,
    peak: AtomicUsize,
}

/// One call under way; over when dropped.
pub(crate) struct UnderWay(Arc<Busy>);

// === impl Busy ===

impl Busy {
    /// Counts one more call under way, until the guard is dropped.
    pub(crate) fn enter(self: &Arc<Self>) -> UnderWay {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.peak.fetch_max(now, Ordering::Relaxed);
        UnderWay(self.clone())
    }

    pub(crate) fn now(&self) -> usize {
        self.now.load(Ordering::Relaxed)
    }

    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}
