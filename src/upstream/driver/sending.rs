//! Sending the calls of one step, and what it means where they bring no replies.

use std::sync::atomic::{AtomicBool, AtomicU32};

use futures::future::join_all;
use tokio_util::sync::CancellationToken;
use veer_contract::{Effect, Operation, Reply};

use super::{Conversation, Driver, End, end::lost_call, leaving_note::LeavingNote};
use crate::upstream::{
    breaker::Answered,
    call::Trip,
    error::CallError,
    point::{Pending, Point},
};

/// Why calls brought no replies.
pub(super) enum Unanswered {
    End(End),
    /// Asked again later, the insurer may answer.
    Passing(End),
    /// A call that creates may have been carried out.
    Lost(End),
}

// === impl Driver ===

impl<O: Operation> Driver<'_, O> {
    /// Sends the calls of `point`, all at once.
    pub(super) async fn send(&mut self, point: &Point) -> Result<Vec<Reply>, Unanswered> {
        let Pending::Calls(calls) = &point.pending else { return Ok(Vec::new()) };
        let note = LeavingNote {
            journal: self.journal,
            point,
            announced: AtomicU32::new(0),
            kept: AtomicBool::new(false),
        };
        self.unkept_effect |= calls.iter().any(|call| call.effect != Effect::Read);
        let Conversation { insurer, budget, timeline, stop, .. } = &self.conversation;
        // Of several calls none is given up alone: the replies of the others would be lost with it.
        let never = CancellationToken::new();
        let stop = if calls.len() == 1 { stop } else { &never };
        let trip = Trip { budget, timeline, departure: &note, stop };
        let sent = join_all(calls.iter().map(|call| insurer.call(call, &trip))).await;
        if note.kept.into_inner() {
            self.let_go();
        }
        let mut replies = Vec::with_capacity(calls.len());
        let mut passes = Vec::with_capacity(calls.len());
        for (call, result) in calls.iter().zip(sent) {
            match result {
                Ok(Answered { reply, pass }) => {
                    replies.push(reply);
                    passes.push(pass);
                }
                Err(CallError::Stopping) => return Err(Unanswered::End(End::Parked)),
                Err(_) if call.optional => {}
                Err(error) if call.effect == Effect::Creates && error.reply_is_lost() => {
                    return Err(Unanswered::Lost(lost_call(call, &error)));
                }
                Err(error) if error.is_passing() || error.reply_is_lost() || error.is_blocked() => {
                    return Err(Unanswered::Passing(lost_call(call, &error)));
                }
                Err(error) => return Err(Unanswered::End(lost_call(call, &error))),
            }
        }
        self.passes = passes;
        Ok(replies)
    }
}
