//! From a calculation in memory to rows of the store. Everything personal is sealed here.

use std::sync::Arc;

use jiff::Timestamp;
use veer_contract::OperationKind;

use super::{Answer, CalculationStatus, Live, OfferEntry};
use crate::{
    store::{ConversationRow, FinishedRow, OfferRow, Sealed, Sealer},
    upstream::driver::Point,
};

/// Makes the rows of one calculation.
pub struct Record<'a> {
    pub(super) live: &'a Live,
    pub(super) sealer: &'a Sealer,
}

/// A finished answer as it is kept: both polls' bytes.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct KeptAnswer {
    calculation: Box<serde_json::value::RawValue>,
    status: Box<serde_json::value::RawValue>,
}

// === impl Record ===

impl Record<'_> {
    pub(super) fn conversation(
        &self,
        party: usize,
        point: Option<&Point>,
        creating: bool,
    ) -> ConversationRow {
        let party = &self.live.parties()[party];
        ConversationRow {
            account: self.live.account.clone(),
            request_id: self.live.request_id,
            insurer: party.insurer.code.as_str().into(),
            operation: OperationKind::Quote.name(),
            asked: party.was_asked(),
            creating,
            point: point.and_then(|point| self.seal(point)),
            verdict: party.verdict().map(crate::upstream::Verdict::code),
            message: party.ended.get().map(|ended| self.sealer.seal(ended.detail.as_bytes())),
        }
    }

    pub(super) fn offer(&self, position: usize, entry: &OfferEntry) -> OfferRow {
        OfferRow {
            account: self.live.account.clone(),
            request_id: self.live.request_id,
            offer_id: entry.offer_id.clone(),
            insurer: entry.insurer.code.as_str().into(),
            status: entry.status.as_str(),
            body: entry.offer.as_ref().and_then(|offer| self.seal(offer)),
            message: entry.message.as_ref().map(|message| self.sealer.seal(message.as_bytes())),
            position: i64::try_from(position).unwrap_or(i64::MAX),
        }
    }

    pub(super) fn finished(
        &self,
        status: CalculationStatus,
        finished: Timestamp,
        answer: &Arc<Answer>,
        timeline: Vec<u8>,
    ) -> FinishedRow {
        let answer = KeptAnswer::of(answer).and_then(|kept| self.seal(&kept));
        FinishedRow {
            account: self.live.account.clone(),
            request_id: self.live.request_id,
            status: status.as_str(),
            finished,
            answer: answer.unwrap_or_else(|| self.sealer.seal(b"")),
            timeline,
        }
    }

    fn seal(&self, value: &impl serde::Serialize) -> Option<Sealed> {
        serde_json::to_vec(value).ok().map(|bytes| self.sealer.seal(&bytes))
    }
}

// === impl KeptAnswer ===

impl KeptAnswer {
    /// What polls get, to be kept.
    pub(super) fn of(answer: &Answer) -> Option<Self> {
        let raw = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).ok()?;
            serde_json::value::RawValue::from_string(text).ok()
        };
        Some(Self { calculation: raw(&answer.calculation)?, status: raw(&answer.status)? })
    }

    /// Back to what polls get.
    pub(super) fn answer(self) -> Answer {
        let bytes = |raw: Box<serde_json::value::RawValue>| {
            bytes::Bytes::from(String::from(Box::<str>::from(raw)).into_bytes())
        };
        Answer { calculation: bytes(self.calculation), status: bytes(self.status) }
    }
}
