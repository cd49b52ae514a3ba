//! The row of one operation: written before anything is sent, with each place that it comes to, and at its end.

use std::sync::Arc;

use serde::Serialize;
use veer_contract::OperationKind;

use super::{
    Offers,
    trail::{Back, Trail},
};
use crate::{
    calculation::{Live, OfferEntry, Record, Stopped},
    store::{ConversationRow, Sealed},
    upstream::{Verdict, point::Point},
};

/// Makes the rows of one operation.
pub(super) struct RowOf {
    pub live: Arc<Live>,
    pub offer_id: Arc<str>,
    pub insurer: Arc<str>,
    pub operation: OperationKind,
    pub run: i64,
}

/// A place that does not tell by itself where a next try goes on.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    point: &'a Point,
    back: &'a Back,
}

impl Offers {
    /// The row of an operation that is about to begin, or to go on from where it broke off.
    pub(super) fn beginning_row(
        &self,
        live: &Arc<Live>,
        entry: &OfferEntry,
        operation: OperationKind,
        run: i64,
        stopped: Option<&Stopped>,
    ) -> ConversationRow {
        let row = RowOf {
            live: live.clone(),
            offer_id: entry.offer_id.as_str().into(),
            insurer: entry.insurer.code.as_str().into(),
            operation,
            run,
        };
        match stopped {
            Some(stopped) => {
                let there = Stopped { point: stopped.point.clone(), creating: stopped.is_unclear() };
                row.at(self, &there, &Trail::at(there.clone()))
            }
            None => row.row(None, false),
        }
    }
}

// === impl RowOf ===

impl RowOf {
    /// It is there, and has gone this way.
    pub(super) fn at(&self, offers: &Offers, there: &Stopped, trail: &Trail) -> ConversationRow {
        let record = Record { live: &self.live, sealer: &offers.services().store.sealer };
        let (point, back) = (&there.point, trail.back());
        let tells_all = Trail::at(there.clone()).back() == back;
        let sealed = if tells_all { record.seal(point) } else { record.seal(&Written { point, back }) };
        self.row(sealed, there.creating)
    }

    /// It has ended.
    pub(super) fn ended(&self, offers: &Offers, verdict: Verdict, detail: &str) -> ConversationRow {
        let message = offers.services().store.sealer.seal(detail.as_bytes());
        ConversationRow { verdict: Some(verdict.code()), message: Some(message), ..self.row(None, false) }
    }

    fn row(&self, point: Option<Sealed>, creating: bool) -> ConversationRow {
        ConversationRow {
            account: self.live.account.clone(),
            request_id: self.live.request_id,
            insurer: self.insurer.clone(),
            operation: self.operation.name(),
            offer_id: self.offer_id.clone(),
            run: self.run,
            asked: true,
            creating,
            point,
            verdict: None,
            message: None,
        }
    }
}
