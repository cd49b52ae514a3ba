//! What an insurer claims about itself, read from its `manifest.toml`.
//!
//! The types say what may stand there; who reads the file refuses unknown keys. Limits and timeouts are
//! defaults: an operator sets others per account.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Lane, OperationKind, Scope};

/// One insurer's manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this contract that the adapter is written for.
    pub contract: u32,
    /// The folder's name; also the insurer's name in configuration, metrics and timelines.
    pub code: String,
    /// The insurer's code at the partner, the `code` of an offer's `partner`. A source without quotes has
    /// none.
    #[serde(default)]
    pub partner_code: i64,
    /// The insurer's name as users see it; Russian.
    pub name: String,
    /// Address of the logo, where there is one.
    #[serde(default)]
    pub logo_url: Option<String>,
    /// How the wire is spoken, in a few words for people.
    pub protocol: String,
    /// The operations; held against the code at start.
    pub operations: Vec<OperationKind>,
    /// What the insurer takes; everything else is skipped without a call (verdict 101).
    #[serde(default)]
    pub scope: Scope,
    /// How vehicles are named.
    #[serde(default)]
    pub vehicles: VehicleNames,
    /// For insurers with sessions.
    #[serde(default)]
    pub session: Option<SessionLife>,
    /// For insurers that want bodies signed: how [`Auth::Signed`](crate::Auth::Signed) signs.
    #[serde(default)]
    pub signature: Option<Signature>,
    /// The insurer wants a client certificate in the TLS handshake: an account on https needs one.
    #[serde(default)]
    pub client_certificate: bool,
    /// Whether an operator may have one quote stand in several calculations of the same risk. False where a quote can
    /// be bought once only: where later operations name something that the quote made, and use it up.
    #[serde(default = "defaults::yes")]
    pub reuse: bool,
    /// Headers of replies that the adapter reads besides `content-type`, `location` and `retry-after`; in
    /// lower case.
    #[serde(default)]
    pub reply_headers: Vec<String>,
    /// For aggregators as an upstream: the insurers that its offers can be of, by the aggregator's codes.
    #[serde(default)]
    pub companies: BTreeMap<String, Company>,
    /// For insurers that call back: how they prove who they are.
    #[serde(default)]
    pub callback: Option<CallbackProof>,
    /// Default limits and timeouts, by lane. A lane that an operation uses must be there.
    pub lanes: BTreeMap<Lane, LaneDefaults>,
    /// What an operator may or must set for an account. Calls with HTTP Basic or Digest use the settings
    /// `user` and `password`.
    #[serde(default)]
    pub settings: BTreeMap<String, Setting>,
}

/// An insurer whose offers come through an aggregator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// Its name as users see it; Russian.
    pub name: String,
    /// Its code at the partner.
    pub partner_code: i64,
    /// Address of its logo, where there is one.
    #[serde(default)]
    pub logo_url: Option<String>,
}

/// How bodies are signed: HMAC-SHA256 of the body as it leaves, slots filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The header that it stands in, in lower case.
    pub header: String,
    /// The secret setting with the key.
    pub secret: String,
    /// How its bytes are written.
    #[serde(default)]
    pub encoding: SignatureEncoding,
}

/// How a signature's bytes are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureEncoding {
    /// Hexadecimal, lower case.
    #[default]
    Hex,
    /// Base64 with padding.
    Base64,
}

/// How an insurer names vehicles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VehicleNames {
    /// By brand and model in words. Until the insurer's dictionary is known the request's own words are
    /// sent; from then on a vehicle that is not in it is skipped (verdict 102).
    #[default]
    Names,
    /// By codes of its own: without a mapping the insurer is skipped (verdict 102).
    Codes,
}

/// How long a session lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionLife {
    /// Seconds from the login until the insurer forgets it.
    pub seconds: u64,
}

/// How an insurer that calls back proves who it is. The names are those of secret settings; while such a
/// setting is empty, the account takes no callbacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "proof", rename_all = "snake_case", deny_unknown_fields)]
pub enum CallbackProof {
    /// HMAC-SHA256 of the body as it came, in lower-case hexadecimal, stands in this header.
    HmacSha256 {
        /// The header, in lower case.
        header: String,
        /// The setting with the key.
        secret: String,
    },
    /// The secret itself stands in this field of the form body or of the query.
    Field {
        /// The field.
        name: String,
        /// The setting with its value.
        secret: String,
    },
    /// HTTP Basic.
    Basic {
        /// The setting with the user; need not be a secret.
        user: String,
        /// The setting with the password.
        secret: String,
    },
}

/// A lane's defaults. Durations are written as `5s`, `300ms`, `2m`; sizes as `512KiB`, `20MiB`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaneDefaults {
    /// Rate limits, all of which hold: `5/s`, `200/min burst 20`, `10000/day`. Empty: none.
    #[serde(default)]
    pub rate: Vec<String>,
    /// Calls under way at once.
    pub concurrent: u32,
    /// Until the connection stands.
    #[serde(default = "defaults::connect")]
    pub connect: String,
    /// Until the reply's first byte.
    pub first_byte: String,
    /// Until the reply's last byte.
    pub total: String,
    /// Decoded size of a reply.
    #[serde(default = "defaults::max_reply")]
    pub max_reply: String,
    /// A call is not started with less time than this.
    #[serde(default = "defaults::useful")]
    pub useful: String,
}

mod defaults {
    pub(super) fn yes() -> bool {
        true
    }
    pub(super) fn connect() -> String {
        "3s".into()
    }
    pub(super) fn max_reply() -> String {
        "1MiB".into()
    }
    pub(super) fn useful() -> String {
        "500ms".into()
    }
}

/// One setting of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// What it is, for the operator.
    pub doc: String,
    /// Secrets are never shown, and reach calls only by [slots](crate::slot).
    #[serde(default)]
    pub secret: bool,
    /// Its value where the operator sets none; without a default it must be set.
    #[serde(default)]
    pub default: Option<String>,
}

// === impl CallbackProof ===

impl CallbackProof {
    /// The secret setting that the proof stands on.
    pub fn secret(&self) -> &str {
        match self {
            CallbackProof::HmacSha256 { secret, .. }
            | CallbackProof::Field { secret, .. }
            | CallbackProof::Basic { secret, .. } => secret,
        }
    }
}
