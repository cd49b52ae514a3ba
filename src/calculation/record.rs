//! From a calculation in memory to rows of the store. Everything personal is sealed here.

use jiff::Timestamp;
use veer_contract::OperationKind;

use super::{CalculationStatus, Live, OfferEntry, Party, Shadow, shadow};
use crate::{
    store::{ConversationRow, FinishedRow, OfferRow, SaidRow, Sealed, Sealer},
    upstream::point::Point,
};

/// Makes the rows of one calculation.
pub struct Record<'a> {
    /// The calculation.
    pub live: &'a Live,
    /// Seals what is personal.
    pub sealer: &'a Sealer,
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
        let ended = party.ended.get().map(|ended| ended.detail.clone());
        let note = ended.or_else(|| party.shadow.as_ref().and_then(Shadow::note));
        ConversationRow {
            account: self.live.account.clone(),
            request_id: self.live.request_id,
            insurer: party.insurer.code.as_str().into(),
            operation: operation(party),
            offer_id: "".into(),
            run: 0,
            asked: party.was_asked(),
            creating,
            point: point.and_then(|point| self.seal(point)),
            verdict: party.verdict().map(crate::upstream::Verdict::code),
            message: note.map(|note| self.sealer.seal(note.as_bytes())),
        }
    }

    /// The row of an offer that stands at `position`.
    pub fn offer(&self, position: usize, entry: &OfferEntry) -> OfferRow {
        OfferRow {
            account: self.live.account.clone(),
            request_id: self.live.request_id,
            offer_id: entry.offer_id.clone(),
            insurer: entry.insurer.code.as_str().into(),
            identity: serde_json::to_string(&*entry.insurer).unwrap_or_default(),
            status: entry.status.as_str(),
            body: entry.offer.as_ref().and_then(|offer| self.seal(offer)),
            message: entry.message.as_ref().map(|message| self.sealer.seal(message.as_bytes())),
            sale: entry.sale.as_ref().and_then(|sale| self.seal(sale)),
            expires: entry.expires,
            position: i64::try_from(position).unwrap_or(i64::MAX),
        }
    }

    /// What is said of a calculation that goes on.
    pub(super) fn said(&self, status: CalculationStatus) -> SaidRow {
        SaidRow {
            account: self.live.account.clone(),
            request_id: self.live.request_id,
            status: status.as_str(),
        }
    }

    pub(super) fn finished(
        &self,
        status: CalculationStatus,
        finished: Timestamp,
        timeline: Vec<u8>,
    ) -> FinishedRow {
        FinishedRow {
            account: self.live.account.clone(),
            request_id: self.live.request_id,
            status: status.as_str(),
            finished,
            timeline,
        }
    }

    /// `value` as JSON, sealed.
    pub fn seal(&self, value: &impl serde::Serialize) -> Option<Sealed> {
        serde_json::to_vec(value).ok().map(|bytes| self.sealer.seal(&bytes))
    }
}

/// What the store calls the conversation of `party`.
fn operation(party: &Party) -> &'static str {
    if party.is_shadow() { shadow::OPERATION } else { OperationKind::Quote.name() }
}
