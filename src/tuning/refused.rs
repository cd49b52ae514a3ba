//! Why something is not done.
//!
//! `Wrong` is nonsense, `Unknown` names what is not there, `Conflict` does not fit what holds, `NotRecorded` cannot be
//! answered; the others are the gateway's own.

use crate::store::StoreError;

/// Why an operator's wish is not carried out. The text is for the operator.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refused {
    /// A value or a time that is none.
    #[error("{0}")]
    Wrong(String),
    /// There is no such insurer, lane or knob.
    #[error("{0}")]
    Unknown(String),
    /// It does not fit what holds now.
    #[error("{0}")]
    Conflict(String),
    /// What is asked for was not recorded.
    #[error("{0}")]
    NotRecorded(String),
    /// Others write revisions all the time.
    #[error("others change settings at this very moment; nothing was changed here, try again")]
    Busy,
    /// The store does not take it, so it does not hold either.
    #[error("nothing was changed, because it could not be written down: {0}")]
    Store(#[from] StoreError),
    /// The gateway is stopping.
    #[error("the gateway is stopping; nothing was changed")]
    Stopping,
}
