//! Waiting for the insurer's own call.

use std::time::Duration;

use tokio::time::Instant;
use veer_contract::Operation;

use super::{Conversation, Driver, End, end::failed, step::Happened};
use crate::upstream::{callbacks::Received, error::CallError, timeline::Cause, verdict::Verdict};

/// How a conversation hears what its insurer tells by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearing {
    /// It takes the call, and waits for it until its time is over.
    Takes,
    /// It only reads: the call stays for whoever asks next. Where none comes within this time, the flow is woken
    /// instead: nothing was told yet.
    Reads(Duration),
}

// === impl Driver ===

impl<O: Operation> Driver<'_, O> {
    pub(super) async fn callback(&mut self, correlation: &str) -> Result<Happened, End> {
        let Conversation { insurer, budget, stop, callbacks, timeline, hearing, .. } = &self.conversation;
        let since = Instant::now();
        let hear = async {
            match *hearing {
                Hearing::Takes => Some(callbacks.take(insurer.code(), correlation).await),
                Hearing::Reads(at_most) => {
                    let call = callbacks.hear(insurer.code(), correlation, &self.heard);
                    tokio::time::timeout(at_most, call).await.ok()
                }
            }
        };
        let call = tokio::select! {
            biased;
            call = hear => Ok(call),
            () = stop.cancelled() => Err(End::Parked),
            () = tokio::time::sleep_until(budget.deadline()) => {
                Err(failed(Verdict::OutOfBudget, &CallError::OutOfBudget("the insurer called back")))
            }
        };
        timeline.waited(since, Cause::Callback, None);
        let Some(Received { key, reply, .. }) = call? else { return Ok(Happened::Woke) };
        match hearing {
            Hearing::Takes => self.taken = Some(key),
            Hearing::Reads(_) => self.heard.push(key),
        }
        Ok(Happened::Callback(reply))
    }
}
