//! What one knob says, in its layers.

use jiff::Timestamp;

use super::{revision::Who, value::Value};

/// A knob's layers, each over the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layers {
    /// What the configuration says.
    pub configured: Value,
    /// What was set.
    pub lasting: Option<Said>,
    /// What holds for a time.
    pub over: Option<(Said, Timestamp)>,
}

/// What a layer says, and how it came to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// As it was written.
    pub value: Value,
    /// Its revision.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who, why, through what.
    pub who: Who,
}

// === impl Layers ===

impl Layers {
    /// What the configuration alone says.
    pub fn new(configured: Value) -> Self {
        Self { configured, lasting: None, over: None }
    }

    /// What holds where nothing is overridden.
    pub fn beneath(&self) -> Value {
        match &self.lasting {
            Some(said) => said.value.over(&self.configured),
            None => self.configured.clone(),
        }
    }

    /// The override that holds at `now`, with its end.
    pub fn overridden(&self, now: Timestamp) -> Option<&(Said, Timestamp)> {
        self.over.as_ref().filter(|(_, until)| *until > now)
    }

    /// What holds at `now`.
    pub fn holds(&self, now: Timestamp) -> Value {
        match self.overridden(now) {
            Some((said, _)) => said.value.over(&self.beneath()),
            None => self.beneath(),
        }
    }

    /// What the override says, also where its time is over and nobody has written that down yet.
    pub fn said_over(&self) -> Option<Value> {
        self.over.as_ref().map(|(said, _)| said.value.over(&self.beneath()))
    }
}
