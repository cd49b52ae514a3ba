//! Who carries statements out.

use std::{io, time::Duration};

use sqlx::{
    FromRow, PgConnection, PgPool, SqliteConnection, SqlitePool,
    pool::PoolConnection,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};

use super::{
    Value,
    query::{Query, Written},
};

/// How long a server may be silent over one statement. A machine that vanishes leaves connections that wait for ever.
pub(in crate::store) const PATIENCE: Duration = Duration::from_secs(20);

/// The connection that writes, in a transaction.
pub(in crate::store) enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// Connections that read. Cheap to clone.
#[derive(Clone)]
pub(in crate::store) enum Reader {
    Sqlite(SqlitePool),
    Postgres(PgPool),
    #[cfg(test)]
    Simulated(crate::store::disk::Disk),
}

/// A row as a tuple of its columns.
pub(in crate::store) trait Columns:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<O> Columns for O where O: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// Whoever answers questions.
pub(in crate::store) trait Answers: Send {
    /// All rows of the answer.
    fn fetch<O: Columns>(self, query: Query<'_>) -> impl Future<Output = Result<Vec<O>, sqlx::Error>> + Send;
}

// === impl Connection ===

impl Connection<'_> {
    pub(super) async fn execute(&mut self, query: Query<'_>) -> Result<Written, sqlx::Error> {
        match self {
            Connection::Sqlite(connection) => {
                let query = sqlx::query_with(query.text, for_sqlite(query.values)?);
                Ok(Written(query.execute(&mut **connection).await?.rows_affected()))
            }
            Connection::Postgres(connection) => {
                let query = sqlx::query_with(query.text, for_postgres(query.values)?);
                Ok(Written(patiently(query.execute(&mut **connection)).await?.rows_affected()))
            }
        }
    }
}

impl Answers for &mut Connection<'_> {
    async fn fetch<O: Columns>(self, query: Query<'_>) -> Result<Vec<O>, sqlx::Error> {
        match self {
            Connection::Sqlite(connection) => {
                let query = sqlx::query_as_with(query.text, for_sqlite(query.values)?);
                query.fetch_all(&mut **connection).await
            }
            Connection::Postgres(connection) => {
                let query = sqlx::query_as_with(query.text, for_postgres(query.values)?);
                patiently(query.fetch_all(&mut **connection)).await
            }
        }
    }
}

// === impl Reader ===

impl Reader {
    /// What tells in which order rows of one moment were written, as well as the engine knows it.
    pub(in crate::store) fn arrival(&self) -> &'static str {
        match self {
            Reader::Sqlite(_) => "rowid",
            Reader::Postgres(_) => "ctid",
            #[cfg(test)]
            Reader::Simulated(_) => "rowid",
        }
    }
}

impl Answers for &Reader {
    async fn fetch<O: Columns>(self, query: Query<'_>) -> Result<Vec<O>, sqlx::Error> {
        match self {
            Reader::Sqlite(pool) => Connection::Sqlite(&mut *pool.acquire().await?).fetch(query).await,
            Reader::Postgres(pool) => {
                let mut connection = pool.acquire().await?;
                let done = Connection::Postgres(&mut connection).fetch(query).await;
                give_back(connection, &done);
                done
            }
            #[cfg(test)]
            Reader::Simulated(disk) => {
                disk.at_once(async |connection| Connection::Sqlite(connection).fetch(query).await)
            }
        }
    }
}

/// A connection whose answer was not waited for has that answer still to come.
fn give_back<T>(mut connection: PoolConnection<sqlx::Postgres>, done: &Result<T, sqlx::Error>) {
    if matches!(done, Err(sqlx::Error::Io(_))) {
        connection.close_on_drop();
    }
}

/// Waits as long as a server may be silent.
pub(in crate::store) async fn patiently<T>(
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    tokio::time::timeout(PATIENCE, answer).await.unwrap_or_else(|_| {
        let silent = format!("the server is silent for {PATIENCE:?}");
        Err(io::Error::new(io::ErrorKind::TimedOut, silent).into())
    })
}

fn for_sqlite(values: Vec<Value<'_>>) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        value.add_to_sqlite(&mut arguments)?;
    }
    Ok(arguments)
}

fn for_postgres(values: Vec<Value<'_>>) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for value in values {
        value.add_to_postgres(&mut arguments)?;
    }
    Ok(arguments)
}
