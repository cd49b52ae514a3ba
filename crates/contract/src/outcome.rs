//! The two ways to end without an offer.
//!
//! *Use [`Decline`]* when the insurer (or the facts of the request) says no: it worked as it should. It
//! is published to the partner with its message and never touches breakers, budgets or alerts.
//! *Use [`Fault`]* when the conversation broke: somebody may have to look. Its detail is for operators,
//! is logged, and must hold no personal data.

use serde::{Deserialize, Serialize};

/// The insurer says no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decline {
    /// What kind of no.
    pub kind: DeclineKind,
    /// The insurer's own words where it gave any, for the user; Russian.
    pub message: String,
}

/// The kinds of no, with the number of the verdict that each becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclineKind {
    /// 101: the insurer does not take this category, purpose or region.
    OutsideScope,
    /// 102: the insurer's dictionary does not have the vehicle.
    VehicleNotMapped,
    /// 103: the insurer needs a field that the request leaves out.
    NeedsField,
    /// 200: a plain no.
    Declined,
    /// 201: the insurer finds the data wrong.
    RejectedData,
    /// 202: the insurer wants more than the partner API can carry (an SMS code, an underwriter).
    AsksForMore,
    /// 203: the registry (РСА, НСИС) did not confirm driver, vehicle or owner.
    RegistryCheckFailed,
}

/// The conversation broke.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What kind of fault.
    pub kind: FaultKind,
    /// What happened, for operators: no personal data, no secrets.
    pub detail: String,
}

/// The kinds of fault that an adapter can see; transport faults are the host's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// 405: the insurer says that it is broken.
    InsurerError,
    /// 407: the insurer refuses the gateway's credentials.
    CredentialsRefused,
    /// 500: the reply is not what the protocol says.
    NotUnderstood,
    /// 504: the registry that the insurer asks is down.
    RegistryDown,
}

impl Decline {
    /// A plain no in the insurer's words.
    pub fn declined(message: impl Into<String>) -> Self {
        Self::new(DeclineKind::Declined, message)
    }

    /// A no of that kind.
    pub fn new(kind: DeclineKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// The insurer cannot be asked without `field`, named by its path in the partner API.
    pub fn needs_field(field: &str) -> Self {
        Self::new(DeclineKind::NeedsField, format!("Страховщику нужно поле {field}"))
    }
}

impl Fault {
    /// A fault of that kind.
    pub fn new(kind: FaultKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// The reply is not what the protocol says.
    pub fn not_understood(detail: impl Into<String>) -> Self {
        Self::new(FaultKind::NotUnderstood, detail)
    }
}
