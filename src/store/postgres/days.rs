//! Days on PostgreSQL: made ahead, and dropped when they are old.
//!
//! `calculation`, `conversation` and `offer` have a partition for each day of acceptance. A day is made two days ahead, at a
//! start and by the housekeeping. Where one is missing all the same, its rows go to the rest, and are moved into the day as
//! soon as it is made: nothing is refused. What is not over when its day is old (a calculation that runs, a sale in payment, a
//! confirmation that the partner has not taken) is moved to day 0, which is kept, and goes from there row by row
//! (`forgetting`).
//!
//! A day is first detached, which takes the locks of everybody for milliseconds, and dropped when it is nobody's any more:
//! files of gigabytes are not gone at once, and a server keeps the locks of a transaction until they are.
//!
//! Nothing here waits long for a lock, because whoever comes after a waiter waits as well: it gives up, and tries again a
//! moment later, for a while, and then with the next housekeeping. The wait is far below the server's
//! `deadlock_timeout`, so of two that wait for each other it is always this one that gives way. All of it goes over a
//! connection of its own, past the writer's batches, and does no harm when two gateways do it at once.

use std::time::Duration;

use jiff::{Timestamp, ToSpan, civil};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, postgres::PgConnectOptions};

use super::{connect, server};
use crate::store::{
    StoreError,
    days::{DAY_MS, day_of},
    forgetting::in_payment,
};

/// What is partitioned.
const TABLES: [&str; 3] = ["calculation", "conversation", "offer"];
/// Days that are made beside today's.
const AHEAD: i64 = 2;
/// How long others may be held up by a lock that is waited for here.
const WAIT: &str = "100ms";
/// Tries for one step, and between them.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(200);
/// Keys that are deleted at once.
const PORTION: i64 = 5_000;
/// Half of the lock's key under which a day is made, the other half is the schema's: "days".
const LOCK: i32 = 0x6461_7973;

/// Calculations whose day may be old, and who are not over, of day `$1`.
const OPEN: &str = concat!(
    "SELECT account, request_id FROM calculation WHERE day = $1 AND finished_ms IS NULL \
     UNION SELECT account, request_id FROM offer WHERE day = $1 AND status IN (",
    in_payment!(),
    ") UNION SELECT account, request_id FROM conversation WHERE day = $1 AND verdict IS NULL AND offer_id <> '' \
     UNION SELECT k.account, k.request_id FROM sale_confirmation s JOIN calculation_key k \
         ON k.account = s.account AND k.request_id = s.request_id WHERE s.state = 'waiting' AND k.day = $1"
);

/// Makes days and drops them.
#[derive(Debug, Clone)]
pub(in crate::store) struct PostgresDays {
    options: PgConnectOptions,
}

/// What is done whole, in a transaction.
#[derive(Debug, Clone, Copy)]
enum Step {
    Make(i64),
    Detach(i64),
}

// === impl PostgresDays ===

impl PostgresDays {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Self { options }
    }

    /// Makes the days that `now` and the next days need, and those of what went to the rest.
    pub(in crate::store) async fn make_ahead(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut connection = self.connect().await?;
        make_ahead(&mut connection, day_of(now)).await?;
        let _ = connection.close().await;
        Ok(())
    }

    /// Drops every day that lies before `before` as a whole, with all that hangs on its calculations; how many of
    /// them.
    pub(in crate::store) async fn forget(
        &self,
        now: Timestamp,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut connection = self.connect().await?;
        make_ahead(&mut connection, day_of(now)).await?;
        let first_kept = before.as_millisecond().div_euclid(DAY_MS);
        for day in made(&mut connection).await?.into_iter().filter(|day| *day < first_kept) {
            step(&mut connection, Step::Detach(day)).await?;
            drop_detached(&mut connection).await?;
            tracing::info!(day = %date(day), "a day of calculations was dropped");
        }
        let forgotten = forget_keys(&mut connection, first_kept).await?;
        let _ = connection.close().await;
        Ok(forgotten)
    }

    async fn connect(&self) -> Result<PgConnection, StoreError> {
        let mut connection = connect(&self.options).await.map_err(server)?;
        let sql = format!(
            "SELECT set_config('lock_timeout', '{WAIT}', false), set_config('statement_timeout', '600s', false), \
             set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false), \
             set_config('tcp_keepalives_count', '3', false)"
        );
        sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut connection).await?;
        Ok(connection)
    }
}

async fn make_ahead(connection: &mut PgConnection, today: i64) -> Result<(), StoreError> {
    // Those of a gateway that ended in the middle.
    drop_detached(connection).await?;
    let there = made(connection).await?;
    let mut missing = in_the_rest(connection).await?;
    missing.extend(today..=today + AHEAD);
    for day in missing.into_iter().filter(|day| !there.contains(day)) {
        step(connection, Step::Make(day)).await?;
    }
    Ok(())
}

/// The days that have partitions.
async fn made(connection: &mut PgConnection) -> Result<Vec<i64>, sqlx::Error> {
    let sql = "SELECT day FROM (SELECT substring(pg_get_expr(c.relpartbound, c.oid) from '-?[0-9]+')::bigint AS day \
         FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'calculation'::regclass) d \
         WHERE day <> 0 ORDER BY day";
    sqlx::query_scalar(sql).fetch_all(connection).await
}

/// The days of what has no partition.
async fn in_the_rest(connection: &mut PgConnection) -> Result<Vec<i64>, sqlx::Error> {
    let sql = "SELECT day FROM calculation_rest UNION SELECT day FROM conversation_rest UNION SELECT day FROM offer_rest";
    sqlx::query_scalar(sql).fetch_all(connection).await
}

/// Does one step whole, giving way to others.
async fn step(connection: &mut PgConnection, step: Step) -> Result<(), StoreError> {
    let mut tries = 0;
    loop {
        let mut transaction = connection.begin().await?;
        let done = match step {
            Step::Make(day) => make(&mut transaction, day).await,
            Step::Detach(day) => detach(&mut transaction, day).await,
        };
        let done = match done {
            Ok(()) => transaction.commit().await,
            Err(error) => transaction.rollback().await.and(Err(error)),
        };
        match done {
            Err(error) if tries < TRIES && gave_way(&error) => tries += 1,
            done => return Ok(done?),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Somebody else held a lock, or the same was done by somebody else meanwhile.
fn gave_way(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("55P03" | "40P01" | "40001"))
}

/// A table that is filled and then attached locks its parent for nobody who reads or writes.
async fn make(connection: &mut PgConnection, day: i64) -> Result<(), sqlx::Error> {
    let lock = sqlx::query("SELECT pg_advisory_xact_lock($1, hashtext(current_schema()))").bind(LOCK);
    lock.execute(&mut *connection).await?;
    if made(connection).await?.contains(&day) {
        return Ok(());
    }
    for table in TABLES {
        let name = format!("{table}_{}", date(day).strftime("%Y%m%d"));
        // Nothing may come to the rest between the move and the end.
        let sql = format!(
            "CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS); \
             LOCK TABLE {table}_rest IN ACCESS EXCLUSIVE MODE; \
             WITH moved AS (DELETE FROM {table}_rest WHERE day = {day} RETURNING *) INSERT INTO {name} SELECT * FROM moved; \
             ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES IN ({day})"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
    }
    Ok(())
}

/// What is not over goes to day 0, and the day is nobody's. Who writes reads `calculation_key` first, so nobody who found
/// a calculation on this day is still at it.
async fn detach(connection: &mut PgConnection, day: i64) -> Result<(), sqlx::Error> {
    let lock = "LOCK TABLE ONLY calculation_key, ONLY calculation, ONLY conversation, ONLY offer IN ACCESS EXCLUSIVE MODE";
    sqlx::query(lock).execute(&mut *connection).await?;
    let open: Vec<(String, String)> = sqlx::query_as(OPEN).bind(day).fetch_all(&mut *connection).await?;
    if !open.is_empty() {
        let (accounts, ids): (Vec<String>, Vec<String>) = open.into_iter().unzip();
        for table in TABLES.into_iter().chain(["calculation_key"]) {
            let sql = format!(
                "UPDATE {table} SET day = 0 WHERE day = $1 \
                 AND (account, request_id) IN (SELECT * FROM unnest($2::text[], $3::text[]))"
            );
            let moving = sqlx::query(AssertSqlSafe(sql)).bind(day).bind(&accounts).bind(&ids);
            moving.execute(&mut *connection).await?;
        }
    }
    for table in TABLES {
        let sql = "SELECT c.oid::regclass::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
             WHERE i.inhparent = $1::regclass \
             AND substring(pg_get_expr(c.relpartbound, c.oid) from '-?[0-9]+')::bigint = $2";
        let names: Vec<String> =
            sqlx::query_scalar(sql).bind(table).bind(day).fetch_all(&mut *connection).await?;
        for name in names {
            let sql = format!("ALTER TABLE {table} DETACH PARTITION {name}");
            sqlx::query(AssertSqlSafe(sql)).execute(&mut *connection).await?;
        }
    }
    Ok(())
}

/// Drops the days that were detached.
async fn drop_detached(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let sql = "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'r' AND NOT c.relispartition \
         AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'calculation'::regclass) \
         AND c.relname ~ '^(calculation|conversation|offer)_-?[0-9]{8,}$'";
    let names: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *connection).await?;
    for name in names {
        // Another gateway may do the same.
        let sql = format!("DROP TABLE IF EXISTS {name}");
        match sqlx::query(AssertSqlSafe(sql)).execute(&mut *connection).await {
            Err(error) if gave_way(&error) => {}
            dropped => {
                dropped?;
            }
        }
    }
    Ok(())
}

/// Forgets calculations of days that are gone, and what hangs on them; how many.
async fn forget_keys(connection: &mut PgConnection, first_kept: i64) -> Result<u64, StoreError> {
    let mut still_there = made(connection).await?;
    still_there.extend(in_the_rest(connection).await?);
    let sql = "WITH gone AS (DELETE FROM calculation_key WHERE (account, request_id) IN (\
             SELECT account, request_id FROM calculation_key WHERE day <> 0 AND day < $1 AND day <> ALL($2) LIMIT $3) \
             RETURNING account, request_id), \
         documents AS (DELETE FROM document d USING gone g WHERE d.account = g.account AND d.request_id = g.request_id), \
         payments AS (DELETE FROM payment p USING gone g WHERE p.account = g.account AND p.request_id = g.request_id) \
         SELECT COUNT(*) FROM gone";
    let mut all = 0;
    loop {
        let asked = sqlx::query_scalar(sql).bind(first_kept).bind(&still_there).bind(PORTION);
        let gone: i64 = asked.fetch_one(&mut *connection).await?;
        all += u64::try_from(gone).unwrap_or(0);
        if gone < PORTION {
            return Ok(all);
        }
    }
}

/// How a day is called.
fn date(day: i64) -> civil::Date {
    civil::date(1970, 1, 1).saturating_add(day.clamp(-4_000_000, 4_000_000).days())
}

#[cfg(test)]
mod tests;
