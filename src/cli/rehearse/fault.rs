//! What a check says.

use std::fmt;

/// One thing that is not as the contract has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The field's path, as `upsales[0].options[1].price`; none where the whole answer is meant.
    pub field: Option<String>,
    /// What is wrong with it.
    pub reason: String,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// As it must be; what there is to tell of it.
    Pass(Option<String>),
    /// Not as it must be; never empty.
    Fail(Vec<Fault>),
    /// There was nothing to check, and why.
    Skip(String),
}

// === impl Fault ===

impl Fault {
    /// The whole answer is wrong.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { field: None, reason: reason.into() }
    }

    /// A field is wrong.
    pub fn of(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: Some(field.into()), reason: reason.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{field}: {}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

// === impl Verdict ===

impl Verdict {
    /// It passed, and this is worth telling.
    pub fn told(note: impl Into<String>) -> Self {
        Self::Pass(Some(note.into()))
    }

    /// It failed for one reason.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::Fail(vec![Fault::new(reason)])
    }

    /// The same with a word for the case that it passes.
    pub fn and_tell(self, note: impl FnOnce() -> String) -> Self {
        match self {
            Self::Pass(None) => Self::Pass(Some(note())),
            other => other,
        }
    }

    /// Whether it passed.
    pub fn is_pass(&self) -> bool {
        matches!(self, Self::Pass(_))
    }
}

impl From<Vec<Fault>> for Verdict {
    fn from(faults: Vec<Fault>) -> Self {
        if faults.is_empty() { Self::Pass(None) } else { Self::Fail(faults) }
    }
}
