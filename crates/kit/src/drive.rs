//! Drives one conversation as the host would, without a network: the state is written down and read back
//! at every step, a panic is caught, and everything printable is searched for personal data.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use serde_json::Value;
use veer_contract::{
    Adapter, Context, ErasedFlow, Event, Next, Operation, Reply, SavedState, Settings, Step, VehicleCodes,
    erased::StateError,
};

use crate::{
    fixture::{End, Fixture},
    given::{FixtureInput, Given},
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

/// How a conversation went.
#[derive(Default)]
pub(crate) struct Conversation {
    /// Everything published, nulls left out.
    pub(crate) results: Vec<Value>,
    /// How it ended; `None` where the script stopped it.
    pub(crate) end: Option<End>,
    /// How many ids were drawn.
    pub(crate) ids: usize,
    /// A reply was lost and the flow knows no way to ask after it, so the host ended the conversation.
    pub(crate) unrecoverable: bool,
    /// Panics, states that cannot be restored, personal data in print.
    pub(crate) problems: Vec<String>,
}

// === impl Case ===

impl<'a, O: Operation> Case<'a, O>
where
    O::Input: FixtureInput,
{
    /// Makes the input and the context; the error says what the fixture lacks.
    pub(crate) fn new(
        adapter: &'a dyn Adapter,
        flow: &'a dyn ErasedFlow<O>,
        fixture: &Fixture,
    ) -> Result<Self, String> {
        let given = fixture.given.clone();
        let input = O::Input::of(&given)?;
        // As after a restart: the input comes from the store.
        let stored = serde_json::to_string(&input).map_err(|error| error.to_string())?;
        let input = serde_json::from_str(&stored).map_err(|error| error.to_string())?;
        Ok(Self {
            adapter,
            flow,
            settings: given.settings(adapter.manifest())?,
            vehicle: given.vehicle()?,
            secrets: Secrets::of(&input),
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
        loop {
            let Step { emit, next } = match step {
                Ok(step) => step,
                Err(problem) => {
                    conversation.problems.push(problem);
                    break;
                }
            };
            let emitted = emit.len();
            for result in emit {
                match serde_json::to_value(&result) {
                    Ok(value) => conversation.results.push(legible(without_nulls(value))),
                    Err(error) => conversation.problems.push(format!("a result is no JSON: {error}")),
                }
            }
            if let Some(leak) = self.secrets.leak(&next) {
                conversation.problems.push(leak);
            }
            let (next, state) = match next {
                Next::Done => return conversation.ended(End::Done, drawn.get()),
                Next::Decline(decline) => return conversation.ended(End::Decline(decline), drawn.get()),
                Next::Fail(fault) => return conversation.ended(End::Fault(fault), drawn.get()),
                Next::Call { calls, then } => (Next::Call { calls, then: then.clone() }, then),
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
                Answer::Lost => match caught(|| self.flow.recover(&self.input, &state, &cx)).transpose() {
                    Some(recovered) => {
                        step = recovered;
                        continue;
                    }
                    None => {
                        conversation.unrecoverable = true;
                        break;
                    }
                },
                Answer::Again | Answer::Stop => break,
            };
            step = caught(|| self.flow.resume(&self.input, &state, event, &cx));
        }
        conversation.ids = drawn.get();
        conversation
    }
}

// === impl Conversation ===

impl Conversation {
    fn ended(mut self, end: End, ids: usize) -> Self {
        self.end = Some(end);
        self.ids = ids;
        self
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
