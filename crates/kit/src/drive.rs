//! Drives one conversation as the host would, without a network: the state is written down and read back
//! at every step, a panic is caught, and everything printable is searched for personal data.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use serde::Serialize;
use serde_json::Value;
use veer_contract::{
    Adapter, Call, Context, Effect, ErasedFlow, Event, FaultKind, Next, Operation, Reply, SavedState,
    Settings, Step, VehicleCodes, erased::StateError,
};

use crate::{
    fixture::End,
    given::{FixtureInput, Given},
    host::refuses_path,
    json::{legible, without_nulls},
    secrecy::Secrets,
};

/// One adapter's operation with what a fixture gives it.
pub(crate) struct Case<'a, O: Operation> {
    pub(crate) adapter: &'a dyn Adapter,
    flow: &'a dyn ErasedFlow<O>,
    input: O::Input,
    given: Given,
    settings: Settings,
    vehicle: VehicleCodes,
    pub(crate) secrets: Secrets,
}

/// What a script does with a step that is not the last.
pub(crate) enum Answer {
    Woke,
    Replies(Vec<Reply>),
    Callback(Reply),
    /// The session was over: the same step is asked again.
    Again,
    /// The reply to a call that creates is lost: the flow is asked how to find out what became of it.
    Lost,
    /// The conversation goes no further.
    Stop,
}

/// How far a conversation is followed.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Follow {
    /// To the adapter's own end.
    ToTheEnd,
    /// As the host does: where the adapter gives up over the reply to a call that creates, it is asked how
    /// to find out what became of that call, and the conversation goes on.
    AsTheHost,
}

/// How a conversation went.
#[derive(Default)]
pub(crate) struct Conversation {
    /// Everything published, nulls left out.
    pub(crate) results: Vec<Value>,
    /// How it ended the first time; `None` where the script stopped it.
    pub(crate) end: Option<End>,
    /// How many ids were drawn.
    pub(crate) ids: usize,
    /// A reply was lost and the flow knows no way to ask after it, so the host ended the conversation.
    pub(crate) unrecoverable: bool,
    /// The flow was asked how to find out what became of a call, and knew a way.
    pub(crate) recovered: bool,
    /// Panics, states that cannot be restored, personal data in print.
    pub(crate) problems: Vec<String>,
}

// === impl Case ===

impl<'a, O: Operation> Case<'a, O>
where
    O::Input: FixtureInput,
{
    /// Makes the input and the context; the error says what the fixture lacks. `in_paths` names the calls
    /// whose paths may hold personal data.
    pub(crate) fn new(
        adapter: &'a dyn Adapter,
        flow: &'a dyn ErasedFlow<O>,
        given: &Given,
        in_paths: &[String],
    ) -> Result<Self, String> {
        let given = given.clone();
        let input = O::Input::of(&given)?;
        // As after a restart: the input comes from the store.
        let stored = serde_json::to_string(&input).map_err(|error| error.to_string())?;
        let input = serde_json::from_str(&stored).map_err(|error| error.to_string())?;
        Ok(Self {
            adapter,
            flow,
            settings: given.settings(adapter.manifest())?,
            vehicle: given.vehicle()?,
            secrets: Secrets::of(&input, in_paths),
            input,
            given,
        })
    }
}

impl<O: Operation> Case<'_, O> {
    /// Runs the conversation; `script` is asked after every step that wants something, with the number of
    /// results published along with it.
    pub(crate) fn converse(
        &self,
        follow: Follow,
        mut script: impl FnMut(&Next<SavedState>, usize) -> Answer,
    ) -> Conversation {
        let mut conversation = Conversation::default();
        let drawn = Cell::new(0);
        let new_id = || {
            let at = drawn.replace(drawn.get() + 1);
            self.given.ids.get(at).cloned().unwrap_or_else(|| format!("id-{at}"))
        };
        let cx = Context {
            remaining: Duration::from_secs(self.given.remaining_s),
            today: self.given.today,
            new_id: &new_id,
            vehicle: &self.vehicle,
            settings: &self.settings,
        };
        let mut step = caught(|| self.flow.start(&self.input, &cx));
        // The state beside the last calls, where one of them creates.
        let mut creating: Option<SavedState> = None;
        loop {
            let Step { emit, next } = match step {
                Ok(step) => step,
                Err(problem) => {
                    conversation.problems.push(problem);
                    break;
                }
            };
            let emitted = emit.len();
            conversation.publish(emit);
            conversation.problems.extend(self.secrets.leak(&next));
            let (next, state) = match next {
                Next::Done => return conversation.ended(End::Done, drawn.get()),
                Next::Decline(decline) => return conversation.ended(End::Decline(decline), drawn.get()),
                Next::Fail(fault) => {
                    let nothing_was_made =
                        matches!(fault.kind, FaultKind::RegistryDown | FaultKind::CredentialsRefused);
                    conversation = conversation.ended(End::Fault(fault), drawn.get());
                    let state = creating.take().filter(|_| follow == Follow::AsTheHost && !nothing_was_made);
                    let recovered = state.and_then(|state| self.recovered(&state, &cx));
                    let Some(recovered) = recovered else { return conversation };
                    conversation.recovered = true;
                    step = recovered;
                    continue;
                }
                Next::Call { calls, then } => {
                    conversation.look_at(&calls);
                    creating = calls.iter().any(|call| call.effect == Effect::Creates).then(|| then.clone());
                    (Next::Call { calls, then: then.clone() }, then)
                }
                Next::Wait { at_least, then } => (Next::Wait { at_least, then: then.clone() }, then),
                Next::Await { correlation, then } => (Next::Await { correlation, then: then.clone() }, then),
            };
            let mut answer = script(&next, emitted);
            if matches!(answer, Answer::Again) {
                answer = script(&next, emitted);
            }
            let state = match reloaded(&state) {
                Ok(state) => state,
                Err(error) => {
                    conversation.problems.push(format!("the state does not outlive a restart: {error}"));
                    break;
                }
            };
            let event = match &answer {
                Answer::Woke => Event::Woke,
                Answer::Replies(replies) => Event::Replies(replies),
                Answer::Callback(reply) => Event::Callback(reply),
                Answer::Lost => {
                    creating = None; // What it finds out is not about that call any more.
                    match self.recovered(&state, &cx) {
                        Some(recovered) => {
                            conversation.recovered = true;
                            step = recovered;
                            continue;
                        }
                        None => {
                            conversation.unrecoverable = true;
                            break;
                        }
                    }
                }
                Answer::Again | Answer::Stop => break,
            };
            step = caught(|| self.flow.resume(&self.input, &state, event, &cx));
        }
        conversation.ids = drawn.get();
        conversation
    }

    fn recovered(
        &self,
        state: &SavedState,
        cx: &Context<'_>,
    ) -> Option<Result<Step<SavedState, O::Output>, String>> {
        caught(|| self.flow.recover(&self.input, state, cx)).transpose()
    }
}

// === impl Conversation ===

impl Conversation {
    /// What comes after the first end is looked at and not part of the conversation.
    fn ended(mut self, end: End, ids: usize) -> Self {
        if self.end.is_none() {
            self.end = Some(end);
            self.ids = ids;
        }
        self
    }

    fn publish<T: Serialize>(&mut self, emit: Vec<T>) {
        for result in emit {
            match serde_json::to_value(&result) {
                // A result without content, as that of `cancel`, is written as `{}`: TOML has no null.
                Ok(Value::Null) if self.end.is_none() => self.results.push(Value::Object(Default::default())),
                Ok(value) if self.end.is_none() => self.results.push(legible(without_nulls(value))),
                Ok(_) => {}
                Err(error) => self.problems.push(format!("a result is no JSON: {error}")),
            }
        }
    }

    /// What the host would refuse to send.
    fn look_at(&mut self, calls: &[Call]) {
        if calls.is_empty() {
            self.problems.push("a step has no call at all; it is done, it waits, or it calls".into());
        }
        for call in calls {
            if let Some(why) = refuses_path(&call.path) {
                self.problems.push(format!("the path of `{}` {why}", call.tag));
            }
        }
    }
}

fn caught<T>(step: impl FnOnce() -> Result<T, StateError>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("the adapter panicked".into()),
    }
}

fn reloaded(state: &SavedState) -> Result<SavedState, serde_json::Error> {
    serde_json::from_str(&serde_json::to_string(state)?)
}
