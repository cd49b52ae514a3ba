//! Whose a calculation is.

use super::ReplicaId;

/// Who works on a calculation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// This replica.
    Me,
    /// Another one that is not gone. It may be dead and not known to be yet.
    Other {
        /// Which.
        id: ReplicaId,
        /// Where its partner API is reached by other replicas, as `http://host:port`; empty while it has not begun to
        /// listen.
        address: String,
    },
}
