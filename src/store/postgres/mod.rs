//! The store on PostgreSQL: one connection that writes, and a pool that reads.
//!
//! Opening brings the tables up to date; several gateways may begin at once, and one of them does it. Then it writes the
//! row of this replica, takes over what those who have stopped have left, and begins to beat ([`cluster`](crate::cluster)).

mod pulse;
#[cfg(test)]
mod replicas_tests;
mod session;
#[cfg(test)]
mod tests;

use std::time::Duration;

use sqlx::{
    ConnectOptions, Connection as _, PgConnection, Row,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::Instant;

use self::pulse::{PostgresHeir, PostgresPulse};
pub(super) use self::session::PostgresSession;
use super::{
    Sealer, StoreError,
    handle::Opened,
    own_key,
    schema::{self, Dialect},
    session::Session,
    sql::{Connection, Reader, patiently},
};
use crate::{
    cluster::{self, Cluster, ReplicaId},
    config::{PostgresConfig, ReplicasConfig},
};

/// How long a connection may take to come up, and a reader may wait for one.
const CONNECT: Duration = Duration::from_secs(5);
/// The first that tells what became of a commit whose answer was lost (`pg_xact_status` of a 64-bit number).
const OLDEST: i32 = 130_000;

/// Opens the database, brings its tables up to date, and joins the other replicas there.
pub(super) async fn open(
    config: &PostgresConfig,
    replicas: &ReplicasConfig,
    sealer: &Sealer,
) -> Result<Opened, StoreError> {
    let options: PgConnectOptions = config.url.reveal().parse().map_err(server)?;
    let options = match options.get_application_name() {
        Some(_) => options,
        None => options.application_name("veer"),
    };
    let mut connection = connect(&options).await.map_err(server)?;
    check_server(&mut connection).await?;
    let migrated = schema::migrations(Dialect::Postgres).run(&mut connection).await;
    // Whatever became of it, the lock that was taken for it goes with the connection.
    migrated.map_err(|error| {
        let advice = "who connects must be allowed to create tables, and the tables must be veer's own";
        StoreError::Server(format!("the tables cannot be brought up to date: {error}; {advice}"))
    })?;
    let link_key = own_key::keep(&mut Connection::Postgres(&mut connection), sealer, "file_links").await?;
    let (me, joined) = (ReplicaId::fresh(), Instant::now());
    pulse::join(&mut connection, me, replicas.address.as_deref().unwrap_or_default()).await?;
    let session = PostgresSession::open(options.clone(), config.synchronous, me).await?;
    let cluster = Cluster::joined(me, replicas, joined);
    cluster.inherited(pulse::take_over(&mut connection, me, &[]).await?);
    let pulse = PostgresPulse { options: options.clone(), me, connection: None };
    let heir = PostgresHeir { options: options.clone(), me };
    tokio::spawn(cluster::run(cluster.clone(), pulse, heir));
    // It is no longer needed; a server that does not hear of it finds out by itself.
    let _ = patiently(connection.close()).await;
    let reader = PgPoolOptions::new()
        .max_connections(config.connections)
        .acquire_timeout(CONNECT)
        .after_connect(|connection, _| {
            Box::pin(async move {
                sqlx::query("SET default_transaction_read_only = on").execute(connection).await.map(|_| ())
            })
        })
        .connect_lazy_with(options);
    let (session, reader) = (Session::Postgres(Box::new(session)), Reader::Postgres(reader));
    Ok(Opened { lock: None, session, reader, link_key, cluster })
}

/// A connection whose notices stay with the server.
async fn connect(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let connecting = async {
        let mut connection = options.connect().await?;
        sqlx::query("SET client_min_messages = warning").execute(&mut connection).await?;
        Ok(connection)
    };
    tokio::time::timeout(CONNECT, connecting).await.unwrap_or_else(|_| {
        let silent = format!("the server is silent for {CONNECT:?}");
        Err(std::io::Error::new(std::io::ErrorKind::TimedOut, silent).into())
    })
}

async fn check_server(connection: &mut PgConnection) -> Result<(), StoreError> {
    let sql = "SELECT current_setting('server_version_num')::int4, current_setting('server_version'), \
               current_setting('server_encoding')";
    let row = patiently(sqlx::query(sql).fetch_one(connection)).await.map_err(server)?;
    let (number, version, encoding): (i32, String, String) =
        (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    if number < OLDEST {
        return Err(StoreError::Server(format!("PostgreSQL {version} is too old; at least 13 is needed")));
    }
    if encoding != "UTF8" {
        let advice = "make one with ENCODING 'UTF8'";
        return Err(StoreError::Server(format!("the database's encoding is {encoding}; {advice}")));
    }
    Ok(())
}

/// The server's or the network's words name users and databases, and never a password.
fn server(error: sqlx::Error) -> StoreError {
    StoreError::Server(format!("{error}; the server must be reachable, and know this user and this database"))
}
