//! Personal data.

use serde::{Deserialize, Serialize};

/// A value that says something about a person. Its `Debug` shows nothing and it has no `Display`, so it
/// cannot reach a log by accident; [`Personal::reveal`] is greppable.
///
/// It is serialised as it is: a state or a request that is kept goes through the store's one sealing
/// function.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Marks a value as personal.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for building a call or an answer.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// Changes the value without showing it.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Personal<U> {
        Personal(change(self.0))
    }
}

impl Personal<String> {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T> std::fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl From<&str> for Personal<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Personal::new("Иванов")), "…");
    }
}
