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

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use futures::future::{BoxFuture, join_all};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use veer_contract::{
    Call, Decline, Effect, Event, FaultKind, Lane, Next, Operation, Reply, SavedState, VehicleCodes,
    erased::{ErasedStep, StateError},
};

use super::{
    breaker::{self, Answered, Pass},
    budget::Budget,
    call::{Departure, Trip},
    callbacks::{CallKey, Callbacks, Received},
    error::CallError,
    insurer::Insurer,
    point::{Beginning, Pending, Point},
    speaker::Revision,
    timeline::{Cause, Timeline, What},
    verdict::Verdict,
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

/// What the driver tells about a conversation.
pub trait Journal<O: Operation>: Send + Sync {
    /// Publish these results.
    fn emitted(&self, results: Vec<O::Output>);
    /// A call in this lane leaves now.
    fn asking(&self, lane: Lane);
    /// Keep this; nobody waits for it.
    fn keep(&self, point: &Point);
    /// Keep this, with the note whether a call that creates is leaving; returns when it is durable.
    fn keep_durably<'a>(&'a self, point: &'a Point, creating: bool) -> BoxFuture<'a, Result<(), String>>;
    /// The conversation has this call of the insurer's behind it: what was kept last comes after it.
    fn taken(&self, call: &CallKey);
}

/// How a conversation hears what its insurer tells by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearing {
    /// It takes the call, and waits for it until its time is over.
    Takes,
    /// It only reads: the call stays for whoever asks next. Where none comes within this time, the flow is woken
    /// instead: nothing was told yet.
    Reads(Duration),
}

/// How a conversation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Everything has been emitted.
    Done,
    /// The insurer says no.
    Declined(Decline),
    /// It broke.
    Failed {
        /// As this.
        verdict: Verdict,
        /// For operators.
        detail: String,
    },
    /// The gateway is stopping; what was kept goes on after the restart.
    Parked,
}

/// What the driver does next; [`Point`] is its kept form.
enum Doing {
    Start,
    Resume(SavedState, Happened),
    /// The reply to a call that creates is lost. Where the flow does not know what to do, this is the end.
    Recover(SavedState, End),
}

/// Why calls brought no replies.
enum Unanswered {
    End(End),
    /// Asked again later, the insurer may answer.
    Passing(End),
    /// A call that creates may have been carried out.
    Lost(End),
}

enum Happened {
    Woke,
    Replies(Vec<Reply>),
    Callback(Reply),
}

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

/// A conversation polls once a second for three minutes; ten times that is no conversation.
const MOST_STEPS: u32 = 4000;
/// A wait is never shorter, whatever the adapter says.
const LEAST_WAIT: Duration = Duration::from_millis(50);

/// A patient conversation waits for this part of the time that it has taken so far,
const PATIENCE: u32 = 8;
/// but never for longer,
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// and so long where the insurer failed.
const AFTER_FAULT: Duration = Duration::from_secs(3);

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

    async fn step(&mut self, doing: Doing) -> Result<ErasedStep<O::Output>, End> {
        self.steps += 1;
        if self.steps > MOST_STEPS && !self.conversation.patient {
            let detail = format!("the adapter took {MOST_STEPS} steps without an end");
            return Err(End::Failed { verdict: Verdict::NotUnderstood, detail });
        }
        if self.conversation.budget.remaining().is_zero() {
            return Err(failed(Verdict::OutOfBudget, &CallError::OutOfBudget("the next step")));
        }
        let (adapter, input) = (self.conversation.adapter.clone(), self.conversation.input.clone());
        if O::flow(&*adapter).is_none() {
            let detail = format!("the adapter has no operation `{}`", O::KIND);
            return Err(End::Failed { verdict: Verdict::NotUnderstood, detail });
        }
        let without_recovery = match &doing {
            Doing::Recover(_, end) => Some(end.clone()),
            Doing::Start | Doing::Resume(..) => None,
        };
        let run = move |cx: &veer_contract::Context<'_>| {
            let Some(flow) = O::flow(&*adapter) else { return Ok(None) };
            match doing {
                Doing::Start => flow.start(&input, cx).map(Some),
                Doing::Recover(state, _) => flow.recover(&input, &state, cx),
                Doing::Resume(state, happened) => {
                    let event = match &happened {
                        Happened::Woke => Event::Woke,
                        Happened::Replies(replies) => Event::Replies(replies),
                        Happened::Callback(reply) => Event::Callback(reply),
                    };
                    flow.resume(&input, &state, event, cx).map(Some)
                }
            }
        };
        let Conversation { insurer, budget, vehicle, .. } = &self.conversation;
        match insurer.step(budget, vehicle, run).await {
            Ok(Ok(step)) => step.ok_or_else(|| without_recovery.unwrap_or_else(lost)),
            Ok(Err(error @ (StateError::Version { .. } | StateError::Malformed { .. }))) => {
                Err(failed(Verdict::NotRestorable, &error))
            }
            Ok(Err(error @ StateError::Unwritable)) => Err(failed(Verdict::NotUnderstood, &error)),
            Err(lost) => Err(failed(Verdict::Panicked, &lost)),
        }
    }

    /// Sends the calls of `point`, all at once.
    async fn send(&mut self, point: &Point) -> Result<Vec<Reply>, Unanswered> {
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

    async fn wait(&self, at_least: Duration) -> Result<(), End> {
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
            () = tokio::time::sleep(at_least) => {}
            () = stop.cancelled() => {}
        }
        timeline.waited(since, Cause::Poll, None);
        self.stop_here()
    }

    async fn callback(&mut self, correlation: &str) -> Result<Happened, End> {
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

    /// Whether a failure at `point` is waited out: one that asks how far something is that may take hours
    /// does not end it.
    fn asks_again(&self, point: &Point, fault: FaultKind) -> bool {
        let Pending::Calls(calls) = &point.pending else { return false };
        let looks = calls.iter().all(|call| call.effect == Effect::Read && call.lane == Lane::Poll);
        let passing = matches!(fault, FaultKind::InsurerError | FaultKind::RegistryDown);
        self.conversation.patient && looks && passing
    }

    fn keep(&mut self, point: &Point) {
        if self.unkept_effect || self.kept.as_ref() != Some(point) {
            self.journal.keep(point);
            self.kept = Some(point.clone());
            self.unkept_effect = false;
        }
        self.let_go();
    }

    /// The call that was taken lies behind what is kept.
    fn let_go(&mut self) {
        if let Some(call) = self.taken.take() {
            self.journal.taken(&call);
        }
    }

    /// A keyed call goes again with its key, so the key is durable before it is used.
    async fn keep_key(&mut self, point: &Point) -> Result<(), End> {
        let kept = self.journal.keep_durably(point, false).await;
        kept.map_err(|error| failed(Verdict::Shed, &CallError::Unwritten(error)))?;
        self.kept = Some(point.clone());
        self.unkept_effect = false;
        self.let_go();
        Ok(())
    }

    fn stop_here(&self) -> Result<(), End> {
        if self.conversation.stop.is_cancelled() { Err(End::Parked) } else { Ok(()) }
    }
}

/// The note of one step's calls that create: it stands for as long as one of them may have made
/// something.
struct LeavingNote<'a, O: Operation> {
    journal: &'a dyn Journal<O>,
    point: &'a Point,
    announced: AtomicU32,
    /// It was durable at some time.
    kept: AtomicBool,
}

impl<O: Operation> Departure for LeavingNote<'_, O> {
    fn creating(&self) -> BoxFuture<'_, Result<(), String>> {
        self.announced.fetch_add(1, Ordering::Relaxed);
        Box::pin(async {
            self.journal.keep_durably(self.point, true).await?;
            self.kept.store(true, Ordering::Relaxed);
            Ok(())
        })
    }

    fn not_creating(&self) {
        if self.announced.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.journal.keep(self.point);
        }
    }

    fn leaving(&self, call: &Call) {
        self.journal.asking(call.lane);
    }
}

/// The end of a conversation that was cut off between an application and its reply.
fn lost() -> End {
    let detail = "the gateway stopped while an application was on its way; the insurer may have it, so it is not \
                  sent again";
    End::Failed { verdict: Verdict::NotRestorable, detail: detail.to_owned() }
}

fn lost_call(call: &Call, error: &CallError) -> End {
    End::Failed { verdict: error.verdict(), detail: format!("{}: {error}", call.tag) }
}

fn failed(verdict: Verdict, error: &dyn std::error::Error) -> End {
    End::Failed { verdict, detail: error.to_string() }
}
