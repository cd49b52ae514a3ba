//! Sending the calls of one step, and what it means where they bring no replies.

use std::sync::atomic::{AtomicBool, AtomicU32};

use futures::future::join_all;
use tokio_util::sync::CancellationToken;
use veer_contract::{Call, Effect, Operation, Reply};

use super::{Conversation, Driver, End, end::lost_call, leaving_note::LeavingNote};
use crate::upstream::{
    breaker::{Answered, Word},
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
        let mut unanswered = None;
        for (call, result) in calls.iter().zip(sent) {
            match result {
                Ok(Answered { reply, pass }) => {
                    replies.push(reply);
                    passes.push(pass);
                }
                Err(error) if call.optional && error != CallError::Stopping => {}
                Err(error) => {
                    unanswered.get_or_insert_with(|| what_it_means(call, &error));
                }
            }
        }
        let Some(unanswered) = unanswered else {
            self.passes = passes;
            return Ok(replies);
        };
        // No step will judge the others' replies; that they came is enough for one that tried.
        passes.into_iter().for_each(|pass| pass.report(Word::Answered));
        Err(unanswered)
    }
}

/// What it means that `call` brought no reply.
fn what_it_means(call: &Call, error: &CallError) -> Unanswered {
    match error {
        CallError::Stopping => Unanswered::End(End::Parked),
        error if call.effect == Effect::Creates && error.reply_is_lost() => {
            Unanswered::Lost(lost_call(call, error))
        }
        error if error.is_passing() || error.reply_is_lost() || error.is_blocked() => {
            Unanswered::Passing(lost_call(call, error))
        }
        error => Unanswered::End(lost_call(call, error)),
    }
}
