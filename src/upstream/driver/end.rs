//! How a conversation ends, and the words for it.

use veer_contract::{Call, Decline};

use crate::upstream::{error::CallError, verdict::Verdict};

/// How a conversation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Everything has been emitted.
    Done,
    /// The insurer says no.
    Declined(Decline),
    /// It broke.
    Failed {
        /// As this.
        verdict: Verdict,
        /// For operators.
        detail: String,
    },
    /// The gateway is stopping; what was kept goes on after the restart.
    Parked,
}

/// The end of a conversation that was cut off between an application and its reply.
pub(super) fn lost() -> End {
    let detail = "the gateway stopped while an application was on its way; the insurer may have it, so it is not \
                  sent again";
    End::Failed { verdict: Verdict::NotRestorable, detail: detail.to_owned() }
}

pub(super) fn lost_call(call: &Call, error: &CallError) -> End {
    End::Failed { verdict: error.verdict(), detail: format!("{}: {error}", call.tag) }
}

pub(super) fn failed(verdict: Verdict, error: &dyn std::error::Error) -> End {
    End::Failed { verdict, detail: error.to_string() }
}
