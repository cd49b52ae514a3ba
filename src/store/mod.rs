//! What must outlive the process: calculations, conversations, offers, sales, insurers' own calls, and what
//! operators changed.
//!
//! SQLite in WAL mode, embedded, or a PostgreSQL server; one SQL text for both (`sql`). All writes go through one task
//! that takes whatever has gathered and commits it together, one statement a table (`writer`, `batch`), because
//! a commit costs a flush of the disk however many rows it holds. Reads have connections of their own.
//!
//! Everything personal passes through [`Sealer`] on its way in and out.

mod batch;
mod calculation_reads;
mod day_counts;
mod dictionary_reads;
mod dictionary_rows;
mod dictionary_writes;
mod handle;
mod insurer_calls;
mod own_key;
mod postgres;
mod replicas;
mod rows;
mod sale_reads;
mod sale_rows;
mod sale_writes;
mod schema;
mod seal;
mod session;
mod specs;
mod sql;
mod sqlite;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod trial;
mod tuning;
mod writer;

pub use day_counts::{DayChange, DayCount};
pub use dictionary_rows::{DictionaryChange, ImportRow, InsurerVehicleRow, MappingRow, RowName, VersionRow};
pub use handle::Store;
pub use insurer_calls::InsurerCallRow;
pub use replicas::ReplicaSeen;
pub use rows::{
    CalculationRow, ConversationRow, FinishedRow, OfferRow, SaidRow, StoredCalculation, StoredOffer,
    StoredTimeline,
};
pub use sale_reads::{SaleCount, late_payments};
pub use sale_rows::{
    ConfirmationAttempt, ConfirmationState, DocumentKind, DocumentRow, NewConfirmation, OfferKey, PaymentRow,
    SaleChange, SaleConfirmation,
};
pub use seal::{SealError, Sealed, Sealer};
pub use specs::SpecRow;
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
    /// The server is not what it should be, or not there.
    #[error("store.url: {0}")]
    Server(String),
    /// Another replica has taken over the work of this one; nothing was written.
    #[error("another replica has taken over the work of this one")]
    Deposed,
    /// Another replica works on the calculation.
    #[error("the replica {id} works on this calculation")]
    Elsewhere {
        /// Which.
        id: ReplicaId,
        /// Where its partner API is reached, as `http://host:port`; empty while it does not listen yet.
        address: String,
    },
    /// Another writer was in the way; nothing was written.
    #[error("the database failed: another writer was in the way")]
    Conflict,
    /// A sealed value does not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The writer has stopped.
    #[error("the store is closed")]
    Closed,
}

use crate::cluster::ReplicaId;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        // Serialisation failure and deadlock.
        let code = error.as_database_error().and_then(|error| error.code());
        if matches!(code.as_deref(), Some("40001" | "40P01")) {
            return StoreError::Conflict;
        }
        // A database error names tables and columns, never values.
        StoreError::Database(error.to_string())
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        StoreError::Database(error.to_string())
    }
}
