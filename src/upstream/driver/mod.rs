//! The driver: carries one conversation from its first step to its end.
//!
//! It is not generic over adapters, only over operations: a flow comes to it erased. What it learns on
//! the way it tells a [`Journal`]: results to publish, the state to keep, and (before an application
//! leaves) the note that must be durable first.
//!
//! **What is kept.** A state is kept where a restart could not find it again by repeating reads: after a
//! call that creates, before it (with the note that it leaves), before a keyed call (whose key must stay the
//! same), and at every wait that is new. So a conversation of reads alone that never waits costs no write and
//! simply begins again after a crash. One that was caught between an application and its reply asks the insurer what became of
//! it, where the flow knows how ([`recover`](veer_contract::Flow::recover)), and else ends as
//! [`Verdict::NotRestorable`]: the insurer may have it, and it is not sent twice.
//!
//! **What insurers tell by themselves.** A call that a flow waits for is dealt with only when a later state is kept
//! or the end is written down: until then a restart finds it again.
//!
//! **What is waited out.** A patient conversation, which may take hours, is not ended by an insurer that fails
//! while it is asked how far something is; it is asked again, with pauses that grow.

mod conversation;
mod end;
mod hearing;
mod journal;
mod keeping;
mod leaving_note;
mod sending;
mod step;
mod waiting;

use std::sync::Arc;

use tokio::time::Instant;
use veer_contract::{FaultKind, Next, Operation};

use self::{
    end::lost,
    sending::Unanswered,
    step::{Doing, Happened},
    waiting::AFTER_FAULT,
};
use super::{
    breaker::{self, Pass},
    callbacks::CallKey,
    point::{Beginning, Pending, Point},
    timeline::What,
    verdict::Verdict,
};

pub use self::{conversation::Conversation, end::End, hearing::Hearing, journal::Journal};

struct Driver<'a, O: Operation> {
    conversation: Conversation<O>,
    journal: &'a dyn Journal<O>,
    kept: Option<Point>,
    steps: u32,
    since: Instant,
    /// A call that changes something was sent since the last time that a state was kept.
    unkept_effect: bool,
    /// The insurer's own call that was taken since the last time that a state was kept.
    taken: Option<CallKey>,
    /// Those that were heard and left there.
    heard: Vec<CallKey>,
    /// Of the calls whose replies the next step judges.
    passes: Vec<Pass>,
}

/// Drives `conversation`, from where it begins, to its end. With the end comes the insurer's own call that led to
/// it, if one did: it is dealt with once the end is written down.
pub async fn drive<O: Operation>(
    conversation: Conversation<O>,
    from: Beginning,
    journal: &dyn Journal<O>,
) -> (End, Option<CallKey>) {
    let since = Instant::now();
    let mut driver = Driver {
        conversation,
        journal,
        kept: None,
        steps: 0,
        since,
        unkept_effect: false,
        taken: None,
        heard: Vec::new(),
        passes: Vec::new(),
    };
    let end = driver.run(from).await.unwrap_or_else(|end| end);
    driver.conversation.insurer.ended_about_registry(O::KIND, &end, since);
    let last = driver.taken.take().filter(|_| end != End::Parked);
    (end, last)
}

// === impl Driver ===

impl<O: Operation> Driver<'_, O> {
    async fn run(&mut self, from: Beginning) -> Result<End, End> {
        // What was asked last, for an answer that says that it was not carried out.
        let mut asked: Option<Arc<Point>> = None;
        let mut doing = match from {
            Beginning::Start => Doing::Start,
            Beginning::At(point) => {
                self.kept = Some(point.clone());
                self.conversation.timeline.note(What::Resumed);
                let point = Arc::new(point);
                asked = Some(point.clone());
                self.take_up(&point).await?
            }
            Beginning::Lost(point) => {
                self.conversation.timeline.note(What::Resumed);
                let Some(point) = point else { return Err(lost()) };
                Doing::Recover(point.state, lost())
            }
        };
        loop {
            if matches!(doing, Doing::Recover(..)) {
                asked = None; // What it finds out is not about that call any more.
            }
            let step = self.step(doing).await?;
            breaker::judge(std::mem::take(&mut self.passes), &step.next);
            self.conversation.insurer.heard_of_registry(O::KIND, &step.next);
            if !step.emit.is_empty() {
                self.journal.emitted(step.emit);
            }
            doing = match step.next {
                Next::Done => return Ok(End::Done),
                Next::Decline(decline) => return Ok(End::Declined(decline)),
                Next::Fail(fault) => {
                    let end = End::Failed { verdict: fault.kind.into(), detail: fault.detail };
                    match asked.take() {
                        Some(point) if point.creates() => match fault.kind {
                            // It said so: nothing was made.
                            FaultKind::RegistryDown | FaultKind::CredentialsRefused => {
                                self.journal.keep(&point);
                                return Ok(end);
                            }
                            FaultKind::InsurerError | FaultKind::NotUnderstood => {
                                Doing::Recover(point.state.clone(), end)
                            }
                        },
                        Some(point) if self.asks_again(&point, fault.kind) => {
                            self.wait(AFTER_FAULT).await?;
                            asked = Some(point.clone());
                            self.take_up(&point).await?
                        }
                        _ => return Ok(end),
                    }
                }
                Next::Call { calls, .. } if calls.is_empty() => {
                    let detail = "the adapter asked for no call at all".to_owned();
                    return Err(End::Failed { verdict: Verdict::NotUnderstood, detail });
                }
                Next::Call { calls, then } => {
                    let point = Point { state: then, pending: Pending::Calls(calls) };
                    if point.is_keyed() {
                        self.keep_key(&point).await?;
                    } else if self.unkept_effect {
                        self.keep(&point);
                    }
                    self.stop_here()?;
                    let point = Arc::new(point);
                    asked = Some(point.clone());
                    self.take_up(&point).await?
                }
                Next::Wait { at_least, then } => {
                    asked = None;
                    self.keep(&Point { state: then.clone(), pending: Pending::Wake });
                    self.wait(at_least).await?;
                    Doing::Resume(then, Happened::Woke)
                }
                Next::Await { correlation, then } => {
                    asked = None;
                    let point = Point { state: then, pending: Pending::Callback(correlation) };
                    self.keep(&point);
                    self.take_up(&point).await?
                }
            };
        }
    }

    /// Does what was to happen at `point`.
    async fn take_up(&mut self, point: &Point) -> Result<Doing, End> {
        let happened = match &point.pending {
            Pending::Wake => Happened::Woke,
            Pending::Calls(_) => loop {
                match self.send(point).await {
                    Ok(replies) => break Happened::Replies(replies),
                    Err(Unanswered::Lost(end)) => return Ok(Doing::Recover(point.state.clone(), end)),
                    Err(Unanswered::Passing(_)) if self.asks_again(point, FaultKind::InsurerError) => {
                        self.wait(AFTER_FAULT).await?;
                    }
                    Err(Unanswered::End(end) | Unanswered::Passing(end)) => return Err(end),
                }
            },
            Pending::Callback(correlation) => self.callback(correlation).await?,
        };
        Ok(Doing::Resume(point.state.clone(), happened))
    }

    fn stop_here(&self) -> Result<(), End> {
        if self.conversation.stop.is_cancelled() { Err(End::Parked) } else { Ok(()) }
    }
}
