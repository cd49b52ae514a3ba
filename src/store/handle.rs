//! The store, as the rest of the gateway holds it: what is written is handed to the one task that writes.

use std::{
    fs::File,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::{
    CalculationRow, ConfirmationAttempt, ConversationRow, DictionaryChange, FinishedRow, Inserted, OfferKey,
    OfferRow, SaidRow, SaleChange, Sealer, StoreError, postgres,
    session::Session,
    sql::Reader,
    sqlite,
    writer::{self, Entry},
};
use crate::{
    cluster::Cluster,
    config::{ReplicasConfig, StoreConfig},
};

/// How long a stop waits until the others can know of it; else they find out by the lease.
const LEAVING: Duration = Duration::from_secs(5);

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    /// Held for as long as this process writes into a file: two gateways on one would ask every insurer twice.
    lock: Option<Arc<File>>,
    entries: mpsc::UnboundedSender<Entry>,
    healthy: Arc<AtomicBool>,
    reader: Reader,
    presence: Arc<Presence>,
    /// Seals what is personal.
    pub sealer: Sealer,
    /// Signs the addresses of files; made when the store is, so that addresses outlive a restart.
    pub link_key: [u8; 32],
}

/// This replica is there for as long as anybody holds the store.
struct Presence(Cluster);

/// A store that was opened, before anything is written.
pub(super) struct Opened {
    pub(super) lock: Option<File>,
    pub(super) session: Session,
    pub(super) reader: Reader,
    pub(super) link_key: [u8; 32],
    pub(super) cluster: Cluster,
}

// === impl Store ===

impl Store {
    /// Opens the store as [`join`](Self::join) does, with the defaults of `[replicas]`.
    pub async fn open(config: &StoreConfig, sealer: Sealer) -> Result<Self, StoreError> {
        Self::join(config, &ReplicasConfig::default(), sealer).await
    }

    /// Opens the store, makes what is not there, and brings its tables up to date. A file is this gateway's alone: another
    /// one that uses it is an error. On a server it joins the other replicas, and takes over what those who have stopped
    /// have left.
    pub async fn join(
        config: &StoreConfig,
        replicas: &ReplicasConfig,
        sealer: Sealer,
    ) -> Result<Self, StoreError> {
        let opened = match config {
            StoreConfig::Sqlite(config) => sqlite::open(config, &sealer).await?,
            StoreConfig::Postgres(config) => postgres::open(config, replicas, &sealer).await?,
        };
        Ok(Self::begin(opened, sealer))
    }

    /// This replica among the others.
    pub fn cluster(&self) -> &Cluster {
        &self.presence.0
    }

    pub(super) fn begin(opened: Opened, sealer: Sealer) -> Self {
        let Opened { lock, session, reader, link_key, cluster } = opened;
        let (entries, queue) = mpsc::unbounded_channel();
        let healthy = Arc::new(AtomicBool::new(true));
        tokio::spawn(writer::run(session, queue, healthy.clone(), cluster.clone()));
        let presence = Arc::new(Presence(cluster));
        Self { lock: lock.map(Arc::new), entries, healthy, reader, presence, sealer, link_key }
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

    /// Lets another process have the store, or its replicas the work, at once. Nothing may be written or sent after it.
    pub async fn release(&self) {
        if let Some(lock) = &self.lock {
            // It is let go when the process ends at the latest.
            let _ = lock.unlock();
            return;
        }
        self.cluster().leave();
        match tokio::time::timeout(LEAVING, self.ask(Entry::Release)).await {
            Ok(Ok(Ok(()) | Err(StoreError::Deposed))) => {}
            Ok(Ok(Err(error)) | Err(error)) => {
                tracing::warn!(%error, "other replicas were not told of the stop; they take over after replicas.lease");
            }
            Err(_) => tracing::warn!(
                "other replicas were not told of the stop in time; they take over after replicas.lease"
            ),
        }
    }

    /// Drops calculations accepted before `before`, at most 500 at a time; how many went.
    pub async fn forget(&self, before: Timestamp) -> Result<u64, StoreError> {
        let before_ms = before.as_millisecond();
        self.ask(|done| Entry::Forget { before_ms, done }).await?
    }

    pub(super) fn reader(&self) -> &Reader {
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

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.leave();
    }
}
