//! What a replica knows of itself and of the others.

use tokio::time::Instant;

/// What a replica knows of itself and of the others, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Replicas that are not gone, this one included; 1 when alone.
    pub replicas: u32,
    /// Of the others: those of which this one has seen no beat for more than two beats' time (2 s).
    pub silent: u32,
    /// This one's own last beat is not older than two beats' time; always when alone.
    pub in_touch: bool,
    /// Until then nobody takes over from this one; none when alone.
    pub lease_until: Option<Instant>,
}

// === impl Standing ===

impl Standing {
    /// Of a gateway that shares its store with nobody.
    pub const ALONE: Self = Self { replicas: 1, silent: 0, in_touch: true, lease_until: None };

    /// Whether the work may have been taken over by another replica by now: nothing is sent then.
    pub fn is_lapsed(&self) -> bool {
        self.lease_until.is_some_and(|until| Instant::now() >= until)
    }
}
