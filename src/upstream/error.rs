//! Why a call brought no reply.
//!
//! Every way out of a call is here, and each is one verdict. The texts are for operators: they say what
//! happened, whose limit or rule it was, and hold no personal data, no secret and no address with a
//! query.

use std::time::Duration;

use veer_contract::slot::UnknownSlot;

use super::{
    breaker::Blocked,
    isolate::StepLost,
    limit::{TooLate, permits::NoPermit},
    session::NoSession,
    verdict::Verdict,
};

/// Why a call brought no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The rate limit.
    #[error(transparent)]
    Limit(#[from] TooLate),
    /// The concurrency limit.
    #[error(transparent)]
    Permit(#[from] NoPermit),
    /// The lane's breaker. Nothing was sent.
    #[error(transparent)]
    Breaker(#[from] Blocked),
    /// The calculation's time.
    #[error("the calculation's time was over before {0}")]
    OutOfBudget(&'static str),
    /// No session could be had.
    #[error("no session: {0}")]
    Session(#[from] Box<NoSession>),
    /// Nothing was sent.
    #[error("the connection could not be made: {0}")]
    Connect(String),
    /// The connection broke before the reply was complete.
    #[error("the connection broke before an answer: {0}")]
    Broken(String),
    /// TLS. Nothing was sent.
    #[error("TLS could not be agreed on: {0}")]
    Tls(String),
    /// Nothing came.
    #[error("no first byte within {} ms, the lane's limit", .0.as_millis())]
    FirstByte(Duration),
    /// Not everything came.
    #[error("the answer was not complete within {} ms, the lane's limit", .0.as_millis())]
    Total(Duration),
    /// Too much came.
    #[error("the answer is larger than {0} bytes, the lane's limit")]
    TooLarge(usize),
    /// 5xx.
    #[error("status {0}")]
    ServerError(u16),
    /// 429.
    #[error("status 429; the lane is closed for {} ms", .0.as_millis())]
    TooManyRequests(Duration),
    /// 401 or 403, or the insurer's own word for it.
    #[error("the credentials were refused ({0}); check the insurer's settings")]
    Credentials(String),
    /// A status that the adapter does not accept.
    #[error("status {0}, which the adapter does not expect")]
    Status(u16),
    /// The answer broke off.
    #[error("the answer broke off: {0}")]
    Truncated(String),
    /// The gateway stops; the call has not left.
    #[error("the gateway is stopping")]
    Stopping,
    /// This replica has not beaten for its lease: another may have taken over, and may be sending this very call.
    #[error(
        "this replica is cut off from the store, and another may have taken over its work; nothing was sent"
    )]
    CutOff,
    /// The call names a path, header or slot that it must not.
    #[error("the adapter's call cannot be sent: {0}")]
    Unsendable(String),
    /// The adapter panicked or hung over the reply.
    #[error(transparent)]
    Adapter(#[from] StepLost),
    /// It could not be written down that an application leaves, so it was not sent.
    #[error("the store did not take the note that an application leaves: {0}")]
    Unwritten(String),
}

// === impl CallError ===

impl CallError {
    /// The verdict that an insurer gets for it.
    pub fn verdict(&self) -> Verdict {
        match self {
            CallError::Limit(_) => Verdict::Limit,
            CallError::Permit(_) => Verdict::NoPermit,
            CallError::Breaker(_) => Verdict::Breaker,
            CallError::OutOfBudget(_) => Verdict::OutOfBudget,
            CallError::Session(no_session) => no_session.verdict,
            CallError::Connect(_) | CallError::Broken(_) => Verdict::Connect,
            CallError::Tls(_) => Verdict::Tls,
            CallError::FirstByte(_) => Verdict::FirstByte,
            CallError::Total(_) => Verdict::TotalTime,
            CallError::TooLarge(_) => Verdict::ReplyTooLarge,
            CallError::ServerError(_) => Verdict::ServerError,
            CallError::TooManyRequests(_) => Verdict::TooManyRequests,
            CallError::Credentials(_) => Verdict::CredentialsRefused,
            CallError::Status(_) | CallError::Truncated(_) | CallError::Unsendable(_) => {
                Verdict::NotUnderstood
            }
            CallError::Adapter(_) => Verdict::Panicked,
            CallError::Unwritten(_) | CallError::Stopping | CallError::CutOff => Verdict::Shed,
        }
    }

    /// Whether the host knows that the insurer got nothing: then even a call that creates may go again.
    pub const fn nothing_was_sent(&self) -> bool {
        matches!(self, CallError::Connect(_) | CallError::Tls(_))
    }

    /// Whether the insurer got nothing or said that it carried nothing out.
    pub const fn made_nothing(&self) -> bool {
        match self {
            // 408 and 409 leave it open: it came late, or is there already.
            CallError::Status(408 | 409) => false,
            CallError::Status(status) => *status >= 400 && *status < 500,
            CallError::TooManyRequests(_) | CallError::Credentials(_) => true,
            _ => self.nothing_was_sent(),
        }
    }

    /// Whether the insurer may have carried the call out although no answer says so.
    pub const fn reply_is_lost(&self) -> bool {
        matches!(
            self,
            CallError::Broken(_)
                | CallError::FirstByte(_)
                | CallError::Total(_)
                | CallError::TooLarge(_)
                | CallError::Truncated(_)
                | CallError::ServerError(_)
                | CallError::Status(408 | 409)
        )
    }

    /// Whether another try of a call that may be repeated could do better. A slow insurer is not asked
    /// again: it would only be slower.
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            CallError::Connect(_)
                | CallError::Broken(_)
                | CallError::ServerError(_)
                | CallError::TooManyRequests(_)
                | CallError::Truncated(_)
        )
    }

    /// Whether a breaker held the call back, or the login that it needs.
    pub fn is_blocked(&self) -> bool {
        self.verdict() == Verdict::Breaker
    }
}

impl From<UnknownSlot> for CallError {
    fn from(slot: UnknownSlot) -> Self {
        CallError::Unsendable(slot.to_string())
    }
}

/// The closed list of what can become of a call that was sent, for metrics and timelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the error of the same name")]
pub enum Outcome {
    Ok,
    Connect,
    Broken,
    Tls,
    FirstByte,
    Total,
    TooLarge,
    ServerError,
    TooManyRequests,
    Credentials,
    SessionExpired,
    Challenged,
    Status,
    Truncated,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Outcome; 14] = [
        Outcome::Ok,
        Outcome::Connect,
        Outcome::Broken,
        Outcome::Tls,
        Outcome::FirstByte,
        Outcome::Total,
        Outcome::TooLarge,
        Outcome::ServerError,
        Outcome::TooManyRequests,
        Outcome::Credentials,
        Outcome::SessionExpired,
        Outcome::Challenged,
        Outcome::Status,
        Outcome::Truncated,
    ];

    /// The label.
    pub const fn label(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Connect => "connect",
            Outcome::Broken => "broken",
            Outcome::Tls => "tls",
            Outcome::FirstByte => "first_byte",
            Outcome::Total => "total",
            Outcome::TooLarge => "too_large",
            Outcome::ServerError => "server_error",
            Outcome::TooManyRequests => "too_many_requests",
            Outcome::Credentials => "credentials",
            Outcome::SessionExpired => "session_expired",
            Outcome::Challenged => "challenged",
            Outcome::Status => "status",
            Outcome::Truncated => "truncated",
        }
    }

    /// What became of a sent call that failed with `error`; `None` where it was never sent.
    pub const fn of(error: &CallError) -> Option<Self> {
        Some(match error {
            CallError::Connect(_) => Outcome::Connect,
            CallError::Broken(_) => Outcome::Broken,
            CallError::Tls(_) => Outcome::Tls,
            CallError::FirstByte(_) => Outcome::FirstByte,
            CallError::Total(_) | CallError::OutOfBudget(_) => Outcome::Total,
            CallError::TooLarge(_) => Outcome::TooLarge,
            CallError::ServerError(_) => Outcome::ServerError,
            CallError::TooManyRequests(_) => Outcome::TooManyRequests,
            CallError::Credentials(_) => Outcome::Credentials,
            CallError::Status(_) => Outcome::Status,
            CallError::Truncated(_) => Outcome::Truncated,
            CallError::Adapter(_) => Outcome::Ok,
            CallError::Limit(_)
            | CallError::Permit(_)
            | CallError::Breaker(_)
            | CallError::Session(_)
            | CallError::Unsendable(_)
            | CallError::Stopping
            | CallError::CutOff
            | CallError::Unwritten(_) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_indexed_by_their_order() {
        for (index, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome as usize, index);
        }
    }
}
