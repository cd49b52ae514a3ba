//! The store on SQLite: a file in WAL mode, one connection that writes and two that read.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Sealer, StoreError,
    handle::Opened,
    own_key,
    schema::{self, Dialect},
    session::Session,
    sql::{Connection, Reader},
};
use crate::{
    cluster::Cluster,
    config::{SqliteConfig, Synchronous},
};

/// Below this SQLite can corrupt a WAL database when a checkpoint races a writer (sqlite.org/wal.html,
/// "WAL-reset bug").
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// Opens the file, makes it where there is none, and brings its tables up to date.
pub(super) async fn open(config: &SqliteConfig, sealer: &Sealer) -> Result<Opened, StoreError> {
    let file = |error: sqlx::Error| StoreError::File {
        path: config.path.display().to_string(),
        problem: format!("{error}; the folder must exist and be writable"),
    };
    let lock = lock(&config.path)?;
    let options = SqliteConnectOptions::new()
        .filename(&config.path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(match config.synchronous {
            Synchronous::Full => SqliteSynchronous::Full,
            Synchronous::Normal => SqliteSynchronous::Normal,
        })
        // A statement with several rows keeps a journal of itself; it need not be a file.
        .pragma("temp_store", "memory")
        .busy_timeout(Duration::from_secs(5));
    let writer =
        SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await.map_err(file)?;
    check_version(&writer, &config.path).await?;
    schema::migrations(Dialect::Sqlite).run(&writer).await?;
    let link_key = {
        let mut connection = writer.acquire().await?;
        own_key::keep(&mut Connection::Sqlite(&mut connection), sealer, "file_links").await?
    };
    let reader = SqlitePoolOptions::new()
        .max_connections(2)
        .connect_with(options.read_only(true))
        .await
        .map_err(file)?;
    let (session, reader) = (Session::Sqlite(writer), Reader::Sqlite(reader));
    Ok(Opened { lock: Some(lock), session, reader, link_key, cluster: Cluster::alone() })
}

/// Takes the lock beside the file. A process that is killed loses it with its life.
fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let problem = |problem: String| StoreError::File { path: name.display().to_string(), problem };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&name)
        .map_err(|error| problem(format!("{error}; the folder must exist and be writable")))?;
    file.try_lock().map_err(|_| {
        problem(
            "another veer uses this store; stop it first, or give this one a store.path of its own".into(),
        )
    })?;
    Ok(file)
}

async fn check_version(pool: &SqlitePool, path: &Path) -> Result<(), StoreError> {
    let (version,): (String,) = sqlx::query_as("SELECT sqlite_version()").fetch_one(pool).await?;
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    if (next(), next(), next()) < OLDEST_SQLITE {
        return Err(StoreError::File {
            path: path.display().to_string(),
            problem: format!("SQLite {version} can corrupt it; at least 3.51.3 is needed"),
        });
    }
    Ok(())
}
