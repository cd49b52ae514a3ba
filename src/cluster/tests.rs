//! The heart, with a store that is made of words, in paused time.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use jiff::Timestamp;
use tokio::time::advance;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Rows that all hearts of a test share, and how the database is.
#[derive(Default)]
struct Table {
    rows: Mutex<Vec<ReplicaRow>>,
    is_silent: AtomicBool,
    takeovers: AtomicU32,
}

struct Words(Arc<Table>, ReplicaId);

impl Table {
    fn change(&self, id: ReplicaId, change: impl FnOnce(&mut ReplicaRow)) {
        if let Some(row) = locked(&self.rows).iter_mut().find(|row| row.id == id) {
            change(row);
        }
    }

    async fn answer(&self) {
        if self.is_silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }
}

impl Pulse for Words {
    async fn beat(&mut self, address: &str) -> Result<Vec<ReplicaRow>, StoreError> {
        self.0.answer().await;
        let rows = locked(&self.0.rows).clone();
        if rows.iter().any(|row| row.id == self.1 && row.presence != Presence::Here) {
            return Err(StoreError::Deposed);
        }
        self.0.change(self.1, |row| {
            row.beat += 1;
            address.clone_into(&mut row.address);
        });
        let rows = locked(&self.0.rows).clone();
        Ok(rows.into_iter().filter(|row| row.presence != Presence::TakenOver).collect())
    }

    async fn take_chores(&mut self) -> Result<bool, StoreError> {
        self.0.change(self.1, |row| row.does_chores = true);
        Ok(true)
    }
}

impl Heir for Words {
    async fn take_over(&mut self, suspects: &[Suspect]) -> Result<Inherited, StoreError> {
        self.0.answer().await;
        let mut replicas = 0;
        for Suspect { id, beat } in suspects.iter().copied() {
            self.0.change(id, |row| {
                if row.beat == beat && row.presence == Presence::Here {
                    row.presence = Presence::TakenOver;
                    row.does_chores = false;
                    replicas += 1;
                }
            });
        }
        self.0.takeovers.fetch_add(1, Ordering::SeqCst);
        Ok(Inherited { replicas, calculations: 7 * replicas })
    }
}

fn join(table: &Arc<Table>) -> Cluster {
    let id = ReplicaId::fresh();
    let cluster = Cluster::joined(id, &ReplicasConfig::default(), Instant::now());
    let row = ReplicaRow {
        id,
        address: String::new(),
        since: Timestamp::UNIX_EPOCH,
        beat: 0,
        does_chores: false,
        presence: Presence::Here,
    };
    locked(&table.rows).push(row);
    tokio::spawn(run(cluster.clone(), Words(table.clone(), id), Words(table.clone(), id)));
    cluster
}

/// Time goes by in steps in which everything that is ready is done.
async fn pass(time: Duration) {
    for _ in 0..time.as_millis() / 100 {
        advance(Duration::from_millis(100)).await;
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_leaves_without_a_word_is_taken_over_after_its_lease_and_not_before() {
    let table = Arc::<Table>::default();
    let (one, two) = (join(&table), join(&table));
    two.stands_at("http://two");
    pass(3 * SECOND).await;
    assert_eq!((one.standing().replicas, one.standing().silent), (2, 0));
    assert!(one.does_chores() && !two.does_chores(), "the eldest does them");
    one.leave();
    pass(8 * SECOND).await;
    assert_eq!((two.standing().silent, two.standing().replicas), (1, 2));
    assert_eq!(table.takeovers.load(Ordering::SeqCst), 0);
    pass(5 * SECOND).await;
    assert_eq!(*two.work().borrow(), Inherited { replicas: 1, calculations: 7 });
    assert_eq!((two.standing().silent, two.standing().replicas), (0, 1));
    assert!(two.does_chores());
    assert_eq!(locked(&table.rows)[1].address, "http://two");
}

#[tokio::test(start_paused = true)]
async fn one_that_is_about_to_stop_takes_nothing_over_and_beats_on() {
    let table = Arc::<Table>::default();
    let (one, two) = (join(&table), join(&table));
    pass(3 * SECOND).await;
    two.retire();
    one.leave();
    pass(15 * SECOND).await;
    assert_eq!(table.takeovers.load(Ordering::SeqCst), 0);
    assert!(!two.does_chores() && !two.is_lapsed());
    // It is left to one that stays; chores are the eldest's, so when this one has left.
    let three = join(&table);
    pass(15 * SECOND).await;
    assert_eq!(*three.work().borrow(), Inherited { replicas: 1, calculations: 7 });
    two.leave();
    pass(15 * SECOND).await;
    assert!(three.does_chores());
}

#[tokio::test(start_paused = true)]
async fn one_that_was_taken_over_learns_it_with_its_next_beat_and_is_never_in_its_lease_again() {
    let table = Arc::<Table>::default();
    let one = join(&table);
    pass(2 * SECOND).await;
    assert!(!one.is_lapsed());
    table.change(one.me().unwrap(), |row| row.presence = Presence::TakenOver);
    pass(2 * SECOND).await;
    assert!(one.deposed().is_cancelled() && one.is_lapsed() && !one.does_chores());
    let waited = tokio::time::timeout(60 * SECOND, one.in_lease()).await;
    assert!(waited.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_database_that_hangs_is_seen_and_longer_than_the_lease_nothing_may_be_sent_and_nobody_dies() {
    let table = Arc::<Table>::default();
    let (one, two) = (join(&table), join(&table));
    pass(3 * SECOND).await;
    let mut changes = one.changes();
    table.is_silent.store(true, Ordering::SeqCst);
    pass(4 * SECOND).await;
    assert!(!one.standing().in_touch && !one.is_lapsed());
    assert!(!changes.borrow_and_update().in_touch, "who waits for changes is told though the beat hangs");
    pass(10 * SECOND).await;
    assert!(one.is_lapsed() && two.is_lapsed() && !one.does_chores() && !two.does_chores());
    pass(30 * SECOND).await;
    table.is_silent.store(false, Ordering::SeqCst);
    pass(5 * SECOND).await;
    for cluster in [&one, &two] {
        assert!(cluster.standing().in_touch && !cluster.is_lapsed() && !cluster.deposed().is_cancelled());
    }
    pass(30 * SECOND).await;
    assert_eq!(table.takeovers.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn what_precedes_a_beat_is_done_before_each_and_without_it_there_is_none() {
    let table = Arc::<Table>::default();
    let one = join(&table);
    let (done, fails) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    let (count, broken) = (done.clone(), fails.clone());
    one.before_beat(Arc::new(move || {
        count.fetch_add(1, Ordering::SeqCst);
        let failed = broken.load(Ordering::SeqCst);
        Box::pin(async move { if failed { Err(StoreError::Closed) } else { Ok(()) } })
    }));
    pass(5 * SECOND).await;
    assert!(done.load(Ordering::SeqCst) >= 4);
    fails.store(true, Ordering::SeqCst);
    let beat = locked(&table.rows)[0].beat;
    pass(15 * SECOND).await;
    assert_eq!(locked(&table.rows)[0].beat, beat);
    assert!(one.is_lapsed());
    fails.store(false, Ordering::SeqCst);
    pass(2 * SECOND).await;
    assert!(!one.is_lapsed());
}

#[test]
fn alone_nothing_is_ever_over() {
    let cluster = Cluster::alone();
    assert_eq!((cluster.me(), cluster.standing()), (None, Standing::ALONE));
    assert!(cluster.does_chores() && !cluster.is_lapsed() && !cluster.deposed().is_cancelled());
}
