//! How long the driver waits before the insurer is asked again, and what it waits out.

use std::time::Duration;

use tokio::time::Instant;
use veer_contract::{Effect, FaultKind, Lane, Operation};

use super::{Conversation, Driver, End, end::failed};
use crate::upstream::{
    error::CallError,
    point::{Pending, Point},
    timeline::Cause,
    verdict::Verdict,
};

/// A wait is never shorter, whatever the adapter says.
const LEAST_WAIT: Duration = Duration::from_millis(50);

/// A patient conversation waits for this part of the time that it has taken so far,
const PATIENCE: u32 = 8;
/// but never for longer,
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// and so long where the insurer failed.
pub(super) const AFTER_FAULT: Duration = Duration::from_secs(3);

// === impl Driver ===

impl<O: Operation> Driver<'_, O> {
    pub(super) async fn wait(&self, at_least: Duration) -> Result<(), End> {
        let Conversation { budget, timeline, stop, patient, .. } = &self.conversation;
        let patience =
            if *patient { (self.since.elapsed() / PATIENCE).min(LONGEST_WAIT) } else { Duration::ZERO };
        let at_least = at_least.max(LEAST_WAIT).max(patience);
        if !budget.allows(at_least) {
            let detail = CallError::OutOfBudget("the insurer was to be asked again");
            return Err(failed(Verdict::OutOfBudget, &detail));
        }
        let since = Instant::now();
        tokio::select! {
            biased;
            () = tokio::time::sleep(at_least) => {}
            () = stop.cancelled() => {}
        }
        timeline.waited(since, Cause::Poll, None);
        self.stop_here()
    }

    /// Whether a failure at `point` is waited out: one that asks how far something is that may take hours
    /// does not end it.
    pub(super) fn asks_again(&self, point: &Point, fault: FaultKind) -> bool {
        let Pending::Calls(calls) = &point.pending else { return false };
        let looks = calls.iter().all(|call| call.effect == Effect::Read && call.lane == Lane::Poll);
        let passing = matches!(fault, FaultKind::InsurerError | FaultKind::RegistryDown);
        self.conversation.patient && looks && passing
    }
}
