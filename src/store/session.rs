//! The writer's way into the database.

use sqlx::SqlitePool;

#[cfg(test)]
use super::disk::Disk;
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
    /// What the simulation writes on.
    #[cfg(test)]
    Simulated(Disk),
}

// === impl Session ===

impl Session {
    /// Writes the batch in one transaction.
    pub(super) async fn commit(&mut self, batch: &Batch) -> Result<Outcome, StoreError> {
        match self {
            Session::Sqlite(pool) => {
                let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
                let outcome = batch.write(&mut Connection::Sqlite(&mut transaction)).await?;
                transaction.commit().await?;
                Ok(outcome)
            }
            Session::Postgres(session) => session.commit(batch).await,
            #[cfg(test)]
            Session::Simulated(disk) => disk.commit(batch).await,
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
            #[cfg(test)]
            Session::Simulated(_) => Ok(()),
        }
    }

    /// Lets another gateway have the store, as far as it is held here.
    pub(super) async fn release(&mut self) {
        if let Session::Postgres(session) = self {
            session.release().await;
        }
    }

    /// Ends it.
    pub(super) async fn close(self) {
        match self {
            Session::Sqlite(pool) => pool.close().await,
            Session::Postgres(mut session) => session.release().await,
            #[cfg(test)]
            Session::Simulated(_) => {}
        }
    }
}
