//! The store on SQLite.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use sqlx::{
    SqlSafeStr, SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{
    CalculationRow, ConfirmationAttempt, ConversationRow, DictionaryChange, FinishedRow, Inserted, OfferKey,
    OfferRow, SaidRow, SaleChange, Sealed, Sealer, StoreError, StoredCalculation, StoredOffer,
    StoredTimeline, schema,
    writer::{self, Entry},
};
use crate::config::{StoreConfig, Synchronous};

/// Below this SQLite can corrupt a WAL database when a checkpoint races a writer (sqlite.org/wal.html,
/// "WAL-reset bug").
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    /// Held for as long as this process writes: two gateways on one file would ask every insurer twice.
    lock: Arc<File>,
    entries: mpsc::UnboundedSender<Entry>,
    healthy: Arc<AtomicBool>,
    reader: SqlitePool,
    /// Seals what is personal.
    pub sealer: Sealer,
    /// Signs the addresses of files; made when the store is, so that addresses outlive a restart.
    pub link_key: [u8; 32],
}

type CalculationColumns = (String, String, Vec<u8>, i64, i64, Vec<u8>, String, Option<i64>);

const CALCULATION_COLUMNS: &str =
    "account, request_id, fingerprint, created_ms, deadline_ms, request, status, finished_ms";

// === impl Store ===

impl Store {
    /// Opens the file, makes it where there is none, and brings its tables up to date.
    pub async fn open(config: &StoreConfig, sealer: Sealer) -> Result<Self, StoreError> {
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
        migrations().run(&writer).await.map_err(|error| StoreError::Database(error.to_string()))?;
        let link_key = own_key(&writer, &sealer, "file_links").await?;
        let reader = SqlitePoolOptions::new()
            .max_connections(2)
            .connect_with(options.read_only(true))
            .await
            .map_err(file)?;
        let (entries, queue) = mpsc::unbounded_channel();
        let healthy = Arc::new(AtomicBool::new(true));
        tokio::spawn(writer::run(writer, queue, healthy.clone()));
        Ok(Self { lock: Arc::new(lock), entries, healthy, reader, sealer, link_key })
    }

    /// Writes a new calculation down; returns when it is durable.
    pub async fn insert_calculation(&self, row: CalculationRow) -> Result<Inserted, StoreError> {
        self.ask(|done| Entry::Calculation(Box::new(row), done)).await?
    }

    /// Writes down how far a conversation is; returns when it is durable.
    pub async fn keep_conversation(&self, row: ConversationRow) -> Result<(), StoreError> {
        self.ask(|done| Entry::Conversation(Box::new(row), Some(done))).await?
    }

    /// Writes down how far a conversation is, in order, without waiting for it to be durable.
    pub fn note_conversation(&self, row: ConversationRow) -> Result<(), StoreError> {
        self.send(Entry::Conversation(Box::new(row), None))
    }

    /// Writes an offer down, in order, without waiting for it to be durable.
    pub fn note_offer(&self, row: OfferRow) -> Result<(), StoreError> {
        self.send(Entry::Offer(Box::new(row)))
    }

    /// Hands over what is to be said of a calculation before its end, in order: it stays unfinished, and a restart
    /// finds what was said. What is returned is ready when it is durable, however long that takes.
    pub fn say(
        &self,
        row: SaidRow,
    ) -> Result<impl Future<Output = Result<(), StoreError>> + use<>, StoreError> {
        let (done, written) = oneshot::channel();
        self.send(Entry::Said(row, done))?;
        Ok(async move { written.await.unwrap_or(Err(StoreError::Closed)) })
    }

    /// Writes the end of a calculation down, in order; returns when it is durable, however long that
    /// takes. Until then a restart finds the calculation unfinished and finishes it again.
    pub async fn finish(&self, row: FinishedRow) -> Result<(), StoreError> {
        self.ask(|done| Entry::Finished(Box::new(row), done)).await?
    }

    /// Hands over one change of a sale, to be written whole and in order. What is returned is ready when it
    /// is durable, however long that takes.
    pub fn change_sale(
        &self,
        change: SaleChange,
    ) -> Result<impl Future<Output = Result<(), StoreError>> + use<>, StoreError> {
        let (done, written) = oneshot::channel();
        self.send(Entry::Sale(Box::new(change), done))?;
        Ok(async move { written.await.unwrap_or(Err(StoreError::Closed)) })
    }

    /// Writes down what became of attempts to confirm sales; returns when it is durable, however long that
    /// takes.
    pub async fn keep_attempts(&self, attempts: Vec<ConfirmationAttempt>) -> Result<(), StoreError> {
        self.ask(|done| Entry::Attempts(attempts, done)).await?
    }

    /// Has a sale confirmed at once, whatever its state; one that is confirmed stays so.
    pub async fn repeat_confirmation(&self, offer: OfferKey) -> Result<(), StoreError> {
        self.ask(|done| Entry::Repeat(offer, done)).await?
    }

    /// Writes one change of the vehicle dictionary, all of it or nothing; returns when it is durable.
    pub async fn change_dictionary(&self, change: DictionaryChange) -> Result<(), StoreError> {
        self.ask(|done| Entry::Dictionary(Box::new(change), done)).await?
    }

    /// Closes offers that nobody took before `before`, at most 500 at a time; how many.
    pub async fn expire_offers(&self, before: Timestamp) -> Result<u64, StoreError> {
        let before_ms = before.as_millisecond();
        self.ask(|done| Entry::Expire { before_ms, done }).await?
    }

    /// Returns when everything that was handed over before is durable.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.ask(Entry::Flush).await?
    }

    /// Whether the last commit succeeded.
    pub fn is_healthy(&self) -> bool {
        self.healthy.load(Ordering::Relaxed)
    }

    /// Lets another process have the file. Nothing may be written or sent after it.
    pub fn release(&self) {
        // It is let go when the process ends at the latest.
        let _ = self.lock.unlock();
    }

    /// Drops calculations accepted before `before`, at most 500 at a time; how many went.
    pub async fn forget(&self, before: Timestamp) -> Result<u64, StoreError> {
        let before_ms = before.as_millisecond();
        self.ask(|done| Entry::Forget { before_ms, done }).await?
    }

    /// One calculation.
    pub async fn calculation(
        &self,
        account: &str,
        request_id: Uuid,
    ) -> Result<Option<StoredCalculation>, StoreError> {
        let sql =
            format!("SELECT {CALCULATION_COLUMNS} FROM calculation WHERE account = $1 AND request_id = $2");
        let row: Option<CalculationColumns> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(account)
            .bind(request_id.to_string())
            .fetch_optional(&self.reader)
            .await?;
        row.map(stored).transpose()
    }

    /// One calculation's timeline, whoever's it is: for operators.
    pub async fn timelines(&self, request_id: Uuid) -> Result<Vec<StoredTimeline>, StoreError> {
        let sql = "SELECT account, timeline, dictionary FROM calculation WHERE request_id = $1";
        let rows: Vec<(String, Option<Vec<u8>>, Option<i64>)> =
            sqlx::query_as(sql).bind(request_id.to_string()).fetch_all(&self.reader).await?;
        let row = |(account, timeline, dictionary)| StoredTimeline { account, timeline, dictionary };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Every calculation that is not finished, oldest first.
    pub async fn unfinished(&self) -> Result<Vec<StoredCalculation>, StoreError> {
        let sql = format!(
            "SELECT {CALCULATION_COLUMNS} FROM calculation WHERE finished_ms IS NULL ORDER BY created_ms"
        );
        let rows: Vec<CalculationColumns> =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&self.reader).await?;
        let readable = |columns: CalculationColumns| {
            stored(columns).inspect_err(|error| tracing::error!(%error, "a calculation is left alone")).ok()
        };
        Ok(rows.into_iter().filter_map(readable).collect())
    }

    /// The conversations of a calculation about one operation.
    pub async fn conversations(
        &self,
        account: &Arc<str>,
        request_id: Uuid,
        operation: &'static str,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        type Columns = (String, String, i64, i64, i64, Option<Vec<u8>>, Option<i64>, Option<Vec<u8>>);
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT insurer, offer_id, run, asked, creating, point, verdict, message FROM conversation \
             WHERE account = $1 AND request_id = $2 AND operation = $3",
        )
        .bind(account.as_ref())
        .bind(request_id.to_string())
        .bind(operation)
        .fetch_all(&self.reader)
        .await?;
        let row =
            |(insurer, offer_id, run, asked, creating, point, verdict, message): Columns| ConversationRow {
                account: account.clone(),
                request_id,
                insurer: insurer.into(),
                operation,
                offer_id: offer_id.into(),
                run,
                asked: asked != 0,
                creating: creating != 0,
                point: point.map(Sealed),
                verdict: verdict.and_then(|verdict| u16::try_from(verdict).ok()),
                message: message.map(Sealed),
            };
        Ok(rows.into_iter().map(row).collect())
    }

    /// The offers of a calculation, in the order of their arrival.
    pub async fn offers(&self, account: &str, request_id: Uuid) -> Result<Vec<StoredOffer>, StoreError> {
        type Columns = (
            String,
            String,
            Option<String>,
            String,
            Option<Vec<u8>>,
            Option<Vec<u8>>,
            Option<Vec<u8>>,
            Option<i64>,
        );
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT offer_id, insurer, identity, status, body, message, sale, expires_ms FROM offer \
             WHERE account = $1 AND request_id = $2 ORDER BY position",
        )
        .bind(account)
        .bind(request_id.to_string())
        .fetch_all(&self.reader)
        .await?;
        let row =
            |(offer_id, insurer, identity, status, body, message, sale, expires): Columns| StoredOffer {
                offer_id,
                insurer,
                identity,
                status,
                body: body.map(Sealed),
                message: message.map(Sealed),
                sale: sale.map(Sealed),
                expires: expires.and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            };
        Ok(rows.into_iter().map(row).collect())
    }

    pub(super) fn reader(&self) -> &SqlitePool {
        &self.reader
    }

    pub(super) async fn ask<T>(
        &self,
        entry: impl FnOnce(oneshot::Sender<T>) -> Entry,
    ) -> Result<T, StoreError> {
        let (done, result) = oneshot::channel();
        self.send(entry(done))?;
        result.await.map_err(|_| StoreError::Closed)
    }

    pub(super) fn send(&self, entry: Entry) -> Result<(), StoreError> {
        self.entries.send(entry).map_err(|_| StoreError::Closed)
    }
}

fn stored(columns: CalculationColumns) -> Result<StoredCalculation, StoreError> {
    let (account, request_id, fingerprint, created, deadline, request, status, finished) = columns;
    let broken = |what: &str| StoreError::Database(format!("a calculation's {what} is not readable"));
    let time = |ms: i64| Timestamp::from_millisecond(ms).map_err(|_| broken("time"));
    Ok(StoredCalculation {
        account: account.into(),
        request_id: request_id.parse().map_err(|_| broken("id"))?,
        fingerprint: fingerprint.try_into().map_err(|_| broken("fingerprint"))?,
        created: time(created)?,
        deadline: time(deadline)?,
        request: Sealed(request),
        status,
        finished: finished.map(time).transpose()?,
    })
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

/// A secret of the gateway's own, made once.
async fn own_key(pool: &SqlitePool, sealer: &Sealer, name: &str) -> Result<[u8; 32], StoreError> {
    let new = sealer.seal(&rand::random::<[u8; 32]>());
    sqlx::query("INSERT INTO own_key (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(name)
        .bind(&new.0)
        .execute(pool)
        .await?;
    let (kept,): (Vec<u8>,) =
        sqlx::query_as("SELECT value FROM own_key WHERE name = $1").bind(name).fetch_one(pool).await?;
    let kept = Sealed(kept);
    sealer.open(&kept)?.try_into().map_err(|_| StoreError::Database(format!("the key {name} is damaged")))
}

fn migrations() -> Migrator {
    let migration = |(version, name, sql): &(i64, &'static str, &'static str)| {
        Migration::new(*version, (*name).into(), MigrationType::Simple, (*sql).into_sql_str(), false)
    };
    Migrator::with_migrations(schema::MIGRATIONS.iter().map(migration).collect())
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
