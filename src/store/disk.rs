//! What the simulation writes on: SQLite in memory, which outlives the gateways of a run, and can fail.
//!
//! The statements are the real ones, carried out at once on the thread of the run: the library's own thread answers
//! while ours waits, so no simulated time passes and nothing else happens meanwhile. What time a commit takes, and
//! whether it succeeds, is the simulation's to say.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    StoreError,
    batch::{Batch, Outcome},
    handle::Opened,
    schema::{self, Dialect},
    session::Session,
    sql::{Connection, Reader},
};
use crate::simulation::stage;

/// A disk. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Disk(Arc<Mutex<SqliteConnection>>);

/// What becomes of one commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fate {
    /// How long it takes until it is durable, or has failed.
    pub before: Duration,
    /// Whether it is.
    pub is_written: bool,
    /// How long it takes from there until whoever commits is told.
    pub after: Duration,
    /// What is told.
    pub is_told: bool,
}

// === impl Disk ===

impl Disk {
    /// An empty one, with its tables.
    pub(crate) fn new() -> Self {
        let made = now(async {
            let mut connection =
                SqliteConnection::connect_with(&SqliteConnectOptions::new().in_memory(true)).await?;
            schema::migrations(Dialect::Sqlite).run(&mut connection).await?;
            Ok::<_, StoreError>(connection)
        });
        Self(Arc::new(Mutex::new(made.unwrap())))
    }

    /// Nothing was ever written on it.
    pub(crate) fn wipe(&self) {
        self.at_once(async |connection| {
            let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' \
                          AND name NOT LIKE 'sqlite%'";
            let names: Vec<(String,)> = sqlx::query_as(tables).fetch_all(&mut *connection).await.unwrap();
            for (name,) in names {
                sqlx::query(AssertSqlSafe(format!("DELETE FROM {name}"))).execute(&mut *connection).await.unwrap();
            }
        });
    }

    /// As the store holds it.
    pub(super) fn opened(&self) -> Opened {
        let (session, reader) = (Session::Simulated(self.clone()), Reader::Simulated(self.clone()));
        Opened { lock: None, session, reader, link_key: [7; 32] }
    }

    /// Writes the batch in one transaction, unless it is not to be.
    pub(super) async fn commit(&self, batch: &Batch) -> Result<Outcome, StoreError> {
        let fate = stage::with(|stage| stage.fate()).unwrap();
        tokio::time::sleep(fate.before).await;
        let refused = || Err(StoreError::Database("the simulated disk fails".into()));
        if !fate.is_written {
            return refused();
        }
        let written = self.at_once(async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let outcome = batch.write(&mut Connection::Sqlite(&mut transaction)).await?;
            transaction.commit().await?;
            Ok(outcome)
        });
        stage::with(|stage| stage.committed(written.is_ok()));
        tokio::time::sleep(fate.after).await;
        if fate.is_told { written } else { refused() }
    }

    /// Does `work` before anything else happens.
    pub(super) fn at_once<T>(&self, work: impl AsyncFnOnce(&mut SqliteConnection) -> T) -> T {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        now(work(&mut connection))
    }
}

/// Without a share in the runtime's patience: a task that has had its part would else wait for a turn that never comes.
fn now<T>(work: impl Future<Output = T>) -> T {
    futures::executor::block_on(tokio::task::unconstrained(work))
}
