//! The rows in which replicas share their rate limits: one a lane, of bytes that the store does not read.
//!
//! They have a connection of their own, so that a call never waits behind a big commit. A visit locks its rows in the
//! order of their keys, asks for the database's time, has them served and writes them, in one transaction. It has a bound
//! of [`VISIT`]: a row that is held by somebody who vanished must not hold up all lanes for long.

use std::{fmt, sync::Arc, time::Duration};

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use tokio::{sync::Mutex, time::Instant};

use super::{
    Store, StoreError, postgres,
    sql::{Connection, QueryBuilder, Reader, query_as},
};

/// How long a visit may take.
const VISIT: Duration = Duration::from_secs(2);

/// Whose row it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneKey {
    /// The account's name in the configuration.
    pub insurer: String,
    /// The lane.
    pub lane: &'static str,
}

/// When rows were read.
#[derive(Debug, Clone, Copy)]
pub struct LaneStamp {
    /// Before the database was asked for its time.
    pub sent: Instant,
    /// After it had answered.
    pub received: Instant,
    /// The database's time: microseconds since 1970.
    pub micros: i64,
}

/// The rows. Cheap to clone.
#[derive(Clone)]
pub struct LaneRows {
    options: Arc<PgConnectOptions>,
    connection: Arc<Mutex<Option<PgConnection>>>,
}

// === impl Store ===

impl Store {
    /// The rows that replicas share; none where one gateway has the store for itself.
    pub fn lane_rows(&self) -> Option<LaneRows> {
        match self.reader() {
            Reader::Sqlite(_) => None,
            #[cfg(test)]
            Reader::Simulated(_) => None,
            Reader::Postgres(pool) => {
                Some(LaneRows { options: pool.connect_options(), connection: Arc::default() })
            }
        }
    }
}

// === impl LaneRows ===

impl LaneRows {
    /// Has `serve` change the rows of `keys`, which are in their order and each there once. It gets what was written
    /// last, or none of a lane that is new, and says what is written. After an error it is not known whether it was.
    pub async fn change<T>(
        &self,
        keys: &[LaneKey],
        serve: impl FnOnce(LaneStamp, Vec<Option<Vec<u8>>>) -> Result<(Vec<Vec<u8>>, T), StoreError>,
    ) -> Result<T, StoreError> {
        self.bounded(async |connection| {
            sqlx::raw_sql("BEGIN").execute(&mut *connection).await?;
            let rows = locked(connection, keys).await?;
            let stamp = time(connection).await?;
            let (written, served) = serve(stamp, rows)?;
            write(connection, keys, &written).await?;
            sqlx::raw_sql("COMMIT").execute(&mut *connection).await?;
            Ok(served)
        })
        .await
    }

    /// Whether the rows can be reached.
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.bounded(async |connection| Ok(connection.ping().await?)).await
    }

    /// One visit at a time. A connection on which something went wrong is not used again.
    async fn bounded<T>(
        &self,
        visit: impl AsyncFnOnce(&mut PgConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let visiting = async {
            let mut place = self.connection.lock().await;
            let mut connection = match place.take() {
                Some(connection) => connection,
                None => postgres::connect_for_limits(&self.options).await?,
            };
            let done = visit(&mut connection).await?;
            *place = Some(connection);
            Ok(done)
        };
        let silent = || StoreError::Database(format!("the server did not answer within {VISIT:?}"));
        tokio::time::timeout(VISIT, visiting).await.unwrap_or_else(|_| Err(silent()))
    }
}

// === impl LaneKey ===

impl fmt::Display for LaneKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.insurer, self.lane)
    }
}

/// An address has a password in it.
impl fmt::Debug for LaneRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LaneRows")
    }
}

/// Locks the rows; those that are not there are made.
async fn locked(connection: &mut PgConnection, keys: &[LaneKey]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
    let mut found = lock(connection, keys).await?;
    if found.len() < keys.len() {
        let mut insert = QueryBuilder::new("INSERT INTO lane_window (insurer, lane, state) ");
        insert.push_values(keys, |mut row, key| {
            row.push_bind(&key.insurer).push_bind(key.lane).push_bind(&[] as &[u8]);
        });
        insert.push(" ON CONFLICT DO NOTHING");
        insert.build().execute(&mut Connection::Postgres(connection)).await?;
        found = lock(connection, keys).await?;
    }
    let mut rows = Vec::new();
    for key in keys {
        let index = found.iter().position(|(insurer, lane, _)| *insurer == key.insurer && *lane == key.lane);
        let state = index.map(|index| found.swap_remove(index).2);
        rows.push(state.filter(|state| !state.is_empty()));
    }
    Ok(rows)
}

async fn lock(
    connection: &mut PgConnection,
    keys: &[LaneKey],
) -> Result<Vec<(String, String, Vec<u8>)>, StoreError> {
    let mut select =
        QueryBuilder::new("SELECT insurer, lane, state FROM lane_window WHERE (insurer, lane) IN (");
    select.push_values(keys, |mut row, key| {
        row.push_bind(&key.insurer).push_bind(key.lane);
    });
    // By the bytes of the key, which is the order of the keys.
    select.push(") ORDER BY insurer COLLATE \"C\", lane COLLATE \"C\" FOR UPDATE");
    Ok(select.build_query_as().fetch_all(&mut Connection::Postgres(connection)).await?)
}

/// The time now, not that of the transaction's beginning: its locks were waited for.
async fn time(connection: &mut PgConnection) -> Result<LaneStamp, StoreError> {
    let sent = Instant::now();
    let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
    let (micros,) = query_as::<(i64,)>(sql).fetch_one(&mut Connection::Postgres(connection)).await?;
    Ok(LaneStamp { sent, received: Instant::now(), micros })
}

async fn write(
    connection: &mut PgConnection,
    keys: &[LaneKey],
    states: &[Vec<u8>],
) -> Result<(), StoreError> {
    let mut update = QueryBuilder::new("UPDATE lane_window AS it SET state = new.state FROM (");
    update.push_values(keys.iter().zip(states), |mut row, (key, state)| {
        row.push_bind(&key.insurer).push_bind(key.lane).push_bind(state);
    });
    update.push(") AS new (insurer, lane, state) WHERE it.insurer = new.insurer AND it.lane = new.lane");
    let written = update.build().execute(&mut Connection::Postgres(connection)).await?.rows_affected();
    if written == keys.len() as u64 {
        Ok(())
    } else {
        Err(StoreError::Database("a lane's row is gone while it was locked".into()))
    }
}
