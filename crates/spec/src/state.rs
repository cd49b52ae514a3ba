//! What is kept of a conversation between two steps.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use veer_contract::{DeclineKind, FaultKind};

/// The state of one operation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    /// The step that is under way.
    pub(crate) at: usize,
    pub(crate) phase: Phase,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) ids: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) taken: BTreeMap<String, Json>,
    /// Something was published.
    #[serde(default)]
    pub(crate) gave: bool,
    /// Inside a block of steps with `each`: each member's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) members: Option<BTreeMap<String, Member>>,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    /// It has not begun.
    #[default]
    Fresh,
    /// It waits before its call.
    Waiting,
    /// Its call is under way.
    Asked,
}

/// The way of one company, or of one item of a list, through its steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) at: usize,
    pub(crate) phase: MemberPhase,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) taken: BTreeMap<String, Json>,
}

/// How far a member is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MemberPhase {
    /// Its step has not begun.
    Fresh,
    /// It waits for so many milliseconds before its call.
    Waiting(u64),
    /// The wait is over.
    Woken,
    /// Its call is under way.
    Asked,
    /// It has given an offer, or gave none in a way that needs no words.
    Finished,
    /// It says no.
    Declined(DeclineKind, String),
    /// It broke.
    Failed(FaultKind, String),
}
