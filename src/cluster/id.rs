//! The name of one run of the gateway.

use std::fmt;

use uuid::Uuid;

/// One run of the gateway on a store that several may share: a fresh one each start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReplicaId(Uuid);

// === impl ReplicaId ===

impl ReplicaId {
    /// One that nobody has had before.
    pub fn fresh() -> Self {
        Self(Uuid::now_v7())
    }

    /// The replica of that name; none where it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl fmt::Display for ReplicaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
