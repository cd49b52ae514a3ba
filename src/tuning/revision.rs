//! One change of one knob, as operators see it.

use jiff::Timestamp;
use serde::Serialize;

use crate::store::RevisionRow;

/// Who changes something, why, and through what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The operator's account, or what acts by itself.
    pub author: String,
    /// The reason.
    pub reason: String,
    /// Through what.
    pub through: Through,
}

/// Through what something was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// `veer limits`.
    Command,
    /// The operations port.
    Http,
    /// The watched file.
    File,
    /// Its time was over.
    Expiry,
}

/// Which layer a revision is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    /// What was set.
    Lasting,
    /// What holds for a time.
    Override,
}

/// One change of one knob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revision {
    /// Its number, from 1.
    pub revision: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub author: String,
    /// Why.
    pub reason: String,
    /// `command`, `http`, `file` or `expiry`.
    pub through: String,
    /// Whose.
    pub insurer: String,
    /// Of which lane.
    pub lane: Option<String>,
    /// Which knob.
    pub knob: String,
    /// `set`, `reset` (back to the configuration), `override` or `end` (of an override).
    pub what: &'static str,
    /// What its layer said before, as it held.
    pub from: String,
    /// What it says since.
    pub to: String,
    /// When an override ends.
    pub until: Option<Timestamp>,
}

// === impl Through ===

impl Through {
    /// The word in the store and in histories.
    pub const fn name(self) -> &'static str {
        match self {
            Through::Command => "command",
            Through::Http => "http",
            Through::File => "file",
            Through::Expiry => "expiry",
        }
    }
}

// === impl Layer ===

impl Layer {
    pub const fn name(self) -> &'static str {
        match self {
            Layer::Lasting => "lasting",
            Layer::Override => "override",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Layer::Lasting, Layer::Override].into_iter().find(|layer| layer.name() == text)
    }
}

// === impl Revision ===

impl From<RevisionRow> for Revision {
    fn from(row: RevisionRow) -> Self {
        let what = match (Layer::parse(&row.layer), &row.value) {
            (Some(Layer::Override), Some(_)) => "override",
            (Some(Layer::Override), None) => "end",
            (_, Some(_)) => "set",
            (_, None) => "reset",
        };
        Self {
            revision: row.number,
            at: row.at,
            author: row.author,
            reason: row.reason,
            through: row.through,
            insurer: row.insurer,
            lane: Some(row.lane).filter(|lane| !lane.is_empty()),
            knob: row.knob,
            what,
            from: row.from,
            to: row.to,
            until: row.until,
        }
    }
}
