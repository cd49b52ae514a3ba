//! What a call's end says of its lane.

use veer_contract::{FaultKind, Next};

use super::super::{error::CallError, verdict::Verdict};

/// What a call's end says of its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// The insurer answered, and its adapter could go on with the answer: a price, a "not yet", and a no just as well.
    Good,
    /// The insurer answered that the registry is down. It is itself well enough to say so: that ends a block, and
    /// counts for nothing else.
    Answered,
    /// The insurer failed, with this verdict.
    Bad(Verdict),
    /// The insurer asks to be left alone (429). Its lane is closed anyway, so this counts in the share of failures only.
    Soft,
    /// Nothing is known of the insurer: the call was given up here, or the adapter broke.
    Nothing,
}

// === impl Word ===

impl Word {
    /// Of a call that was sent and brought no reply for its adapter.
    ///
    /// One that was cut by its calculation's time had less of it than its lane allows: that is not the insurer's fault.
    pub fn of_error(error: &CallError) -> Self {
        match error {
            CallError::Connect(_)
            | CallError::Broken(_)
            | CallError::Tls(_)
            | CallError::FirstByte(_)
            | CallError::Total(_)
            | CallError::TooLarge(_)
            | CallError::ServerError(_)
            | CallError::Credentials(_)
            | CallError::Status(_)
            | CallError::Truncated(_) => Word::Bad(error.verdict()),
            CallError::TooManyRequests(_) => Word::Soft,
            CallError::Limit(_)
            | CallError::Permit(_)
            | CallError::Breaker(_)
            | CallError::OutOfBudget(_)
            | CallError::Session(_)
            | CallError::Stopping
            | CallError::CutOff
            | CallError::Unsendable(_)
            | CallError::Adapter(_)
            | CallError::Unwritten(_) => Word::Nothing,
        }
    }

    /// Of replies that an adapter's step has judged.
    pub fn of_step<S>(next: &Next<S>) -> Self {
        match next {
            Next::Fail(fault) => match fault.kind {
                FaultKind::InsurerError | FaultKind::NotUnderstood | FaultKind::CredentialsRefused => {
                    Word::Bad(fault.kind.into())
                }
                FaultKind::RegistryDown => Word::Answered,
            },
            Next::Call { .. } | Next::Wait { .. } | Next::Await { .. } | Next::Done | Next::Decline(_) => {
                Word::Good
            }
        }
    }
}
