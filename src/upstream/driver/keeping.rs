//! What of a conversation is kept, and what it thereby has behind it.

use veer_contract::Operation;

use super::{Driver, End, end::failed};
use crate::upstream::{error::CallError, point::Point, verdict::Verdict};

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

    /// A keyed call goes again with its key, so the key is durable before it is used.
    pub(super) async fn keep_key(&mut self, point: &Point) -> Result<(), End> {
        let kept = self.journal.keep_durably(point, false).await;
        kept.map_err(|error| failed(Verdict::Shed, &CallError::Unwritten(error)))?;
        self.kept = Some(point.clone());
        self.unkept_effect = false;
        self.let_go();
        Ok(())
    }
}
