//! The writer's way into the database.

use sqlx::{Connection as _, SqliteConnection, SqlitePool};

use super::{
    StoreError,
    batch::{Batch, Outcome},
    postgres::PostgresSession,
    sql::Connection,
};

/// What commits.
pub(super) enum Session {
    /// One connection to the file.
    Sqlite(SqlitePool),
    /// One connection to the server, made again when it breaks.
    Postgres(Box<PostgresSession>),
}

// === impl Session ===

impl Session {
    /// Writes the batch in one transaction.
    pub(super) async fn commit(&mut self, batch: &Batch) -> Result<Outcome, StoreError> {
        match self {
            Session::Sqlite(pool) => {
                let mut connection = pool.acquire().await?;
                let outcome = commit_to_file(&mut connection, batch).await;
                if outcome.is_err() {
                    // Where the disk fails, SQLite rolls back by itself. The driver does not notice, fails to roll back what
                    // is not there, and would begin no transaction on this connection any more.
                    let _ = connection.close().await;
                }
                outcome
            }
            Session::Postgres(session) => session.commit(batch).await,
        }
    }

    /// Whether the database can be away while this process is well: then somebody must look, also when there is
    /// nothing to write.
    pub(super) fn is_remote(&self) -> bool {
        matches!(self, Session::Postgres(_))
    }

    /// Whether the database answers.
    pub(super) async fn probe(&mut self) -> Result<(), StoreError> {
        match self {
            Session::Sqlite(_) => Ok(()),
            Session::Postgres(session) => session.probe().await,
        }
    }

    /// Leaves its work to others, as far as there are any; nothing can be written after it.
    pub(super) async fn release(&mut self) -> Result<(), StoreError> {
        match self {
            Session::Sqlite(_) => Ok(()),
            Session::Postgres(session) => session.release().await,
        }
    }

    /// Ends it.
    pub(super) async fn close(self) {
        match self {
            Session::Sqlite(pool) => pool.close().await,
            Session::Postgres(mut session) => session.close().await,
        }
    }
}

async fn commit_to_file(connection: &mut SqliteConnection, batch: &Batch) -> Result<Outcome, StoreError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let outcome = batch.write(&mut Connection::Sqlite(&mut transaction), None).await?;
    transaction.commit().await?;
    Ok(outcome)
}
