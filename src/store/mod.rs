//! What must outlive the process: calculations, conversations, offers, sales, insurers' own calls, and what
//! operators changed.
//!
//! SQLite in WAL mode, embedded. All writes go through one task that takes whatever has gathered and
//! commits it together, one statement a table (`writer`, `batch`), because a commit costs a flush of the disk
//! however many rows it holds. Reads have connections of their own.
//!
//! Everything personal passes through [`Sealer`] on its way in and out.

mod batch;
mod day_counts;
mod dictionary_reads;
mod dictionary_rows;
mod dictionary_writes;
mod insurer_calls;
mod rows;
mod sale_reads;
mod sale_rows;
mod sale_writes;
mod schema;
mod seal;
mod specs;
mod sqlite;
#[cfg(test)]
mod tests;
mod tuning;
mod writer;

pub use day_counts::{DayChange, DayCount};
pub use dictionary_rows::{DictionaryChange, ImportRow, InsurerVehicleRow, MappingRow, RowName, VersionRow};
pub use insurer_calls::InsurerCallRow;
pub use rows::{
    CalculationRow, ConversationRow, FinishedRow, OfferRow, SaidRow, StoredCalculation, StoredOffer,
    StoredTimeline,
};
pub use sale_reads::SaleCount;
pub use sale_rows::{
    ConfirmationAttempt, ConfirmationState, DocumentKind, DocumentRow, NewConfirmation, OfferKey, PaymentRow,
    SaleChange, SaleConfirmation,
};
pub use seal::{SealError, Sealed, Sealer};
pub use specs::SpecRow;
pub use sqlite::Store;
pub use tuning::{FileLineRow, RevisionRow, RevisionsOf, TuningChange};
pub use writer::Inserted;

/// What went wrong in the store. No row's content is ever part of it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database refused.
    #[error("the database failed: {0}")]
    Database(String),
    /// The file is not where or what it should be.
    #[error("{path}: {problem}")]
    File {
        /// Which file.
        path: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A sealed value does not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The writer has stopped.
    #[error("the store is closed")]
    Closed,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        // A database error names tables and columns, never values.
        StoreError::Database(error.to_string())
    }
}
