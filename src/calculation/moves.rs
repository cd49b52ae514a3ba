//! The fourteen states of an offer and the only moves between them.
//!
//! ```text
//! CREATED ► PRE_CALC_SENT ► PRE_CALC_IN_PROGRESS ► PRE_CALC_READY ► APPROVED ► PAYMENT_READY ► PAYMENT_COMPLETED ► CLOSED_PAID
//!    any of the first four ► REJECTED | OFFER_ERROR | CLOSED_TIMEOUT
//!    PRE_CALC_READY, APPROVED, PAYMENT_READY ► CLOSED_OTHER_OFFER | CLOSED_TIMEOUT
//!    APPROVED ► PAYMENT_LINK_FAILED ► PAYMENT_READY        PAYMENT_READY ► PAYMENT_CANCELLED ► PAYMENT_READY
//! ```
//!
//! What happens to an offer is an [`OfferEvent`]. An event may walk over several moves at once: an insurer
//! that answers its first call with a final price passes PRE_CALC_IN_PROGRESS and PRE_CALC_READY on the
//! way, though nobody sees them. Where [`walk`] has no way, nothing changes: news that come late, twice or
//! against each other are refused, and whoever brought them says so in the log.

use super::OfferStatus::{self, *};

/// Something happened to an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OfferEvent {
    /// The first call to the insurer leaves.
    Asked,
    /// The insurer is asked how far it is.
    Calculating,
    /// There is a price that may still change.
    Priced,
    /// The price is final.
    Approved,
    /// The insurer says no.
    Rejected,
    /// The conversation broke.
    Broken,
    /// Its time is over.
    Expired,
    /// Another offer of the calculation is paid.
    OtherPaid,
    /// The payment link is there, perhaps a new one.
    LinkReady,
    /// There is no payment link.
    LinkFailed,
    /// The user, the bank or the gateway gave the payment up.
    PaymentCancelled,
    /// It is paid.
    Paid,
    /// The policy is issued.
    Issued,
}

/// The event does not fit the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} is no move from {from}")]
pub struct NoSuchMove {
    /// The state.
    pub from: OfferStatus,
    /// The event.
    pub event: OfferEvent,
}

/// Every single move.
pub const MOVES: &[(OfferStatus, OfferStatus)] = &[
    (Created, PreCalcSent),
    (PreCalcSent, PreCalcInProgress),
    (PreCalcInProgress, PreCalcReady),
    (PreCalcReady, Approved),
    (Approved, PaymentReady),
    (PaymentReady, PaymentCompleted),
    (PaymentCompleted, ClosedPaid),
    (Created, Rejected),
    (PreCalcSent, Rejected),
    (PreCalcInProgress, Rejected),
    (PreCalcReady, Rejected),
    (Created, OfferError),
    (PreCalcSent, OfferError),
    (PreCalcInProgress, OfferError),
    (PreCalcReady, OfferError),
    (Created, ClosedTimeout),
    (PreCalcSent, ClosedTimeout),
    (PreCalcInProgress, ClosedTimeout),
    (PreCalcReady, ClosedTimeout),
    (Approved, ClosedTimeout),
    (PaymentReady, ClosedTimeout),
    (PreCalcReady, ClosedOtherOffer),
    (Approved, ClosedOtherOffer),
    (PaymentReady, ClosedOtherOffer),
    (Approved, PaymentLinkFailed),
    (PaymentLinkFailed, PaymentReady),
    (PaymentReady, PaymentCancelled),
    (PaymentCancelled, PaymentReady),
];

/// The states that `event` leads through from `from`, the last one being where the offer is then. Empty:
/// it is there already, and the event is only a repetition or a fresher price or link.
pub fn walk(from: OfferStatus, event: OfferEvent) -> Result<&'static [OfferStatus], NoSuchMove> {
    use OfferEvent as Event;
    let way: &'static [OfferStatus] = match (event, from) {
        (Event::Asked, Created) => &[PreCalcSent],
        (Event::Asked, PreCalcSent | PreCalcInProgress) => &[],

        (Event::Calculating, Created) => &[PreCalcSent, PreCalcInProgress],
        (Event::Calculating, PreCalcSent) => &[PreCalcInProgress],
        (Event::Calculating, PreCalcInProgress) => &[],

        (Event::Priced, Created) => &[PreCalcSent, PreCalcInProgress, PreCalcReady],
        (Event::Priced, PreCalcSent) => &[PreCalcInProgress, PreCalcReady],
        (Event::Priced, PreCalcInProgress) => &[PreCalcReady],
        (Event::Priced, PreCalcReady) => &[],

        (Event::Approved, Created) => &[PreCalcSent, PreCalcInProgress, PreCalcReady, Approved],
        (Event::Approved, PreCalcSent) => &[PreCalcInProgress, PreCalcReady, Approved],
        (Event::Approved, PreCalcInProgress) => &[PreCalcReady, Approved],
        (Event::Approved, PreCalcReady) => &[Approved],
        (Event::Approved, Approved) => &[],

        (Event::Rejected, Created | PreCalcSent | PreCalcInProgress | PreCalcReady) => &[Rejected],
        (Event::Rejected, Rejected) => &[],

        (Event::Broken, Created | PreCalcSent | PreCalcInProgress | PreCalcReady) => &[OfferError],
        (Event::Broken, OfferError) => &[],

        (Event::Expired, Created | PreCalcSent | PreCalcInProgress) => &[ClosedTimeout],
        (Event::Expired, PreCalcReady | Approved | PaymentReady) => &[ClosedTimeout],
        // What was waiting for another link ends as what has one.
        (Event::Expired, PaymentLinkFailed | PaymentCancelled) => &[PaymentReady, ClosedTimeout],
        (Event::Expired, ClosedTimeout) => &[],

        (Event::OtherPaid, PreCalcReady | Approved | PaymentReady) => &[ClosedOtherOffer],
        (Event::OtherPaid, PaymentLinkFailed | PaymentCancelled) => &[PaymentReady, ClosedOtherOffer],
        (Event::OtherPaid, ClosedOtherOffer) => &[],

        (Event::LinkReady, PreCalcReady) => &[Approved, PaymentReady],
        (Event::LinkReady, Approved | PaymentLinkFailed | PaymentCancelled) => &[PaymentReady],
        (Event::LinkReady, PaymentReady) => &[],

        (Event::LinkFailed, PreCalcReady) => &[Approved, PaymentLinkFailed],
        (Event::LinkFailed, Approved) => &[PaymentLinkFailed],
        (Event::LinkFailed, PaymentLinkFailed) => &[],

        (Event::PaymentCancelled, PaymentReady) => &[PaymentCancelled],
        (Event::PaymentCancelled, PaymentCancelled) => &[],

        // Whoever had a link may have used it, whatever was heard since.
        (Event::Paid, PaymentReady) => &[PaymentCompleted],
        (Event::Paid, PaymentLinkFailed | PaymentCancelled) => &[PaymentReady, PaymentCompleted],
        (Event::Paid, PaymentCompleted) => &[],

        (Event::Issued, PaymentCompleted) => &[ClosedPaid],
        (Event::Issued, ClosedPaid) => &[],

        _ => return Err(NoSuchMove { from, event }),
    };
    Ok(way)
}

/// The state after `event`.
pub fn after(from: OfferStatus, event: OfferEvent) -> Result<OfferStatus, NoSuchMove> {
    walk(from, event).map(|way| way.last().copied().unwrap_or(from))
}

impl OfferEvent {
    /// Every one.
    pub const ALL: [OfferEvent; 13] = [
        OfferEvent::Asked,
        OfferEvent::Calculating,
        OfferEvent::Priced,
        OfferEvent::Approved,
        OfferEvent::Rejected,
        OfferEvent::Broken,
        OfferEvent::Expired,
        OfferEvent::OtherPaid,
        OfferEvent::LinkReady,
        OfferEvent::LinkFailed,
        OfferEvent::PaymentCancelled,
        OfferEvent::Paid,
        OfferEvent::Issued,
    ];
}

impl OfferStatus {
    /// No move leads out of it.
    pub fn is_final(self) -> bool {
        !MOVES.iter().any(|(from, _)| *from == self)
    }

    /// The offer is paid.
    pub const fn is_paid(self) -> bool {
        matches!(self, PaymentCompleted | ClosedPaid)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The moves as the design writes them, read from its picture and not from [`MOVES`].
    fn designed() -> Vec<(OfferStatus, OfferStatus)> {
        let chain = [
            Created,
            PreCalcSent,
            PreCalcInProgress,
            PreCalcReady,
            Approved,
            PaymentReady,
            PaymentCompleted,
            ClosedPaid,
        ];
        let mut moves: Vec<_> = chain.windows(2).map(|pair| (pair[0], pair[1])).collect();
        for from in &chain[..4] {
            moves.extend([Rejected, OfferError, ClosedTimeout].map(|to| (*from, to)));
        }
        for from in [PreCalcReady, Approved, PaymentReady] {
            moves.extend([ClosedOtherOffer, ClosedTimeout].map(|to| (from, to)));
        }
        moves.extend([(Approved, PaymentLinkFailed), (PaymentLinkFailed, PaymentReady)]);
        moves.extend([(PaymentReady, PaymentCancelled), (PaymentCancelled, PaymentReady)]);
        moves
    }

    #[test]
    fn the_moves_are_those_of_the_design() {
        let set = |moves: &[(OfferStatus, OfferStatus)]| {
            moves
                .iter()
                .map(|(from, to)| (from.as_str(), to.as_str()))
                .collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(set(MOVES), set(&designed()));
        assert_eq!(set(MOVES).len(), MOVES.len(), "a move stands twice");
    }

    #[test]
    fn every_event_walks_over_moves_alone_wherever_it_comes() {
        for from in OfferStatus::ALL {
            for event in OfferEvent::ALL {
                let mut at = *from;
                for next in walk(*from, event).unwrap_or_default() {
                    assert!(MOVES.contains(&(at, *next)), "{event:?} from {from}: {at} to {next}");
                    at = *next;
                }
            }
        }
    }

    #[test]
    fn every_state_can_be_reached_and_nine_of_them_left() {
        let mut reached = vec![Created];
        while let Some(new) = OfferEvent::ALL
            .iter()
            .flat_map(|event| reached.iter().filter_map(|from| after(*from, *event).ok()))
            .find(|to| !reached.contains(to))
        {
            reached.push(new);
        }
        assert_eq!(reached.len(), OfferStatus::ALL.len());
        let last: Vec<_> = OfferStatus::ALL.iter().filter(|status| status.is_final()).collect();
        assert_eq!(last, [&Rejected, &ClosedPaid, &ClosedOtherOffer, &ClosedTimeout, &OfferError]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5000))]

        /// Late, repeated, reordered or contradictory: no sequence leaves the design's picture, a final
        /// state stays, and what is paid stays paid.
        #[test]
        fn no_sequence_of_events_leaves_the_moves(
            events in prop::collection::vec(prop::sample::select(OfferEvent::ALL.to_vec()), 0..60),
        ) {
            let designed = designed();
            let mut at = Created;
            for event in events {
                let before = at;
                match walk(before, event) {
                    Ok(way) => {
                        for next in way {
                            prop_assert!(designed.contains(&(at, *next)), "{} to {} by {:?}", at, next, event);
                            at = *next;
                        }
                        // Said again at once, it changes nothing.
                        prop_assert_eq!(after(at, event), Ok(at));
                    }
                    Err(refused) => prop_assert_eq!(refused, NoSuchMove { from: before, event }),
                }
                prop_assert!(!before.is_final() || at == before);
                prop_assert!(!before.is_paid() || at.is_paid());
            }
        }
    }
}
