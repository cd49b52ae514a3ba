//! Verdicts: why an insurer is, or is not, in the answer.
//!
//! Every insurer of every calculation ends with exactly one. The numbers are a closed list, never reused:
//! operators, metrics and reports rely on them.

use serde::{Serialize, Serializer};
use veer_contract::{DeclineKind, FaultKind};

macro_rules! verdicts {
    ($($name:ident = $code:literal $label:literal $doc:literal;)*) => {
        /// One insurer's end in one calculation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Verdict {
            $(#[doc = concat!($code, ": ", $doc)] $name = $code,)*
        }

        impl Verdict {
            /// Every verdict, by number.
            pub const ALL: &[Verdict] = &[$(Verdict::$name),*];

            /// The name in metrics and timelines.
            pub const fn label(self) -> &'static str {
                match self { $(Verdict::$name => $label,)* }
            }

            /// What happened, for people.
            pub const fn meaning(self) -> &'static str {
                match self { $(Verdict::$name => $doc,)* }
            }

            /// The verdict of that number.
            pub const fn from_code(code: u16) -> Option<Self> {
                match code { $($code => Some(Verdict::$name),)* _ => None }
            }
        }
    };
}

verdicts! {
    Offered = 0 "offered" "the insurer made an offer";
    Disabled = 100 "disabled" "the insurer is switched off";
    OutsideScope = 101 "outside_scope" "the insurer does not take this category, purpose or region";
    VehicleNotMapped = 102 "vehicle_not_mapped" "the vehicle has no code in the insurer's dictionary";
    NeedsField = 103 "needs_field" "the insurer needs a field that the request leaves out";
    Maintenance = 104 "maintenance" "the insurer is in its maintenance window or outside its working hours";
    NotChosen = 105 "not_chosen" "the insurer is asked in a share of all calculations, and not in this one";
    Declined = 200 "declined" "the insurer said no";
    RejectedData = 201 "rejected_data" "the insurer found the data wrong";
    AsksForMore = 202 "asks_for_more" "the insurer wants more than the partner API can carry";
    RegistryCheckFailed = 203 "registry_check_failed" "the registry did not confirm driver, vehicle or owner";
    Limit = 300 "limit" "the insurer's rate limit would have let the call go too late";
    Breaker = 301 "breaker" "the insurer's breaker is blocking";
    NoPermit = 302 "no_permit" "too many calls to the insurer were under way for too long";
    Shed = 303 "shed" "the gateway had no room for more work";
    Connect = 400 "connect" "the connection could not be made or broke before an answer";
    Tls = 401 "tls" "the connection's TLS could not be agreed on";
    FirstByte = 402 "first_byte" "the insurer did not begin to answer in time";
    TotalTime = 403 "total_time" "the insurer's answer was not complete in time";
    OutOfBudget = 404 "out_of_budget" "the calculation's time was over";
    ServerError = 405 "server_error" "the insurer answered that it is broken";
    TooManyRequests = 406 "too_many_requests" "the insurer answered that it is asked too often";
    CredentialsRefused = 407 "credentials_refused" "the insurer refused the gateway's credentials";
    ReplyTooLarge = 408 "reply_too_large" "the insurer's answer was larger than its lane allows";
    NotUnderstood = 500 "not_understood" "the insurer's answer was not what its protocol says";
    InvalidOffer = 501 "invalid_offer" "the insurer's offer failed validation";
    Panicked = 502 "panicked" "the insurer's adapter panicked or hung";
    NotRestorable = 503 "not_restorable" "the conversation could not be taken up after a restart";
    RegistryDown = 504 "registry_down" "the registry that the insurer asks is down";
}

// === impl Verdict ===

impl Verdict {
    /// Its number.
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// 1xx and 3xx: the insurer was not asked.
    pub const fn is_skip(self) -> bool {
        matches!(self.code() / 100, 1 | 3)
    }

    /// 2xx: the insurer said no.
    pub const fn is_decline(self) -> bool {
        self.code() / 100 == 2
    }

    /// 4xx and 5xx: something broke.
    pub const fn is_failure(self) -> bool {
        self.code() >= 400
    }
}

impl From<DeclineKind> for Verdict {
    fn from(kind: DeclineKind) -> Self {
        match kind {
            DeclineKind::OutsideScope => Verdict::OutsideScope,
            DeclineKind::VehicleNotMapped => Verdict::VehicleNotMapped,
            DeclineKind::NeedsField => Verdict::NeedsField,
            DeclineKind::Declined => Verdict::Declined,
            DeclineKind::RejectedData => Verdict::RejectedData,
            DeclineKind::AsksForMore => Verdict::AsksForMore,
            DeclineKind::RegistryCheckFailed => Verdict::RegistryCheckFailed,
        }
    }
}

impl From<FaultKind> for Verdict {
    fn from(kind: FaultKind) -> Self {
        match kind {
            FaultKind::InsurerError => Verdict::ServerError,
            FaultKind::CredentialsRefused => Verdict::CredentialsRefused,
            FaultKind::NotUnderstood => Verdict::NotUnderstood,
            FaultKind::RegistryDown => Verdict::RegistryDown,
        }
    }
}

/// `405 server_error`.
impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code(), self.label())
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_lead_back() {
        for verdict in Verdict::ALL {
            assert_eq!(Verdict::from_code(verdict.code()), Some(*verdict));
        }
        assert_eq!(Verdict::ALL.len(), 29);
    }
}
