//! The beat: once a second, on a connection of its own, so never behind a big commit.
//!
//! A round raises this replica's beat and looks at all rows. It counts only where both came back in time: then the lease
//! of this replica is `replicas.lease` from the moment before the round began, which nobody can see as earlier. Takeovers
//! run beside it, because the row of a replica that died in the middle of a commit can be held for a while.

use std::time::Duration;

use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use super::{Cluster, ReplicaRow, Suspect, state::Turn};
use crate::store::StoreError;

/// What a heart moves.
pub trait Pulse: Send + 'static {
    /// Raises the beat, says where this replica is reached, and brings every row whose work is not taken over yet;
    /// [`StoreError::Deposed`] where this one's is.
    fn beat(&mut self, address: &str) -> impl Future<Output = Result<Vec<ReplicaRow>, StoreError>> + Send;

    /// Takes the chores, unless somebody has them.
    fn take_chores(&mut self) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Who takes work over.
pub trait Heir: Send + 'static {
    /// Takes over the work of those of `suspects` that are dead indeed, of all who have left, and of nobody.
    fn take_over(
        &mut self,
        suspects: &[Suspect],
    ) -> impl Future<Output = Result<Inherited, StoreError>> + Send;
}

/// What was taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inherited {
    /// From so many replicas.
    pub replicas: u64,
    /// So many calculations.
    pub calculations: u64,
}

/// A takeover that takes longer has failed, and is tried again.
const TAKEOVER: Duration = Duration::from_secs(30);
/// Rounds between looks for work that is nobody's, by the one with the chores.
const ROUNDS_BETWEEN_LOOKS: u32 = 60;

/// Beats until the replica leaves, is deposed, or nobody holds it any more.
pub(crate) async fn run(cluster: Cluster, pulse: impl Pulse, heir: impl Heir) {
    let (suspects, taker) = mpsc::channel(1);
    let ends = [cluster.left(), cluster.deposed()].map(|end| async move { end.cancelled().await });
    tokio::select! {
        _ = futures::future::select_all(ends.map(Box::pin)) => {}
        () = beats(&cluster, pulse, suspects) => {}
        () = takeovers(&cluster, heir, taker) => {}
    }
}

async fn beats(cluster: &Cluster, mut pulse: impl Pulse, suspects: mpsc::Sender<Vec<Suspect>>) {
    let period = cluster.period();
    let (mut ticks, mut refresh) = (interval(period), interval(period));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    refresh.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut was_in_touch, mut rounds) = (true, 0_u32);
    loop {
        ticks.tick().await;
        let beaten = {
            let round = round(cluster, &mut pulse);
            let mut round = std::pin::pin!(round);
            loop {
                tokio::select! {
                    beaten = &mut round => break beaten,
                    // A database that hangs must not hide that this replica is out of touch.
                    _ = refresh.tick() => cluster.refresh(),
                }
            }
        };
        cluster.refresh();
        match beaten {
            Ok(turn) => {
                if !std::mem::replace(&mut was_in_touch, true) {
                    tracing::info!("this replica beats again");
                }
                if cluster.retires() {
                    continue;
                }
                if turn.takes_chores
                    && let Ok(Ok(true)) = timeout(cluster.gap(), pulse.take_chores()).await
                {
                    cluster.has_chores();
                }
                rounds = rounds.wrapping_add(1);
                let looks = rounds.is_multiple_of(ROUNDS_BETWEEN_LOOKS) && cluster.does_chores();
                if looks || turn.somebody_left || !turn.dead.is_empty() {
                    // Where the last takeover is still under way, the next round says the same.
                    let _ = suspects.try_send(turn.dead);
                }
            }
            Err(StoreError::Deposed) => return cluster.depose(),
            Err(error) => {
                if std::mem::replace(&mut was_in_touch, false) {
                    tracing::error!(%error, "this replica cannot beat; without a beat for replicas.lease it sends nothing");
                }
            }
        }
    }
}

async fn round(cluster: &Cluster, pulse: &mut impl Pulse) -> Result<Turn, StoreError> {
    let late = |what: &str| StoreError::Database(format!("{what} took longer than {:?}", cluster.gap()));
    for hook in cluster.hooks() {
        timeout(cluster.gap(), hook()).await.unwrap_or_else(|_| Err(late("what precedes a beat")))?;
    }
    let asked = Instant::now();
    let rows = timeout(cluster.gap(), pulse.beat(&cluster.address())).await;
    let rows = rows.unwrap_or_else(|_| Err(late("a beat")))?;
    Ok(cluster.beaten(asked, Instant::now(), rows))
}

async fn takeovers(cluster: &Cluster, mut heir: impl Heir, mut suspects: mpsc::Receiver<Vec<Suspect>>) {
    while let Some(suspects) = suspects.recv().await {
        if cluster.retires() {
            continue;
        }
        let taken = timeout(TAKEOVER, heir.take_over(&suspects)).await;
        let late = || Err(StoreError::Database(format!("a takeover took longer than {TAKEOVER:?}")));
        match taken.unwrap_or_else(|_| late()) {
            Ok(inherited) => cluster.inherited(inherited),
            Err(StoreError::Deposed) => return cluster.depose(),
            Err(error) => {
                tracing::warn!(%error, "work of another replica was not taken over; it is tried again");
                // Its end may not have been heard of.
                cluster.look_for_work();
            }
        }
    }
}
