//! The one task that writes.
//!
//! It lets entries gather for [`GATHER`], takes up to [`MOST`] of them and commits them together (see
//! `batch`): a commit costs a flush of the disk and a dozen page writes whatever it holds, so a few
//! milliseconds of patience save most of the processor's work. Whoever waits for a write is told after the
//! commit.
//!
//! **When a commit fails** (the disk is full, the file is locked), whoever waited for a row of it is told
//! so and decides; rows that nobody waited for, ends of calculations and sales stay in the queue in their order
//! and are tried again with what comes after them. The queue has no bound of its own: a new calculation
//! is accepted only when it is durable, so nothing new begins while the disk is away.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::SqlitePool;
use tokio::sync::{mpsc, oneshot};

use super::{
    CalculationRow, ConfirmationAttempt, ConversationRow, FinishedRow, OfferKey, OfferRow, SaleChange,
    StoreError, batch::Batch,
};

/// Entries in one commit. SQLite takes 32,766 values a statement; the widest row here has 12.
const MOST: usize = 256;
/// What an acknowledgement may take longer for the sake of a fuller commit.
const GATHER: Duration = Duration::from_millis(3);
/// Between a failed commit and the next try.
const PAUSE: Duration = Duration::from_millis(250);
/// Tries after everybody has let go of the store.
const LAST_TRIES: u32 = 8;

/// Told when a row is durable, or why it is not.
pub(super) type Done<T> = oneshot::Sender<Result<T, StoreError>>;

/// Something to write, and who waits for it.
pub(super) enum Entry {
    Calculation(Box<CalculationRow>, Done<Inserted>),
    Conversation(Box<ConversationRow>, Option<Done<()>>),
    Offer(Box<OfferRow>),
    /// Tried until it is durable; then whoever waits is told.
    Finished(Box<FinishedRow>, Done<()>),
    /// Tried until it is durable, like the ends of calculations: money is in it.
    Sale(Box<SaleChange>, Done<()>),
    /// What became of attempts to confirm sales; tried until it is durable.
    Attempts(Vec<ConfirmationAttempt>, Done<()>),
    /// A sale is to be confirmed now.
    Repeat(OfferKey, Done<()>),
    /// Offers that nobody took in time are closed.
    Expire {
        before_ms: i64,
        done: Done<u64>,
    },
    Forget {
        before_ms: i64,
        done: Done<u64>,
    },
    Flush(Done<()>),
}

/// What became of a new calculation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// It is written.
    New,
    /// There was one of that id; nothing was written.
    Existed,
}

/// Runs until every sender is gone and everything is written. `healthy` says whether the last commit
/// succeeded.
pub(super) async fn run(
    pool: SqlitePool,
    mut entries: mpsc::UnboundedReceiver<Entry>,
    healthy: Arc<AtomicBool>,
) {
    let mut queue: VecDeque<Entry> = VecDeque::new();
    let mut tries = 0;
    loop {
        if queue.is_empty() {
            match entries.recv().await {
                Some(entry) => queue.push_back(entry),
                None => break,
            }
            tokio::time::sleep(GATHER).await;
        }
        while queue.len() < MOST
            && let Ok(entry) = entries.try_recv()
        {
            queue.push_back(entry);
        }
        let mut batch = Batch::default();
        queue.drain(..queue.len().min(MOST)).for_each(|entry| batch.add(entry));
        match batch.commit(&pool).await {
            Ok(outcome) => {
                healthy.store(true, Ordering::Relaxed);
                batch.tell(outcome);
                tries = 0;
            }
            Err(error) => {
                healthy.store(false, Ordering::Relaxed);
                tracing::error!(%error, waiting = queue.len(), "a commit failed and is tried again");
                for entry in batch.refuse(&error).into_iter().rev() {
                    queue.push_front(entry);
                }
                tries += 1;
                if entries.is_closed() && tries > LAST_TRIES {
                    tracing::error!(lost = queue.len(), "the last writes are lost");
                    break;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    pool.close().await;
}
