//! One insurer in one calculation: how it stood, what happened, how it ended.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use tokio::time::Instant;

use super::Shadow;
use crate::upstream::{Insurer, InsurerIdentity, Timeline, Verdict};

/// One insurer of one calculation.
pub struct Party {
    /// Who.
    pub insurer: Arc<InsurerIdentity>,
    /// What happened when.
    pub timeline: Arc<Timeline>,
    /// How it ended; set once and never again.
    pub ended: OnceLock<Ended>,
    /// A call about its risk has left: its own, or that of the conversation that it hears.
    pub asked: AtomicBool,
    /// Where nobody is shown what it says: what it offered.
    pub shadow: Option<Shadow>,
}

/// How one insurer ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// As this.
    pub verdict: Verdict,
    /// For operators; no personal data.
    pub detail: String,
    /// Milliseconds from the beginning.
    pub after_ms: u64,
}

// === impl Party ===

impl Party {
    /// Nothing has happened yet: it is asked as the insurer stands now.
    pub fn new(insurer: &Insurer, start: Instant) -> Self {
        Self::again(insurer, start, insurer.standing().shadow)
    }

    /// It was begun before, in the shadow or not.
    pub fn again(insurer: &Insurer, start: Instant, shadow: bool) -> Self {
        Self {
            shadow: shadow.then(Shadow::default),
            insurer: insurer.identity.clone(),
            timeline: Arc::new(Timeline::since(start)),
            ended: OnceLock::new(),
            asked: AtomicBool::new(false),
        }
    }

    /// Its verdict, once there is one.
    pub fn verdict(&self) -> Option<Verdict> {
        self.ended.get().map(|ended| ended.verdict)
    }

    /// Whether nobody is shown what it says.
    pub fn is_shadow(&self) -> bool {
        self.shadow.is_some()
    }

    /// Whether a call about its risk has left.
    pub fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}
