//! How far an operation is in the store.

use serde::Deserialize;
use veer_contract::OperationKind;

use super::{
    Offers,
    trail::{Back, Trail},
};
use crate::{
    calculation::{Live, resume},
    store::{ConversationRow, StoreError},
    upstream::point::Beginning,
};

/// How far an operation is in the store.
#[derive(Debug)]
pub(super) struct Kept {
    /// Which beginning of it this is; 0 for one that only reads.
    pub run: i64,
    /// Where it goes on.
    pub beginning: Beginning,
    /// It was begun and not ended.
    pub is_open: bool,
    /// The way back from there, where it was written down.
    back: Option<Back>,
}

/// What stands beside the place in its row.
#[derive(Deserialize)]
struct Beside {
    back: Option<Back>,
}

impl Offers {
    /// Where `operation` about the offer goes on, or begins anew.
    pub(super) async fn kept(
        &self,
        live: &Live,
        offer_id: &str,
        operation: OperationKind,
    ) -> Result<Kept, StoreError> {
        let services = self.services();
        let rows = services.store.conversations(&live.account, live.request_id, operation.name()).await?;
        let Some(row) = rows.into_iter().find(|row| &*row.offer_id == offer_id) else {
            return Ok(Kept::anew(1));
        };
        if row.verdict.is_some() {
            return Ok(Kept::anew(row.run + 1));
        }
        let (beginning, back) = (resume::beginning(services, &row), self.way_back(&row));
        Ok(Kept { run: row.run, beginning, is_open: true, back })
    }

    fn way_back(&self, row: &ConversationRow) -> Option<Back> {
        let bytes = self.services().store.sealer.open(row.point.as_ref()?).ok()?;
        serde_json::from_slice::<Beside>(bytes).ok()?.back
    }
}

// === impl Kept ===

impl Kept {
    /// An operation that begins at its first step.
    pub(super) fn anew(run: i64) -> Self {
        Self { run, beginning: Beginning::Start, is_open: false, back: None }
    }

    /// The way that it has gone so far.
    pub(super) fn trail(&self) -> Trail {
        let trail = Trail::begun(&self.beginning);
        match &self.back {
            Some(back) => trail.with(back.clone()),
            None => trail,
        }
    }
}
