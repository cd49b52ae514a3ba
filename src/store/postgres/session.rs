//! The connection that writes.
//!
//! **When it breaks** before a commit was asked for, nothing is written, and the next commit makes a new connection. When
//! the answer to a commit is lost, the server may have done it all the same: the transaction's number is known, and
//! the server is asked what became of it as soon as it answers. Where it does not for some seconds, that counts as a
//! failure, and the rows that must not be lost are written once more, which changes nothing.
//!
//! **The fence.** Each transaction begins with a look at the replica's own row, which nobody marks before the transaction is
//! over. Where another replica has marked it, nothing is written any more.

use std::time::Duration;

use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, Row,
    postgres::{PgConnectOptions, PgRow},
};

use super::{CONNECT, connect, pulse, server};
use crate::{
    cluster::ReplicaId,
    config::Synchronous,
    store::{
        StoreError,
        batch::{Batch, Outcome},
        sql::{Connection, PATIENCE, patiently},
    },
};

/// How often a batch is written again at once, after it gave way to another writer.
const CONFLICTS: u32 = 5;
/// Pauses before asking what became of a commit.
const FATE: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// The connection that writes, or the means to make one.
pub(in crate::store) struct PostgresSession {
    options: PgConnectOptions,
    synchronous: Synchronous,
    me: ReplicaId,
    connection: Option<PgConnection>,
    has_left: bool,
}

// === impl PostgresSession ===

impl PostgresSession {
    pub(super) async fn open(
        options: PgConnectOptions,
        synchronous: Synchronous,
        me: ReplicaId,
    ) -> Result<Self, StoreError> {
        let mut session = Self { options, synchronous, me, connection: None, has_left: false };
        session.connection = Some(session.connect().await?);
        Ok(session)
    }

    /// Writes the batch in one transaction.
    pub(in crate::store) async fn commit(&mut self, batch: &Batch) -> Result<Outcome, StoreError> {
        let mut conflicts = 0;
        if self.has_left {
            return Err(StoreError::Deposed);
        }
        loop {
            match self.try_commit(batch).await {
                Err(StoreError::Conflict) if conflicts < CONFLICTS => conflicts += 1,
                done => return done,
            }
        }
    }

    /// Whether the server answers.
    pub(in crate::store) async fn probe(&mut self) -> Result<(), StoreError> {
        if self.has_left {
            return Ok(());
        }
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let answer = tokio::time::timeout(CONNECT, connection.ping()).await;
        answer.unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut))?;
        self.connection = Some(connection);
        Ok(())
    }

    /// Leaves its work to other replicas; nothing can be written after it.
    pub(in crate::store) async fn release(&mut self) -> Result<(), StoreError> {
        if self.has_left {
            return Ok(());
        }
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        pulse::leave(&mut connection, self.me).await?;
        self.has_left = true;
        self.connection = Some(connection);
        self.close().await;
        Ok(())
    }

    /// Ends it. A replica that has not left counts as there until its lease is over.
    pub(in crate::store) async fn close(&mut self) {
        if let Some(connection) = self.connection.take() {
            // A server that does not hear of it finds out by itself.
            let _ = patiently(connection.close()).await;
        }
    }

    async fn try_commit(&mut self, batch: &Batch) -> Result<Outcome, StoreError> {
        if let Some(mut connection) = self.connection.take()
            && let Ok(begun) = self.begin(&mut connection).await
        {
            let number = check_fence(begun.as_ref())?;
            return self.finish(connection, &number, batch).await;
        }
        // There is none, or it broke while nobody looked.
        let mut connection = self.connect().await?;
        let begun = self.begin(&mut connection).await?;
        let number = check_fence(begun.as_ref())?;
        self.finish(connection, &number, batch).await
    }

    /// Writes the batch and ends the transaction that has begun.
    async fn finish(
        &mut self,
        mut connection: PgConnection,
        number: &str,
        batch: &Batch,
    ) -> Result<Outcome, StoreError> {
        let outcome = match batch.write(&mut Connection::Postgres(&mut connection), Some(self.me)).await {
            Ok(outcome) => outcome,
            Err(error) => {
                // One that cannot even undo it is broken, and goes.
                if patiently(sqlx::raw_sql("ROLLBACK").execute(&mut connection)).await.is_ok() {
                    self.connection = Some(connection);
                }
                return Err(error);
            }
        };
        match patiently(sqlx::raw_sql("COMMIT").execute(&mut connection)).await {
            Ok(_) => {
                self.connection = Some(connection);
                Ok(outcome)
            }
            Err(error) => {
                drop(connection);
                if self.was_committed(number).await { Ok(outcome) } else { Err(error.into()) }
            }
        }
    }

    async fn begin(&self, connection: &mut PgConnection) -> Result<Option<PgRow>, sqlx::Error> {
        let beginning = sqlx::raw_sql(AssertSqlSafe(pulse::fenced_beginning(self.me)));
        patiently(beginning.fetch_optional(connection)).await
    }

    async fn connect(&self) -> Result<PgConnection, StoreError> {
        let mut connection = connect(&self.options).await.map_err(server)?;
        let survives = match self.synchronous {
            // A server that is told to wait for more than its own disk goes on doing so.
            Synchronous::Full => {
                "CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' \
                 ELSE current_setting('synchronous_commit') END"
            }
            Synchronous::Normal => "'off'",
        };
        // What a gateway that vanished has under way must not hold up others for long.
        let sql = format!(
            "SELECT set_config('synchronous_commit', {survives}, false), \
             set_config('statement_timeout', '{}s', false), \
             set_config('idle_in_transaction_session_timeout', '10s', false), \
             set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false), \
             set_config('tcp_keepalives_count', '3', false)",
            PATIENCE.as_secs()
        );
        patiently(sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut connection)).await.map_err(server)?;
        Ok(connection)
    }

    /// Whether a transaction whose end was not heard of was committed.
    async fn was_committed(&self, number: &str) -> bool {
        for pause in FATE {
            tokio::time::sleep(pause).await;
            let Ok(mut connection) = connect(&self.options).await else { continue };
            let asked = sqlx::query("SELECT pg_xact_status($1::text::xid8)").bind(number);
            let Ok(row) = patiently(asked.fetch_one(&mut connection)).await else { continue };
            match row.try_get::<Option<String>, _>(0).ok().flatten().as_deref() {
                Some("committed") => return true,
                Some("in progress") => {}
                _ => return false,
            }
        }
        tracing::error!("what became of the last commit is not known; it counts as failed");
        false
    }
}

/// The number of a transaction that has begun with a look at the replica's row, unless that is marked or not there.
pub(super) fn check_fence(begun: Option<&PgRow>) -> Result<String, StoreError> {
    let Some(begun) = begun else { return Err(StoreError::Deposed) };
    let (number, gone): (String, i64) = (begun.try_get(0)?, begun.try_get(1)?);
    if gone == 0 { Ok(number) } else { Err(StoreError::Deposed) }
}
