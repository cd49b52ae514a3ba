//! One visit to the shared rows: what is wanted of several lanes, and what comes of it.

use std::{fmt, time::Duration};

use futures::future::BoxFuture;
use tokio::time::Instant;

use super::{
    super::moment::RowTime,
    clock::Clock,
    row::{Order, Row, Sight},
};
use crate::store::{LaneKey, LaneRows, LaneStamp, StoreError};

/// Where the rows are.
pub trait Ledger: Send + Sync {
    /// Reads the rows, serves them and writes them, under their locks and all of them or none. An error leaves open
    /// which.
    fn visit(&self, visit: Visit) -> BoxFuture<'_, Result<Vec<Answer>, StoreError>>;

    /// Whether the rows can be reached.
    fn probe(&self) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// What is wanted of some lanes' rows.
pub struct Visit {
    sight: Sight,
    errands: Vec<Errand>,
}

/// What is wanted of one.
pub(in super::super) struct Errand {
    pub(in super::super) key: LaneKey,
    pub(in super::super) order: Order,
    /// When calls went without a moment.
    pub(in super::super) went: Vec<Instant>,
    /// How its clock stood.
    pub(in super::super) clock: Option<Clock>,
}

/// What came of one errand.
pub struct Answer {
    pub(in super::super) row: Row,
    pub(in super::super) clock: Clock,
    pub(in super::super) given: Vec<RowTime>,
}

// === impl Visit ===

impl Visit {
    pub(in super::super) fn new(sight: Sight, mut errands: Vec<Errand>) -> Self {
        errands.sort_by(|one, other| one.key.cmp(&other.key));
        Self { sight, errands }
    }

    /// Which rows, in the order in which they are locked.
    pub fn keys(&self) -> Vec<LaneKey> {
        self.errands.iter().map(|errand| errand.key.clone()).collect()
    }

    /// Serves `rows`, in the order of the keys; what is to be written, and the answers.
    pub fn serve(
        self,
        stamp: LaneStamp,
        rows: Vec<Option<Vec<u8>>>,
    ) -> Result<(Vec<Vec<u8>>, Vec<Answer>), StoreError> {
        let sight = self.sight;
        let mut served = (Vec::new(), Vec::new());
        for (errand, bytes) in self.errands.into_iter().zip(rows) {
            let answer = errand.serve(stamp, bytes, sight);
            let written = answer.row.written();
            served.0.push(written.map_err(|error| StoreError::Database(error.to_string()))?);
            served.1.push(answer);
        }
        Ok(served)
    }
}

/// Orders say nothing that a log needs.
impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.errands.iter().map(|errand| &errand.key)).finish()
    }
}

// === impl Errand ===

impl Errand {
    fn serve(self, stamp: LaneStamp, bytes: Option<Vec<u8>>, sight: Sight) -> Answer {
        let Self { key, mut order, went, clock } = self;
        let new = || Row::new(RowTime(stamp.micros));
        let mut row = bytes.map_or_else(new, |bytes| {
            Row::read(&bytes).unwrap_or_else(|error| {
                tracing::error!(lane = %key, %error, "what was written of the lane's limits is not understood; all of them count as used up");
                Row::unknown(RowTime(stamp.micros), &order.limits)
            })
        });
        // A row whose clock was moved since is not known by this one.
        let known = clock.map(|clock| clock.bound(stamp.received));
        let now = row.now(stamp.micros, known);
        let earlier = |at: &Instant| RowTime(now.0 - micros(stamp.sent.saturating_duration_since(*at)));
        order.went = went.iter().map(earlier).collect();
        let given = row.serve(now, &order, sight);
        Answer { row, clock: Clock { sent: stamp.sent, received: stamp.received, row: now }, given }
    }
}

fn micros(length: Duration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(i64::MAX)
}

// === impl LaneRows ===

impl Ledger for LaneRows {
    fn visit(&self, visit: Visit) -> BoxFuture<'_, Result<Vec<Answer>, StoreError>> {
        Box::pin(async move {
            let keys = visit.keys();
            self.change(&keys, |stamp, rows| visit.serve(stamp, rows)).await
        })
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.probe())
    }
}
