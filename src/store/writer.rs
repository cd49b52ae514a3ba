//! The one task that writes.
//!
//! It lets entries gather for [`GATHER`], or for [`UNHURRIED`] while nobody waits for any of them, takes as many as
//! have up to [`MOST`] rows and commits them together (see `batch`): a commit costs a flush of the disk and a dozen page
//! writes whatever it holds, so a few milliseconds of patience save most of the processor's work. Whoever waits for a
//! write is told after the commit.
//!
//! **When a commit fails** (the disk is full, the file is locked, the server is away), whoever waited for a row of it is told
//! so and decides; rows that nobody waited for, ends of calculations and sales stay in the queue in their order
//! and are tried again with what comes after them; what a replica that is deposed has to write is another's to write. The queue has no bound of its own: a new calculation
//! is accepted only when it is durable, so nothing new begins while the disk is away.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};
use uuid::Uuid;

use super::{
    CalculationRow, ConfirmationAttempt, ConversationRow, DayChange, DayCount, DictionaryChange,
    DictionaryStamps, FinishedRow, InsurerCallRow, OfferKey, OfferRow, SaidRow, SaleChange, SpecRow,
    StoreError, TuningChange, batch::Batch, session::Session,
};
use crate::cluster::{Cluster, Owner};

/// Rows in one commit; an entry that has more goes alone. SQLite takes 32,766 values a statement, and the
/// widest row here has 13: a statement that it refuses would be tried for ever.
const MOST: usize = 256;
/// What an acknowledgement may take longer for the sake of a fuller commit; twice that, where it comes while others gather.
const GATHER: Duration = Duration::from_millis(3);
/// The same for rows that nobody waits for: what a crash may take back and make the gateway find out again.
const UNHURRIED: Duration = Duration::from_millis(24);
/// Between a failed commit and the next try.
const PAUSE: Duration = Duration::from_millis(250);
/// Tries after everybody has let go of the store.
const LAST_TRIES: u32 = 8;
/// The same where the database is another process, which may be about to come back.
const LAST_REMOTE_TRIES: u32 = 40;
/// Between looks at a database that can be away, while there is nothing to write.
const LOOK: Duration = Duration::from_secs(1);

/// Told when a row is durable, or why it is not.
pub(super) type Done<T> = oneshot::Sender<Result<T, StoreError>>;

/// Something to write, and who waits for it.
pub(super) enum Entry {
    Calculation(Box<CalculationRow>, Done<Inserted>),
    Conversation(Box<ConversationRow>, Option<Done<()>>),
    Offer(Box<OfferRow>),
    /// Tried until it is durable: whoever waits shows it then.
    Said(SaidRow, Done<()>),
    /// Tried until it is durable; then whoever waits is told.
    Finished(Box<FinishedRow>, Done<()>),
    /// Tried until it is durable, like the ends of calculations: money is in it.
    Sale(Box<SaleChange>, Done<()>),
    /// What became of attempts to confirm sales; tried until it is durable.
    Attempts(Vec<ConfirmationAttempt>, Done<()>),
    /// A sale is to be confirmed now.
    Repeat(OfferKey, Done<()>),
    /// The vehicle dictionary changes, all of it or nothing.
    Dictionary(Box<DictionaryChange>, Done<Option<DictionaryStamps>>),
    /// Offers that nobody took in time are closed.
    Expire {
        before_ms: i64,
        done: Done<u64>,
    },
    Forget {
        before_ms: i64,
        done: Done<u64>,
    },
    /// What an insurer tells by itself.
    InsurerCall(Box<InsurerCallRow>, Done<Inserted>),
    /// Such a call lies behind its conversation.
    CallTaken {
        insurer: String,
        correlation: String,
        digest: [u8; 32],
    },
    ForgetCalls {
        before_ms: i64,
        done: Done<()>,
    },
    /// These revisions of specs are spoken now, and no others.
    Specs(Vec<SpecRow>, Done<()>),
    ForgetSpecs {
        before_ms: i64,
        done: Done<()>,
    },
    /// Calls of a day's quota are reserved.
    DayCount(Box<DayChange>, Done<DayCount>),
    /// Operators' settings change, all of it or nothing.
    Tuning(Box<TuningChange>, Done<Inserted>),
    Flush(Done<()>),
    /// A calculation is to be this replica's, where it is nobody's that is here.
    Claim {
        account: Arc<str>,
        request_id: Uuid,
        done: Done<Option<Owner>>,
    },
    ForgetReplicas {
        before_ms: i64,
        done: Done<()>,
    },
    /// Other replicas may have the work.
    Release(Done<()>),
}

/// What became of a row that is written once: a calculation, an insurer's call, a change of operators' settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// It is written.
    New,
    /// There was one of that key; nothing was written.
    Existed,
}

/// Runs until every sender is gone and everything is written. `healthy` says whether the last commit
/// succeeded.
pub(super) async fn run(
    mut session: Session,
    mut entries: mpsc::UnboundedReceiver<Entry>,
    healthy: Arc<AtomicBool>,
    cluster: Cluster,
) {
    let mut queue: VecDeque<Entry> = VecDeque::new();
    let mut tries = 0;
    loop {
        if queue.is_empty() {
            match next(&mut session, &mut entries, &healthy, &cluster).await {
                Some(entry) => queue.push_back(entry),
                None => break,
            }
            gather(&mut queue, &mut entries).await;
        }
        take(&mut queue, &mut entries);
        let mut batch = Batch::default();
        queue.drain(..portion(&queue)).for_each(|entry| batch.add(entry));
        let is_last = batch.is_last();
        let committed = match batch.is_empty() {
            true => Ok(None),
            false => session.commit(&batch).await.map(Some),
        };
        match committed {
            Ok(outcome) => {
                if outcome.is_some() {
                    healthy.store(true, Ordering::Relaxed);
                }
                let left = if is_last { session.release().await } else { Ok(()) };
                batch.tell(outcome.unwrap_or_default(), &left);
                tries = 0;
            }
            Err(StoreError::Deposed) => {
                healthy.store(false, Ordering::Relaxed);
                cluster.depose();
                batch.give_up(&StoreError::Deposed);
            }
            Err(error) => {
                healthy.store(false, Ordering::Relaxed);
                tracing::error!(%error, waiting = queue.len() + entries.len(), "a commit failed and is tried again");
                // Who stands behind what cannot be written now is told too, however much that is.
                queue.drain(..).for_each(|entry| batch.add(entry));
                while let Ok(entry) = entries.try_recv() {
                    batch.add(entry);
                }
                queue = batch.refuse(&error).into();
                tries += 1;
                let last = if session.is_remote() { LAST_REMOTE_TRIES } else { LAST_TRIES };
                if entries.is_closed() && tries > last {
                    tracing::error!(lost = queue.len(), "the last writes are lost");
                    break;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    session.close().await;
}

/// Waits until enough has come, or somebody has waited long enough.
async fn gather(queue: &mut VecDeque<Entry>, entries: &mut mpsc::UnboundedReceiver<Entry>) {
    let until = Instant::now() + UNHURRIED;
    loop {
        let somebody_waits = queue.iter().any(Entry::is_awaited);
        tokio::time::sleep(GATHER).await;
        take(queue, entries);
        if somebody_waits || queue.len() >= MOST || entries.is_closed() || Instant::now() >= until {
            return;
        }
    }
}

/// What has come, without waiting.
fn take(queue: &mut VecDeque<Entry>, entries: &mut mpsc::UnboundedReceiver<Entry>) {
    while queue.len() < MOST
        && let Ok(entry) = entries.try_recv()
    {
        queue.push_back(entry);
    }
}

/// The next entry. While there is none, a database that can be away is looked at, so that it is told as soon as it
/// is, and as soon as it is back.
async fn next(
    session: &mut Session,
    entries: &mut mpsc::UnboundedReceiver<Entry>,
    healthy: &AtomicBool,
    cluster: &Cluster,
) -> Option<Entry> {
    if !session.is_remote() {
        return entries.recv().await;
    }
    loop {
        if let Ok(entry) = tokio::time::timeout(LOOK, entries.recv()).await {
            return entry;
        }
        if cluster.deposed().is_cancelled() {
            return entries.recv().await;
        }
        let answered = session.probe().await;
        let was = healthy.swap(answered.is_ok(), Ordering::Relaxed);
        match answered {
            Ok(()) if !was => tracing::info!("the database answers again"),
            Err(error) if was => tracing::error!(%error, "the database does not answer"),
            _ => {}
        }
    }
}

/// How many entries from the front are committed together: at least one, where there is any.
fn portion(queue: &VecDeque<Entry>) -> usize {
    let mut rows = 0;
    let fits = |entry: &&Entry| {
        rows += entry.rows();
        rows <= MOST
    };
    queue.iter().take_while(fits).count().max(1).min(queue.len())
}

// === impl Entry ===

impl Entry {
    /// Something goes on only when it is durable.
    fn is_awaited(&self) -> bool {
        match self {
            Entry::Conversation(_, done) => done.is_some(),
            Entry::Offer(_) | Entry::Finished(..) | Entry::CallTaken { .. } => false,
            _ => true,
        }
    }

    /// How many rows it writes or changes by keys of their own, and never less than one.
    fn rows(&self) -> usize {
        match self {
            Entry::Sale(change, _) => {
                let parts = [
                    change.conversation.is_some(),
                    change.payment.is_some(),
                    change.document.is_some(),
                    change.confirmation.is_some(),
                ];
                (change.offers.len() + parts.into_iter().filter(|there| *there).count()).max(1)
            }
            Entry::Attempts(attempts, _) => attempts.len().max(1),
            Entry::Specs(rows, _) => rows.len().max(1),
            Entry::Dictionary(change, _) => (change.rows.len() + change.mappings.len()).max(1),
            Entry::Tuning(change, _) => {
                (change.revisions.len() + change.file.iter().flatten().count()).max(1)
            }
            Entry::Calculation(..)
            | Entry::Conversation(..)
            | Entry::Offer(_)
            | Entry::Said(..)
            | Entry::Finished(..)
            | Entry::Repeat(..)
            | Entry::Expire { .. }
            | Entry::Forget { .. }
            | Entry::InsurerCall(..)
            | Entry::CallTaken { .. }
            | Entry::ForgetCalls { .. }
            | Entry::ForgetSpecs { .. }
            | Entry::DayCount(..)
            | Entry::Claim { .. }
            | Entry::ForgetReplicas { .. }
            | Entry::Flush(_)
            | Entry::Release(_) => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::store::trial::{Place, offer, on_both_engines};

    on_both_engines![many_sales_of_many_offers_are_written_at_once];

    fn change(sale: u128, offers: i64) -> SaleChange {
        let offers = (0..offers).map(|number| offer(sale, number, "CLOSED_OTHER_OFFER")).collect();
        SaleChange { offers, ..SaleChange::default() }
    }

    fn portion_of(offers: &[i64]) -> usize {
        let sale = |offers: &i64| Entry::Sale(Box::new(change(1, *offers)), oneshot::channel().0);
        portion(&offers.iter().map(sale).collect())
    }

    #[tokio::test(start_paused = true)]
    async fn rows_that_nobody_waits_for_gather_until_somebody_does() {
        let idle = || Entry::Offer(Box::new(offer(1, 0, "CREATED")));
        let awaited = || Entry::Flush(oneshot::channel().0);
        let gathered = async |first: Entry, second: Option<(u64, Entry)>| {
            let (sender, mut entries) = mpsc::unbounded_channel();
            let (start, mut queue) = (Instant::now(), VecDeque::from([first]));
            let late = tokio::spawn(async move {
                if let Some((after_ms, entry)) = second {
                    tokio::time::sleep(Duration::from_millis(after_ms)).await;
                    assert!(sender.send(entry).is_ok());
                }
                std::future::pending::<()>().await;
            });
            gather(&mut queue, &mut entries).await;
            late.abort();
            (start.elapsed().as_millis(), queue.len())
        };
        assert_eq!(gathered(awaited(), None).await, (3, 1));
        assert_eq!(gathered(idle(), None).await, (24, 1));
        assert_eq!(gathered(idle(), Some((4, idle()))).await, (24, 2));
        assert_eq!(gathered(idle(), Some((4, awaited()))).await, (9, 2));
    }

    #[test]
    fn a_portion_is_as_many_entries_as_have_its_rows() {
        assert_eq!(portion_of(&[]), 0);
        assert_eq!(portion_of(&[100, 100, 56, 1]), 3);
        assert_eq!(portion_of(&[100, 100, 57, 1]), 2);
        // One that has more goes alone; one that has none counts too.
        assert_eq!(portion_of(&[1_000, 1]), 1);
        assert_eq!(portion_of(&[0; 1_000]), MOST);
        let offers: VecDeque<Entry> =
            (0..1_000).map(|n| Entry::Offer(Box::new(offer(1, n, "CREATED")))).collect();
        assert_eq!(portion(&offers), MOST);
    }

    async fn many_sales_of_many_offers_are_written_at_once(place: Place) {
        let store = place.open().await;
        // Their offers together have twice the values that a statement takes.
        let written: Vec<_> = (0..100).map(|sale| store.change_sale(change(sale, 60)).unwrap()).collect();
        store.flush().await.unwrap();
        assert!(store.is_healthy());
        for written in written {
            written.await.unwrap();
        }
        for sale in [0, 99] {
            assert_eq!(store.offers("demo", Uuid::from_u128(sale)).await.unwrap().len(), 60);
        }
    }
}
