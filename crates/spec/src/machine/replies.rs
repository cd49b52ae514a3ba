//! What follows from a reply: rules, expectations, what is taken, and the result.

use std::{collections::BTreeMap, time::Duration};

use minijinja::Value;
use serde_json::Value as Json;
use veer_contract::{Decline, Fault, Reply, create_then_poll::Refusal};

use super::{After, Machine, Owner};
use crate::{
    calls,
    model::{DeclineAs, Step, Take, Template, Then},
    outcome::{self, Source},
    plain_id, registry, scene,
    value::{Absent, Fields, Items, items, text, to_json},
};

/// What a no without words is told as.
const WORDLESS: &str = "Страховщик отказал без объяснения причины";
/// A value that is taken, as JSON, is no larger.
const LARGEST_TAKEN: usize = 8 * 1024 * 1024;

impl Machine<'_, '_> {
    /// What follows from a reply, or from none.
    pub(super) fn after(
        &self,
        step: &Step,
        owner: &Owner<'_>,
        reply: Option<&Reply>,
    ) -> Result<After, Refusal> {
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
        scene::with(scene, vec![("taken", Fields::value(all))])
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
    if let Some(fields) = value.downcast_object_ref::<Fields>() {
        let there = fields.0.iter().filter(|(_, value)| !Absent::is(value));
        return Fields::value(there.map(|(name, value)| (name.clone(), without_absent(value))).collect());
    }
    match items(value) {
        Some(items) => {
            let there = items.iter().filter(|value| !Absent::is(value));
            Value::from_object(Items(there.map(without_absent).collect()))
        }
        None => value.clone(),
    }
}
