//! The connection that writes.
//!
//! **When it breaks** before a commit was asked for, nothing is written, and the next commit makes a new connection. When
//! the answer to a commit is lost, the server may have done it all the same: the transaction's number is known, and
//! the server is asked what became of it as soon as it answers. Where it does not for some seconds, that counts as a
//! failure, and the rows that must not be lost are written once more, which changes nothing.

use std::time::Duration;

use sqlx::{Connection as _, PgConnection, Row, postgres::PgConnectOptions};
use tokio::time::Instant;

use super::{CONNECT, Use, connect, server};
use crate::{
    config::Synchronous,
    store::{
        StoreError,
        batch::{Batch, Outcome},
        sql::{Connection, PATIENCE, patiently},
    },
};

/// How often a batch is written again at once, after it gave way to another writer.
const CONFLICTS: u32 = 5;
/// How long a gateway that has just ended may hold the store.
const HANDOVER: Duration = Duration::from_secs(3);
/// Pauses before asking what became of a commit.
const FATE: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];
/// Half of the lock's key, the other half is the schema's: "veer".
const LOCK: i32 = 0x7665_6572;

/// The connection that writes, or the means to make one.
pub(in crate::store) struct PostgresSession {
    options: PgConnectOptions,
    synchronous: Synchronous,
    r#use: Use,
    connection: Option<PgConnection>,
    is_released: bool,
}

// === impl PostgresSession ===

impl PostgresSession {
    pub(super) async fn open(
        options: PgConnectOptions,
        synchronous: Synchronous,
        r#use: Use,
    ) -> Result<Self, StoreError> {
        let mut session = Self { options, synchronous, r#use, connection: None, is_released: false };
        let begun = Instant::now();
        session.connection = loop {
            match session.connect().await {
                Err(StoreError::Taken) if begun.elapsed() < HANDOVER => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                connected => break Some(connected?),
            }
        };
        Ok(session)
    }

    /// Writes the batch in one transaction.
    pub(in crate::store) async fn commit(&mut self, batch: &Batch) -> Result<Outcome, StoreError> {
        let mut conflicts = 0;
        loop {
            match self.try_commit(batch).await {
                Err(StoreError::Conflict) if conflicts < CONFLICTS => conflicts += 1,
                done => return done,
            }
        }
    }

    /// Whether the server answers.
    pub(in crate::store) async fn probe(&mut self) -> Result<(), StoreError> {
        if self.is_released {
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

    /// Lets go of the store.
    pub(in crate::store) async fn release(&mut self) {
        self.is_released = true;
        if let Some(connection) = self.connection.take() {
            // A server that does not hear of it finds out by itself.
            let _ = patiently(connection.close()).await;
        }
    }

    async fn try_commit(&mut self, batch: &Batch) -> Result<Outcome, StoreError> {
        if let Some(mut connection) = self.connection.take()
            && let Ok(number) = begin(&mut connection).await
        {
            return self.finish(connection, &number, batch).await;
        }
        // There is none, or it broke while nobody looked.
        let mut connection = self.connect().await?;
        let number = begin(&mut connection).await?;
        self.finish(connection, &number, batch).await
    }

    /// Writes the batch and ends the transaction that has begun.
    async fn finish(
        &mut self,
        mut connection: PgConnection,
        number: &str,
        batch: &Batch,
    ) -> Result<Outcome, StoreError> {
        let outcome = match batch.write(&mut Connection::Postgres(&mut connection)).await {
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

    async fn connect(&self) -> Result<PgConnection, StoreError> {
        let mut connection = connect(&self.options).await.map_err(server)?;
        prepare(&mut connection, self.synchronous, PATIENCE).await?;
        if self.r#use == Use::Alone {
            let sql = "SELECT pg_try_advisory_lock($1, hashtext(current_schema()))";
            let asked = sqlx::query(sql).bind(LOCK).fetch_one(&mut connection);
            if !patiently(asked).await.map_err(server)?.try_get::<bool, _>(0)? {
                return Err(StoreError::Taken);
            }
        }
        Ok(connection)
    }

    /// Whether a transaction whose end was not heard of was committed.
    async fn was_committed(&self, number: &str) -> bool {
        for pause in FATE {
            tokio::time::sleep(pause).await;
            // Without the lock, which the server may still hold for the connection that broke.
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

/// Sets a new connection up to write.
pub(super) async fn prepare(
    connection: &mut PgConnection,
    synchronous: Synchronous,
    patience: Duration,
) -> Result<(), StoreError> {
    let survives = match synchronous {
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
         set_config('idle_in_transaction_session_timeout', '30s', false), \
         set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false), \
         set_config('tcp_keepalives_count', '3', false)",
        patience.as_secs()
    );
    patiently(sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(connection)).await.map_err(server)?;
    Ok(())
}

/// Begins a transaction; its number.
async fn begin(connection: &mut PgConnection) -> Result<String, sqlx::Error> {
    let both = sqlx::raw_sql("BEGIN; SELECT pg_current_xact_id()::text");
    patiently(both.fetch_one(connection)).await?.try_get(0)
}
