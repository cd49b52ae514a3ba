//! What conversations tell the collector.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::oneshot;
use veer_contract::{Lane, domain::Offer};

use crate::upstream::{callbacks::CallKey, driver::End, point::Point};

/// Something happened in one conversation.
#[derive(Debug)]
pub enum Event {
    /// A call leaves.
    Asking(Lane),
    /// Offers were made.
    Offered(Vec<Offer>),
    /// Offers that another calculation was told for the same risk.
    HandedOn {
        /// The offers.
        offers: Arc<[Offer]>,
        /// When they end there.
        expires: Timestamp,
    },
    /// Keep this point.
    Keep(Point),
    /// Keep this, and say when it is durable.
    KeepDurably {
        /// Where the conversation is.
        point: Point,
        /// An application is on its way from there.
        creating: bool,
        /// Who waits.
        done: oneshot::Sender<Result<(), String>>,
    },
    /// This call of the insurer's lies behind what was kept last.
    Taken(CallKey),
    /// The conversation is over.
    Ended {
        /// How.
        end: End,
        /// The insurer's own call that led to it: it is dealt with once the end is written down.
        told: Option<CallKey>,
    },
}
