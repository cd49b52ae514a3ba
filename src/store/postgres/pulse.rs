//! A replica's row: written at the start, raised once a second, marked at the end by itself or by its heir.
//!
//! Who marks another's row locks it against the look with which each of its writing transactions begins (`FOR UPDATE`
//! against `FOR KEY SHARE`), so it waits for the one that is under way, and the next one finds the mark. The beats of the row
//! itself wait for nobody but the one who marks it.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgConnection, postgres::PgConnectOptions};

use super::connect;
use crate::{
    cluster::{Heir, Inherited, Pulse, ReplicaId, ReplicaRow, Suspect},
    store::{
        StoreError,
        replicas::{self, ROW, RowColumns},
        sale_reads::{OPEN_SALES, late_payments},
        sql::{Connection, patiently, query, query_as},
    },
    telemetry,
};

/// How long the row of a replica that died in the middle of a commit is waited for; the next round tries again.
const LOCK: Duration = Duration::from_secs(2);

/// The row of this replica, over a connection of its own.
pub(super) struct PostgresPulse {
    pub(super) options: PgConnectOptions,
    pub(super) me: ReplicaId,
    pub(super) connection: Option<PgConnection>,
}

/// Takes work over, over connections of its own.
pub(super) struct PostgresHeir {
    pub(super) options: PgConnectOptions,
    pub(super) me: ReplicaId,
}

/// Writes the row of a replica that begins.
pub(super) async fn join(
    connection: &mut PgConnection,
    me: ReplicaId,
    address: &str,
) -> Result<(), StoreError> {
    query("INSERT INTO replica (id, address, since_ms, beat, chores, gone) VALUES ($1, $2, $3, 0, 0, 0)")
        .bind(me.to_string())
        .bind(address)
        .bind(telemetry::now().as_millisecond())
        .execute(&mut Connection::Postgres(connection))
        .await?;
    Ok(())
}

/// What a transaction that writes begins with; its number, and whether the replica is still there.
pub(super) fn fenced_beginning(me: ReplicaId) -> String {
    format!("BEGIN; SELECT pg_current_xact_id()::text, gone FROM replica WHERE id = '{me}' FOR KEY SHARE")
}

/// Marks the row of a replica that stops: its work is there for the taking.
pub(super) async fn leave(connection: &mut PgConnection, me: ReplicaId) -> Result<(), StoreError> {
    let now = telemetry::now().as_millisecond();
    let sql = format!(
        "BEGIN; SELECT 1 FROM replica WHERE id = '{me}' FOR UPDATE; \
         UPDATE replica SET gone = 1, chores = 0, gone_ms = {now} WHERE id = '{me}' AND gone = 0; COMMIT"
    );
    patiently(sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection)).await?;
    Ok(())
}

// === impl PostgresPulse ===

impl PostgresPulse {
    async fn connection(&mut self) -> Result<PgConnection, StoreError> {
        match self.connection.take() {
            Some(connection) => Ok(connection),
            None => Ok(connect(&self.options).await?),
        }
    }
}

// Where a future of these is dropped in the middle, the connection goes with it.
impl Pulse for PostgresPulse {
    async fn beat(&mut self, address: &str) -> Result<Vec<ReplicaRow>, StoreError> {
        let mut connection = self.connection().await?;
        let on = &mut Connection::Postgres(&mut connection);
        let sql = "UPDATE replica SET beat = beat + 1, address = $2 WHERE id = $1 AND gone = 0";
        let beaten = query(sql).bind(self.me.to_string()).bind(address).execute(on).await?;
        if beaten.rows_affected() == 0 {
            return Err(StoreError::Deposed);
        }
        let sql = format!("SELECT {ROW} FROM replica WHERE gone < 2");
        let rows: Vec<RowColumns> = query_as(AssertSqlSafe(sql)).fetch_all(on).await?;
        self.connection = Some(connection);
        rows.into_iter().map(replicas::row).collect()
    }

    async fn take_chores(&mut self) -> Result<bool, StoreError> {
        let mut connection = self.connection().await?;
        // Of two at once an index of the table lets one.
        let sql = "UPDATE replica SET chores = 1 WHERE id = $1 AND gone = 0 \
                   AND NOT EXISTS (SELECT 1 FROM replica WHERE chores = 1 AND gone = 0)";
        let taken =
            query(sql).bind(self.me.to_string()).execute(&mut Connection::Postgres(&mut connection)).await?;
        self.connection = Some(connection);
        Ok(taken.rows_affected() > 0)
    }
}

impl Heir for PostgresHeir {
    async fn take_over(&mut self, suspects: &[Suspect]) -> Result<Inherited, StoreError> {
        let mut connection = connect(&self.options).await?;
        take_over(&mut connection, self.me, suspects).await
    }
}

/// Takes over the work of those of `suspects` whose beat stands where it was seen, of all who have left, and what is
/// nobody's.
pub(super) async fn take_over(
    connection: &mut PgConnection,
    me: ReplicaId,
    suspects: &[Suspect],
) -> Result<Inherited, StoreError> {
    let sql = format!("{}; SET LOCAL lock_timeout = '{}ms'", fenced_beginning(me), LOCK.as_millis());
    let begun: Option<sqlx::postgres::PgRow> =
        patiently(sqlx::raw_sql(AssertSqlSafe(sql)).fetch_optional(&mut *connection)).await?;
    super::session::check_fence(begun.as_ref())?;
    let on = &mut Connection::Postgres(&mut *connection);
    let mut ids: Vec<String> = suspects.iter().map(|suspect| suspect.id.to_string()).collect();
    let sql = "SELECT id FROM replica WHERE gone = 1";
    let left: Vec<(String,)> = query_as(sql).fetch_all(&mut *on).await?;
    ids.extend(left.into_iter().map(|(id,)| id));
    // In one order by everybody.
    ids.sort_unstable();
    let mut inherited = Inherited::default();
    for id in ids {
        let sql = "SELECT beat, gone FROM replica WHERE id = $1 FOR UPDATE";
        let found: Option<(i64, i64)> = query_as(sql).bind(&id).fetch_optional(&mut *on).await?;
        let suspect = suspects.iter().find(|suspect| suspect.id.to_string() == id);
        let is_dead = |beat: i64| suspect.is_some_and(|suspect| suspect.beat == beat);
        if !found.is_some_and(|(beat, gone)| gone == 1 || (gone == 0 && is_dead(beat))) {
            continue;
        }
        query("UPDATE replica SET gone = 2, chores = 0, gone_ms = COALESCE(gone_ms, $2), heir = $3 WHERE id = $1")
            .bind(&id)
            .bind(telemetry::now().as_millisecond())
            .bind(me.to_string())
            .execute(&mut *on)
            .await?;
        inherited.replicas += 1;
    }
    inherited.calculations = adopt(on, me).await?;
    patiently(sqlx::raw_sql("COMMIT").execute(connection)).await?;
    Ok(inherited)
}

/// Makes unfinished calculations, and those with sales under way, whose owner is gone or nobody, those of `me`.
async fn adopt(on: &mut Connection<'_>, me: ReplicaId) -> Result<u64, StoreError> {
    let open = format!("(c.finished_ms IS NULL OR (c.account, c.request_id) IN ({OPEN_SALES}))");
    let late = late_payments().as_millisecond();
    // Who is gone stays so. Named by a statement of its own: one that waits for a row judges it anew by what it saw of
    // replicas when it began.
    let sql = format!(
        "SELECT DISTINCT c.owner FROM calculation c LEFT JOIN replica r ON r.id = c.owner \
         WHERE (r.id IS NULL OR r.gone <> 0) AND {open}"
    );
    let orphans: Vec<(Option<String>,)> = query_as(AssertSqlSafe(sql)).bind(late).fetch_all(&mut *on).await?;
    if orphans.is_empty() {
        return Ok(0);
    }
    let mut adopted = 0;
    for (owner,) in orphans {
        let whose = if owner.is_some() { "c.owner = $3" } else { "c.owner IS NULL AND $3 = ''" };
        let sql = format!("UPDATE calculation AS c SET owner = $2 WHERE {whose} AND {open}");
        let owner = owner.unwrap_or_default();
        let done = query(AssertSqlSafe(sql)).bind(late).bind(me.to_string()).bind(&owner).execute(&mut *on);
        adopted += done.await?.rows_affected();
    }
    Ok(adopted)
}
