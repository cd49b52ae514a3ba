//! What a conversation is driven with.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use veer_contract::{Operation, VehicleCodes};

use super::Hearing;
use crate::upstream::{
    budget::Budget, callbacks::Callbacks, insurer::Insurer, speaker::Revision, timeline::Timeline,
};

/// One conversation to drive.
pub struct Conversation<O: Operation> {
    /// With whom.
    pub insurer: Arc<Insurer>,
    /// How to speak with it, to the end.
    pub adapter: Revision,
    /// The operation's input.
    pub input: Arc<O::Input>,
    /// The vehicle in the insurer's codes.
    pub vehicle: Arc<VehicleCodes>,
    /// For how long.
    pub budget: Budget,
    /// Where every step is written down.
    pub timeline: Arc<Timeline>,
    /// Where insurers' own calls are found.
    pub callbacks: Arc<Callbacks>,
    /// Says that the gateway is stopping: the conversation is parked at its next safe point.
    pub stop: CancellationToken,
    /// Waits grow longer the longer the conversation lasts: for one that may go on for hours.
    pub patient: bool,
    /// How it hears what the insurer tells by itself.
    pub hearing: Hearing,
}
