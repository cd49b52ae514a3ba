//! What is wrong with a configuration: everything at once, each with its place and what to do.

use std::{fmt, sync::Arc};

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a file; the line counts from 1 and is absent where the problem is something that is not there.
    File {
        /// The file as it was named to the gateway.
        name: Arc<str>,
        /// The line.
        line: Option<usize>,
    },
    /// In an environment variable of that name.
    Variable(String),
    /// In the manifest of that insurer's adapter.
    Manifest(String),
    /// In an insurer's spec: file, line and column.
    Spec(String),
}

/// One thing that is wrong. It never quotes a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// The key with its full path (`partner.accounts.demo.token`); empty where the file itself is at fault.
    pub key: String,
    /// The rule that is broken, and what to do.
    pub rule: String,
}

/// Everything that is wrong with a configuration, in the order of the file. Its `Display` is one line a
/// problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

// === impl Place ===

impl Place {
    /// Whether it is an environment variable.
    pub(super) fn is_variable(&self) -> bool {
        matches!(self, Place::Variable(_))
    }

    /// The same place without its line, for something that is not there.
    pub(super) fn without_line(&self) -> Self {
        match self {
            Place::File { name, .. } => Place::File { name: name.clone(), line: None },
            other => other.clone(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File { name, line: Some(line) } => write!(f, "{name}:{line}"),
            Place::File { name, line: None } => f.write_str(name),
            Place::Variable(name) => write!(f, "environment variable {name}"),
            Place::Manifest(code) => write!(f, "manifest of the adapter `{code}`"),
            Place::Spec(place) => f.write_str(place),
        }
    }
}

// === impl Problem ===

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.rule)
    }
}

// === impl Problems ===

impl Problems {
    pub(super) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        Self(problems)
    }

    /// Each of them, in the order of the file; the environment's come last.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// How many there are; at least one.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
