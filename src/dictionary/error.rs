//! Why the dictionary does not do what it is told.
//!
//! * [`DictionaryError::Problems`]: an operator's sheets are wrong. Every problem is told.
//! * [`DictionaryError::Refused`]: what is asked for cannot be; the text says why and what to do.
//! * [`DictionaryError::Unknown`]: there is nothing of that name, number or key.
//! * [`DictionaryError::Store`], [`DictionaryError::Unreadable`]: the gateway failed. Nothing was changed.

use super::{catalogue::SheetProblem, import::InsurerSheetProblems, packed::Unreadable};
use crate::store::StoreError;

/// Why the dictionary does not do what it is told. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DictionaryError {
    /// The store failed.
    #[error("the store: {0}")]
    Store(#[from] StoreError),
    /// What is kept is damaged.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Sheets of the catalogue are wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Problems(Vec<SheetProblem>),
    /// An insurer's dictionary is wrong.
    #[error(transparent)]
    Sheet(#[from] InsurerSheetProblems),
    /// It cannot be.
    #[error("{0}")]
    Refused(String),
    /// There is nothing like that.
    #[error("{0}")]
    Unknown(String),
    /// A file of the configuration cannot be read.
    #[error("{path}: {problem}")]
    File {
        /// Which file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The work was given up: the gateway is stopping.
    #[error("the gateway is stopping; nothing was changed")]
    Stopping,
}
