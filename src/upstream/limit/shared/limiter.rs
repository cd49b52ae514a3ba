//! What the limiter of a lane has to do with the rows.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    super::{Limiter, State},
    Answer, Seat, Slot,
    visit::Errand,
};
use crate::{config::Mode, store::LaneKey};

/// No call may go now for the sake of what is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct NoSlot;

// === impl Limiter ===

impl Limiter {
    /// What a call goes with now; none where nothing is shared.
    pub(in super::super) fn slot(&self, state: &mut State, now: Instant) -> Result<Option<Slot>, NoSlot> {
        let (Some(seat), Some(lane)) = (&self.0.setup.seat, &mut state.shared) else { return Ok(None) };
        if state.mode != Mode::On {
            return Ok(Some(lane.go(now)));
        }
        lane.take(now, seat.together.link(now)).map(Some).ok_or(NoSlot)
    }

    pub(super) fn row(&self) -> Option<&LaneKey> {
        self.0.setup.seat.as_ref().map(|Seat { key, .. }| key)
    }

    /// When its row is to be visited; none where nothing is wanted.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let waiting = self.0.line.idle();
        self.lock().shared.as_ref()?.due(now, waiting)
    }

    /// What is wanted of its row.
    pub(super) fn errand(&self, lead: Duration) -> Option<Errand> {
        let (now, waiting) = (Instant::now(), self.0.line.idle());
        let key = self.row()?.clone();
        let mut state = self.lock();
        let lane = state.shared.as_mut()?;
        let clock = lane.clock();
        let (order, went) = lane.order(now, waiting, lead);
        Some(Errand { key, order, went, clock })
    }

    /// The same where it went by a share and this replica comes back.
    pub(super) fn return_errand(&self) -> Option<Errand> {
        let key = self.row()?.clone();
        let mut state = self.lock();
        let lane = state.shared.as_mut().filter(|lane| lane.is_parted())?;
        let clock = lane.clock();
        let (order, went) = lane.come_back()?;
        Some(Errand { key, order, went, clock })
    }

    /// Its row was visited.
    pub(super) fn answered(&self, answer: Answer) {
        let (mut state, now) = (self.lock(), Instant::now());
        let Some(lane) = &mut state.shared else { return };
        let is_first = lane.clock().is_none();
        lane.answered(answer, now);
        if is_first {
            // Those that came before anything was known are told at once.
            state.days.turn(now);
            self.judge(&state, now);
        }
        drop(state);
        self.0.line.wake_first();
    }

    /// It is not known what came of the visit.
    pub(super) fn lost(&self, went: Vec<Instant>) {
        if let Some(lane) = &mut self.lock().shared {
            lane.lost(went);
        }
    }

    pub(super) fn is_parted(&self) -> bool {
        self.lock().shared.as_ref().is_some_and(super::SharedLane::is_parted)
    }

    /// Everybody who waits looks again.
    pub(super) fn judge_again(&self) {
        if self.0.line.is_empty() {
            return;
        }
        let mut state = self.lock();
        let now = Instant::now();
        state.days.turn(now);
        self.judge(&state, now);
    }
}
