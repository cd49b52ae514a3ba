//! The public side of a running calculation: who was asked, and what each says.
//!
//! Plain data and plain functions over it; the collector feeds it and publishes it.

use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use veer_contract::{
    Lane,
    domain::{Offer, Premium},
};

use super::{
    CalculationStatus, OfferEntry, OfferStatus, Sale,
    moves::{self, NoSuchMove, OfferEvent},
};
use crate::upstream::{InsurerIdentity, Verdict};

/// Every insurer that was asked, with its offers.
#[derive(Debug)]
pub struct Board {
    /// The entries, in the order of their arrival.
    pub offers: Vec<OfferEntry>,
    keys: Vec<(usize, Option<String>)>,
    namespace: Sha256,
    expires: Timestamp,
}

// === impl Board ===

impl Board {
    /// The board of that calculation, whose offers end by themselves at `expires`.
    pub fn new(account: &str, request_id: Uuid, expires: Timestamp) -> Self {
        let namespace = Sha256::new().chain_update(account).chain_update(request_id);
        Self { offers: Vec::new(), keys: Vec::new(), namespace, expires }
    }

    /// Puts back an entry that was in the store. `party` is none where nobody asks that insurer any more.
    pub fn restore(&mut self, party: Option<usize>, entry: OfferEntry) {
        self.keys.push((party.unwrap_or(usize::MAX), entry.offer.as_ref().map(|offer| offer.key.clone())));
        self.offers.push(entry);
    }

    /// A call to `party` leaves. Returns the entries that changed.
    pub fn asked(&mut self, party: usize, insurer: &Arc<InsurerIdentity>, lane: Lane) -> Vec<usize> {
        let event = match lane {
            Lane::Poll => OfferEvent::Calculating,
            _ => OfferEvent::Asked,
        };
        if self.of(party).next().is_none() {
            self.add(party, insurer);
        }
        let asked: Vec<usize> = self.of(party).collect();
        // An offer that has its price already is not asked for again.
        let waits = |index: &usize| moves::walk(self.offers[*index].status, event).is_ok();
        let waiting: Vec<usize> = asked.into_iter().filter(waits).collect();
        waiting.into_iter().filter(|index| self.happened(*index, event) == Ok(true)).collect()
    }

    /// `party` made an offer in the name of `insurer`: itself, or one of an aggregator's companies. Returns its
    /// entry; an offer that somebody has taken meanwhile is not changed any more.
    pub fn offered(
        &mut self,
        party: usize,
        insurer: &Arc<InsurerIdentity>,
        offer: Offer,
    ) -> Result<usize, NoSuchMove> {
        let same = |key: &Option<String>| key.as_ref().is_none_or(|key| *key == offer.key);
        let known = self.of(party).find(|index| same(&self.keys[*index].1));
        let index = known.unwrap_or_else(|| self.add(party, insurer));
        self.keys[index].1 = Some(offer.key.clone());
        let is_taken = |sale: &Sale| sale.choice.is_some() || !sale.stopped.is_empty();
        if self.offers[index].sale.as_deref().is_some_and(is_taken) {
            return Err(NoSuchMove { from: self.offers[index].status, event: OfferEvent::Priced });
        }
        self.priced(index, offer)?;
        self.offers[index].insurer = insurer.clone();
        if self.is_sold() {
            // Too late: another offer of the calculation is paid.
            self.happened(index, OfferEvent::OtherPaid)?;
        }
        Ok(index)
    }

    /// The offer at `index` ends by itself at `expires`, if it does not end before.
    pub fn ends_by(&mut self, index: usize, expires: Option<Timestamp>) {
        let Some(entry) = self.offers.get_mut(index) else { return };
        entry.expires = entry.expires.into_iter().chain(expires).min();
    }

    /// The offer at `index` has this price now.
    pub fn priced(&mut self, index: usize, offer: Offer) -> Result<(), NoSuchMove> {
        let event = match offer.premium {
            Premium::Preliminary(_) => OfferEvent::Priced,
            Premium::Final(_) => OfferEvent::Approved,
        };
        self.happened(index, event)?;
        let entry = &mut self.offers[index];
        entry.message.clone_from(&offer.message);
        entry.offer = Some(offer);
        Ok(())
    }

    /// Something happened to the offer at `index`: whether its status changed.
    pub fn happened(&mut self, index: usize, event: OfferEvent) -> Result<bool, NoSuchMove> {
        let entry = &mut self.offers[index];
        let after = moves::after(entry.status, event).inspect_err(|refused| {
            let (offer_id, insurer) = (&entry.offer_id, &entry.insurer.code);
            tracing::info!(offer_id, insurer, %refused, "a move of an offer is refused");
        })?;
        Ok(std::mem::replace(&mut entry.status, after) != after)
    }

    /// Another offer than the one at `paid` is paid: what is still open of the others ends.
    pub fn close_others(&mut self, paid: usize) {
        for index in (0..self.offers.len()).filter(|index| *index != paid) {
            if moves::walk(self.offers[index].status, OfferEvent::OtherPaid).is_ok() {
                // It is a move.
                let _ = self.happened(index, OfferEvent::OtherPaid);
            }
        }
    }

    /// Where that offer stands.
    pub fn position(&self, offer_id: &str) -> Option<usize> {
        self.offers.iter().position(|entry| entry.offer_id == offer_id)
    }

    /// Whether one of the offers is paid.
    pub fn is_sold(&self) -> bool {
        sold(&self.offers).is_some()
    }

    /// `party` ended. A decline takes its offers back; a failure takes back only what has no price.
    /// Returns the entries that changed.
    pub fn ended(&mut self, party: usize, verdict: Verdict, message: Option<&str>) -> Vec<usize> {
        let event = match verdict {
            Verdict::Offered => return Vec::new(),
            Verdict::OutOfBudget => OfferEvent::Expired,
            // Skipped after it was asked, in a later step: the user sees that nothing will come.
            verdict if verdict.is_failure() || matches!(verdict.code() / 100, 3) => OfferEvent::Broken,
            _ => OfferEvent::Rejected,
        };
        let open = |entry: &OfferEntry| entry.offer.is_none() || event == OfferEvent::Rejected;
        let open: Vec<usize> = self.of(party).filter(|index| open(&self.offers[*index])).collect();
        // One that somebody has taken meanwhile is the insurer's word already.
        let changed: Vec<usize> =
            open.into_iter().filter(|index| self.happened(*index, event) == Ok(true)).collect();
        for index in &changed {
            self.offers[*index].message = message.map(str::to_owned);
        }
        changed
    }

    /// Whether `party` has an offer with a price that stands.
    pub fn has_offer(&self, party: usize) -> bool {
        self.standing_offers(party) > 0
    }

    /// How many offers with a price that stand `party` has.
    pub fn standing_offers(&self, party: usize) -> u32 {
        self.of(party).filter(|index| self.offers[*index].stands()).fold(0, |count, _| count + 1)
    }

    /// The status of a calculation whose insurers ended with `verdicts`.
    pub fn final_status(&self, verdicts: impl Iterator<Item = Verdict>) -> CalculationStatus {
        if self.offers.iter().any(OfferEntry::stands) {
            return CalculationStatus::Ready;
        }
        let (mut declined, mut failed) = (false, false);
        for verdict in verdicts {
            declined |= verdict.is_decline();
            failed |= verdict.is_failure();
        }
        if failed && !declined { CalculationStatus::Error } else { CalculationStatus::NoneAvailable }
    }

    fn add(&mut self, party: usize, insurer: &Arc<InsurerIdentity>) -> usize {
        let offer_id = self.offer_id(&insurer.code, self.of(party).count());
        self.keys.push((party, None));
        self.offers.push(OfferEntry {
            offer_id,
            insurer: insurer.clone(),
            status: OfferStatus::Created,
            offer: None,
            message: None,
            expires: Some(self.expires),
            sale: None,
        });
        self.offers.len() - 1
    }

    /// An insurer's offers are numbered in the order in which it makes them, so a conversation that begins
    /// again after a crash finds the ids that the partner has seen.
    fn offer_id(&self, insurer: &str, number: usize) -> String {
        let hash = self.namespace.clone().chain_update(insurer).chain_update(number.to_be_bytes()).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
    }

    fn of(&self, party: usize) -> impl Iterator<Item = usize> {
        self.keys.iter().enumerate().filter(move |(_, (whose, _))| *whose == party).map(|(index, _)| index)
    }
}

/// PAID or CLOSED, where one of `offers` is paid.
pub fn sold(offers: &[OfferEntry]) -> Option<CalculationStatus> {
    let any = |status: OfferStatus| offers.iter().any(|entry| entry.status == status);
    if any(OfferStatus::ClosedPaid) {
        return Some(CalculationStatus::Closed);
    }
    any(OfferStatus::PaymentCompleted).then_some(CalculationStatus::Paid)
}

#[cfg(test)]
mod tests {
    use veer_contract::domain::{Kopecks, OfferRef};

    use super::*;

    fn board() -> Board {
        Board::new("demo", Uuid::from_u128(7), Timestamp::UNIX_EPOCH)
    }

    fn insurer() -> Arc<InsurerIdentity> {
        Arc::new(InsurerIdentity {
            code: "x".into(),
            company: None,
            partner_code: 1,
            name: "Икс".into(),
            logo_url: None,
        })
    }

    fn offer(key: &str, roubles: i64) -> Offer {
        let premium = Premium::Preliminary(Kopecks::from_roubles(roubles));
        Offer::priced(key, OfferRef::default(), premium)
    }

    #[test]
    fn an_insurer_is_listed_from_the_moment_that_it_is_asked() {
        let (mut board, insurer) = (board(), insurer());
        assert_eq!(board.asked(0, &insurer, Lane::Create), [0]);
        assert_eq!(board.offers[0].status, OfferStatus::PreCalcSent);
        assert_eq!(board.asked(0, &insurer, Lane::Poll), [0]);
        assert_eq!(board.offers[0].status, OfferStatus::PreCalcInProgress);
        assert!(board.asked(0, &insurer, Lane::Poll).is_empty());
        let id = board.offers[0].offer_id.clone();
        assert_eq!(board.offered(0, &insurer, offer("a", 5000)), Ok(0));
        assert_eq!((board.offers[0].status, &board.offers[0].offer_id), (OfferStatus::PreCalcReady, &id));
    }

    #[test]
    fn an_offer_emitted_again_keeps_its_id_and_another_gets_its_own() {
        let (mut board, insurer) = (board(), insurer());
        board.asked(0, &insurer, Lane::Create);
        assert_eq!(board.offered(0, &insurer, offer("a", 5000)), Ok(0));
        assert_eq!(board.offered(0, &insurer, offer("b", 6000)), Ok(1));
        assert_eq!(board.offered(0, &insurer, offer("a", 5500)), Ok(0));
        assert_ne!(board.offers[0].offer_id, board.offers[1].offer_id);
        assert_eq!(board.offers[0].offer.as_ref().unwrap().premium.amount(), Kopecks::from_roubles(5500));
    }

    #[test]
    fn an_offer_that_is_handed_on_ends_no_later_than_where_it_was_made() {
        let mut board = board();
        board.offered(0, &insurer(), offer("a", 5000)).unwrap();
        let own = board.offers[0].expires.unwrap();
        let (sooner, later) =
            (own - jiff::SignedDuration::from_secs(1), own + jiff::SignedDuration::from_secs(1));
        for (told, expected) in [(None, own), (Some(later), own), (Some(sooner), sooner), (Some(own), sooner)]
        {
            board.ends_by(0, told);
            assert_eq!(board.offers[0].expires, Some(expected));
        }
    }

    #[test]
    fn ids_are_found_again_and_belong_to_one_calculation() {
        let ids = |mut board: Board| {
            board.offered(0, &insurer(), offer("a", 1)).unwrap();
            board.offered(0, &insurer(), offer("b", 2)).unwrap();
            board.offers.into_iter().map(|entry| entry.offer_id).collect::<Vec<_>>()
        };
        let (first, again) = (ids(board()), ids(board()));
        assert_eq!(first, again);
        assert_ne!(first[0], first[1]);
        let ever = Timestamp::UNIX_EPOCH;
        for other in
            [Board::new("other", Uuid::from_u128(7), ever), Board::new("demo", Uuid::from_u128(8), ever)]
        {
            assert_ne!(ids(other), first);
        }
    }

    #[test]
    fn a_decline_takes_an_offer_back_and_a_failure_does_not() {
        let (mut board, insurer) = (board(), insurer());
        board.offered(0, &insurer, offer("a", 5000)).unwrap();
        board.offered(1, &insurer, offer("a", 5000)).unwrap();
        assert!(board.ended(0, Verdict::ServerError, None).is_empty());
        assert_eq!(board.ended(1, Verdict::Declined, Some("нет")), [1]);
        assert!(board.has_offer(0) && !board.has_offer(1));
    }

    #[test]
    fn the_last_status_follows_offers_then_declines_then_failures() {
        let status = |verdicts: &[Verdict]| board().final_status(verdicts.iter().copied());
        use CalculationStatus::{Error, NoneAvailable};
        assert_eq!(status(&[Verdict::Declined, Verdict::Limit]), NoneAvailable);
        assert_eq!(status(&[Verdict::Disabled, Verdict::VehicleNotMapped]), NoneAvailable);
        assert_eq!(status(&[Verdict::ServerError, Verdict::Limit]), Error);
        assert_eq!(status(&[Verdict::ServerError, Verdict::Declined]), NoneAvailable);
        let mut board = board();
        board.offered(0, &insurer(), offer("a", 1)).unwrap();
        assert_eq!(board.final_status([Verdict::ServerError].into_iter()), CalculationStatus::Ready);
    }
}
