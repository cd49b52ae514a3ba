//! Runs the steps of one operation.
//!
//! Everything that is remembered stands in the [`State`]; the rest follows from the spec, so a conversation
//! goes on after a restart as if nothing had happened.

mod block;

use std::{collections::BTreeMap, time::Duration};

use minijinja::Value;
use serde_json::Value as Json;
use veer_contract::{
    Call, Context, Decline, Event, Fault, Next, OperationKind, Reply, Step as Turn, create_then_poll::Refusal,
};

use crate::{
    calls,
    compile::Compiled,
    model::{DeclineAs, Operation, Step, Take, Template, Then},
    outcome::{self, Out, Source},
    plain_id, registry,
    scene::{self, Given, Known},
    state::{Phase, State},
    value::{Absent, text, to_json},
};

/// What a no without words is told as.
const WORDLESS: &str = "Страховщик отказал без объяснения причины";
/// A value that is taken, as JSON, is no larger.
const LARGEST_TAKEN: usize = 8 * 1024 * 1024;

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
    /// Begins the conversation.
    pub(crate) fn start(&self) -> Turn<State, Out> {
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

    /// What follows from a reply, or from none.
    fn after(&self, step: &Step, owner: &Owner<'_>, reply: Option<&Reply>) -> Result<After, Refusal> {
        let seen = reply.map(|reply| scene::reply(&step.uses, reply)).transpose()?;
        let scene = self.scene(step, owner, seen);
        let mut taken = Vec::new();
        let mut with_taken = None;
        if reply.is_some() || step.call.is_none() {
            for rule in &step.rules {
                let holds = match &rule.when {
                    Some(when) => when.holds(&scene).map_err(|why| why.refusal(&when.place))?,
                    None => true,
                };
                if !holds {
                    continue;
                }
                match &rule.then {
                    Then::Go => break,
                    Then::Again => return Ok(After::Again(step.every.unwrap_or(Duration::from_secs(1)))),
                    Then::Done => return Ok(After::Done),
                    Then::Decline { words, kind } => return Err(self.decline(words, *kind, &scene)),
                    Then::Fail { kind, detail } => return Err(Fault::new(*kind, detail.as_str()).into()),
                }
            }
            for (that, otherwise) in &step.expect {
                if !that.holds(&scene).map_err(|why| why.refusal(&that.place))? {
                    return Err(Fault::not_understood(otherwise.as_str()).into());
                }
            }
            let mut all: BTreeMap<String, Json> = BTreeMap::new();
            for take in &step.take {
                let scene = with_taken.as_ref().unwrap_or(&scene);
                let value = take_one(take, scene)?;
                taken.push((take.name.clone(), value.clone()));
                all.insert(take.name.clone(), value);
                with_taken = Some(self.with_taken(&all, owner, scene));
            }
        }
        let out = match &step.result {
            None => None,
            Some(result) => {
                let is_company = |code: &str| self.compiled.manifest.companies.contains_key(code);
                let from = Source {
                    scene: with_taken.as_ref().unwrap_or(&scene),
                    given: self.given,
                    reply,
                    company: owner.member.as_ref().filter(|it| it.is_company).map(|it| it.key),
                    in_parts: owner.member.is_some(),
                    companies: &is_company,
                };
                Some(outcome::make(result, from)?)
            }
        };
        Ok(After::On { taken, out })
    }

    /// The scene with what this very step has taken.
    fn with_taken(&self, taken: &BTreeMap<String, Json>, owner: &Owner<'_>, scene: &Value) -> Value {
        let own = owner.member.as_ref().map(|member| member.own.iter()).into_iter().flatten();
        let all = owner.taken.iter().chain(own).chain(taken);
        let all = all.map(|(name, value)| (name.clone(), crate::tree::json(value))).collect();
        scene::with(scene, vec![("taken", crate::value::Fields::value(all))])
    }

    fn decline(&self, words: &Template, kind: DeclineAs, scene: &Value) -> Refusal {
        // A no is a no, whatever is missing of its words.
        let said = calls::render(&self.compiled.templates, words, scene).unwrap_or_default();
        let said = said.trim();
        match kind {
            DeclineAs::ByWords => registry::refusal(said, WORDLESS),
            DeclineAs::Kind(kind) => Decline::new(kind, if said.is_empty() { WORDLESS } else { said }).into(),
        }
    }
}

/// The tag of a member's call.
fn tag(step: &Step, key: &str) -> String {
    format!("{}.{key}", step.name)
}

fn take_one(take: &Take, scene: &Value) -> Result<Json, Refusal> {
    let place = &take.value.place;
    let value = take.value.value(scene).map_err(|why| why.refusal(place))?;
    if let Some(why) = Absent::why(&value) {
        return Err(why.refusal(place));
    }
    if take.is_id {
        let id = text(&value).map_err(|why| why.refusal(place))?;
        return Ok(plain_id::check(&id, place)?.into());
    }
    let value = to_json(&without_absent(&value)).map_err(|why| why.refusal(place))?;
    match value.to_string().len() > LARGEST_TAKEN {
        true => Err(Fault::not_understood(format!("{place}: it is too large to be kept")).into()),
        false => Ok(value),
    }
}

/// Tables and lists without what is absent in them.
fn without_absent(value: &Value) -> Value {
    use crate::value::{Fields, Items};
    if let Some(fields) = value.downcast_object_ref::<Fields>() {
        let there = fields.0.iter().filter(|(_, value)| !Absent::is(value));
        return Fields::value(there.map(|(name, value)| (name.clone(), without_absent(value))).collect());
    }
    match crate::value::items(value) {
        Some(items) => {
            let there = items.iter().filter(|value| !Absent::is(value));
            Value::from_object(Items(there.map(without_absent).collect()))
        }
        None => value.clone(),
    }
}
