//! What of a conversation is kept, and what it thereby has behind it.

use tokio::time::Instant;
use veer_contract::Operation;

use super::{Conversation, Driver, End, end::failed};
use crate::upstream::{call::NOTE_AGAIN, error::CallError, point::Point, timeline::Cause, verdict::Verdict};

// === impl Driver ===

impl<O: Operation> Driver<'_, O> {
    pub(super) fn keep(&mut self, point: &Point) {
        if self.unkept_effect || self.kept.as_ref() != Some(point) {
            self.journal.keep(point);
            self.kept = Some(point.clone());
            self.unkept_effect = false;
        }
        self.let_go();
    }

    /// The call that was taken lies behind what is kept.
    pub(super) fn let_go(&mut self) {
        if let Some(call) = self.taken.take() {
            self.journal.taken(&call);
        }
    }

    /// A keyed call goes again with its key, so the key is durable before it is used. A store that takes no writes is
    /// waited for.
    pub(super) async fn keep_key(&mut self, point: &Point) -> Result<(), End> {
        let Conversation { budget, timeline, stop, .. } = &self.conversation;
        let since = Instant::now();
        while let Err(why) = self.journal.keep_durably(point, false).await {
            if !budget.allows(NOTE_AGAIN) {
                return Err(failed(Verdict::Shed, &CallError::Unwritten(why)));
            }
            tokio::select! {
                biased;
                () = tokio::time::sleep(NOTE_AGAIN) => {}
                () = stop.cancelled() => return Err(End::Parked),
            }
        }
        timeline.waited(since, Cause::Store, None);
        self.kept = Some(point.clone());
        self.unkept_effect = false;
        self.let_go();
        Ok(())
    }
}
