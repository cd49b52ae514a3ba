//! Runs the steps of one operation.
//!
//! Everything that is remembered stands in the [`State`]; the rest follows from the spec, so a conversation
//! goes on after a restart as if nothing had happened.

mod block;
mod replies;

use std::{collections::BTreeMap, time::Duration};

use minijinja::Value;
use serde_json::Value as Json;
use veer_contract::{
    Call, Context, Event, Fault, Next, OperationKind, Reply, Step as Turn, create_then_poll::Refusal,
};

use crate::{
    calls,
    compile::Compiled,
    model::{Operation, Step},
    outcome::Out,
    scene::{self, Given, Known},
    state::{Phase, State},
};

/// One operation with its input.
pub(crate) struct Machine<'m, 'c> {
    pub(crate) compiled: &'m Compiled,
    pub(crate) operation: &'m Operation,
    pub(crate) given: Given<'m>,
    pub(crate) cx: &'m Context<'c>,
}

/// Whose step it is, and what its owner has taken.
struct Owner<'o> {
    ids: &'o BTreeMap<String, String>,
    taken: &'o BTreeMap<String, Json>,
    member: Option<Seen<'o>>,
}

/// A member of a block of steps with `each`, as its steps see it.
#[derive(Clone)]
struct Seen<'o> {
    /// The company's code, or the place in the list.
    key: &'o str,
    /// The name under which expressions see it, and what they see.
    name: &'o str,
    value: Value,
    is_company: bool,
    own: &'o BTreeMap<String, Json>,
}

/// How a step begins.
enum Begin {
    Skip,
    Wait(Duration),
    Call(Call),
    Nothing,
}

/// How a step goes on after its reply.
enum After {
    Again(Duration),
    Done,
    On { taken: Vec<(String, Json)>, out: Option<Out> },
}

/// What the host does next.
enum Go {
    Call(Vec<Call>),
    Wait(Duration),
    Done,
}

// === impl Machine ===

impl Machine<'_, '_> {
    /// Begins the conversation; where companies would be asked and every one is switched off, nothing is sent.
    pub(crate) fn start(&self) -> Turn<State, Out> {
        if self.operation.steps.iter().any(Step::is_companies)
            && let Err(nobody) = self.companies()
        {
            return nobody.into();
        }
        let ids = self.operation.ids.iter().map(|name| (name.clone(), (self.cx.new_id)())).collect();
        self.turn(State { ids, ..State::default() }, None)
    }

    /// Goes on after `event`.
    pub(crate) fn resume(&self, state: State, event: Event<'_>) -> Turn<State, Out> {
        self.turn(state, Some(event))
    }

    /// Asks what became of the call that was under way; `None` where nothing can.
    pub(crate) fn recover(&self, mut state: State) -> Option<Turn<State, Out>> {
        if state.members.is_some() {
            return self.recover_block(state);
        }
        let step = self.operation.steps.get(state.at)?;
        state.at = step.lost.filter(|_| state.phase == Phase::Asked)?;
        state.phase = Phase::Fresh;
        Some(self.turn(state, None))
    }

    fn turn(&self, mut state: State, event: Option<Event<'_>>) -> Turn<State, Out> {
        let mut emit = Vec::new();
        let next = match self.drive(&mut state, &mut emit, event) {
            Ok(Go::Call(calls)) => Next::Call { calls, then: state },
            Ok(Go::Wait(at_least)) => Next::Wait { at_least, then: state },
            Ok(Go::Done) => Next::Done,
            Err(Refusal::Decline(decline)) => Next::Decline(decline),
            Err(Refusal::Fault(fault)) => Next::Fail(fault),
        };
        Turn { emit, next }
    }

    fn drive(&self, state: &mut State, emit: &mut Vec<Out>, event: Option<Event<'_>>) -> Result<Go, Refusal> {
        let mut replies = match (state.phase, event) {
            (Phase::Fresh, None) | (Phase::Waiting, Some(Event::Woke)) => None,
            (Phase::Asked, Some(Event::Replies(replies))) => Some(replies),
            _ => return Err(Fault::not_understood("the call's reply is not here").into()),
        };
        loop {
            let Some(step) = self.operation.steps.get(state.at) else { return self.finish(state) };
            if let Some(each) = &step.each {
                match self.block(each, state, emit, replies.take())? {
                    Some(go) => return Ok(go),
                    None => continue,
                }
            }
            let owner = Owner { ids: &state.ids, taken: &state.taken, member: None };
            let reply = match replies.take() {
                Some(replies) => self.reply_of(step, &step.name, replies)?,
                None => match self.begin(step, &owner, state.phase == Phase::Waiting)? {
                    Begin::Skip => {
                        state.at += 1;
                        state.phase = Phase::Fresh;
                        continue;
                    }
                    Begin::Wait(pause) => {
                        state.phase = Phase::Waiting;
                        return Ok(Go::Wait(pause));
                    }
                    Begin::Call(call) => {
                        state.phase = Phase::Asked;
                        return Ok(Go::Call(vec![call]));
                    }
                    Begin::Nothing => None,
                },
            };
            match self.after(step, &owner, reply)? {
                After::Again(pause) => {
                    state.phase = Phase::Waiting;
                    return Ok(Go::Wait(pause));
                }
                After::Done => return Ok(Go::Done),
                After::On { taken, out } => {
                    state.taken.extend(taken);
                    state.at += 1;
                    state.phase = Phase::Fresh;
                    if let Some(out) = out {
                        emit.push(out);
                        state.gave = true;
                        if Operation::ends_with_its_result(self.operation.kind) {
                            return Ok(Go::Done);
                        }
                    }
                }
            }
        }
    }

    fn finish(&self, state: &State) -> Result<Go, Refusal> {
        let needs_none = matches!(self.operation.kind, OperationKind::Cancel | OperationKind::VehicleInfo);
        match state.gave || needs_none {
            true => Ok(Go::Done),
            false => {
                let kind = self.operation.kind;
                Err(Fault::not_understood(format!("{kind}: the last step is done and nothing came of it"))
                    .into())
            }
        }
    }

    /// The reply to a step's call; `None` where an optional call found none.
    fn reply_of<'r>(
        &self,
        step: &Step,
        tag: &str,
        replies: &'r [Reply],
    ) -> Result<Option<&'r Reply>, Refusal> {
        let found = replies.iter().find(|reply| reply.tag == tag);
        let optional = step.is_companies() || step.call.as_ref().is_some_and(|call| call.optional);
        match (found, optional) {
            (None, false) => {
                Err(Fault::not_understood(format!("no reply to the call `{tag}` is here")).into())
            }
            (found, _) => Ok(found),
        }
    }

    fn scene(&self, step: &Step, owner: &Owner<'_>, reply: Option<Value>) -> Value {
        let known = Known {
            ids: owner.ids,
            taken: owner.taken,
            member: owner.member.as_ref().map(|member| (member.name, &member.value)),
            own: owner.member.as_ref().map(|member| member.own),
        };
        scene::set(&step.uses, self.given, known, self.cx, &self.compiled.enums, reply)
    }

    fn begin(&self, step: &Step, owner: &Owner<'_>, waited: bool) -> Result<Begin, Refusal> {
        let scene = self.scene(step, owner, None);
        if !waited {
            if let Some(condition) = &step.condition
                && !condition.holds(&scene).map_err(|why| why.refusal(&condition.place))?
            {
                return Ok(Begin::Skip);
            }
            if let Some(wait) = step.wait {
                return Ok(Begin::Wait(wait));
            }
        }
        let Some(call) = &step.call else { return Ok(Begin::Nothing) };
        let tag = match &owner.member {
            Some(member) => tag(step, member.key),
            None => step.name.clone(),
        };
        calls::write(call, tag, step.is_companies(), &self.compiled.templates, &scene).map(Begin::Call)
    }
}

/// The tag of a member's call.
fn tag(step: &Step, key: &str) -> String {
    format!("{}.{key}", step.name)
}
