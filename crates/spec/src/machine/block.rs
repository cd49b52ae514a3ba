//! A block of steps that many go through, each at its own pace: companies, or the items of a list.
//!
//! All calls that are due are sent at once; only when there is none, the host is asked to wait. So a slow
//! company holds nobody up, and an offer is published with the reply that brings it. A company that fails or
//! declines leaves the others alone. An item that fails ends the conversation: half a dictionary is none.

use std::{collections::BTreeMap, time::Duration};

use minijinja::Value;
use veer_contract::{
    Call, Decline, DeclineKind, Fault, FaultKind, Reply, Step as Turn, create_then_poll::Refusal,
};

use super::{After, Begin, Go, Machine, Out, Owner, Seen, tag};
use crate::{
    model::{Each, EffectSpec},
    scene,
    state::{Member, MemberPhase, Phase, State},
    value::{Why, items},
};

/// Characters of the words of all companies.
const LONGEST_WORDS: usize = 1000;
/// Items of a list that may go through steps.
const MOST_ITEMS: usize = 10_000;

/// The block that is under way: who goes through it, and what else is known.
struct Block<'b> {
    each: &'b Each,
    /// What each member is to its steps.
    values: BTreeMap<String, Value>,
    /// The first step behind the block.
    end: usize,
}

impl Machine<'_, '_> {
    /// Goes on with every member that can; `None` where the block is done.
    pub(super) fn block(
        &self,
        each: &Each,
        state: &mut State,
        emit: &mut Vec<Out>,
        replies: Option<&[Reply]>,
    ) -> Result<Option<Go>, Refusal> {
        let first = state.at;
        let steps = self.operation.steps.get(first..).unwrap_or_default();
        let end = first + steps.iter().take_while(|step| step.each.is_some()).count();
        let block = Block { each, values: self.values(each, state)?, end };
        let (woken, asked) = (state.phase == Phase::Waiting, state.phase == Phase::Asked);
        let mut members = match state.members.take() {
            Some(members) => members,
            None => self.fresh(&block, first)?,
        };
        for (key, member) in &mut members {
            if woken && matches!(member.phase, MemberPhase::Waiting(_)) {
                member.phase = MemberPhase::Woken;
            }
            if asked && member.phase == MemberPhase::Asked {
                self.replied(&block, state, (key, member), replies.unwrap_or_default(), emit)?;
            }
        }
        let mut calls = Vec::new();
        for (key, member) in &mut members {
            if calls.len() < each.at_once {
                calls.extend(self.due(&block, state, (key, member), emit)?);
            }
        }
        state.gave |= !emit.is_empty();
        let wait = members.values().filter_map(|member| match member.phase {
            MemberPhase::Waiting(pause) => Some(pause),
            _ => None,
        });
        // The longest, so that nobody is asked sooner than its step says.
        let wait = wait.max();
        let go = match (calls.is_empty(), wait) {
            (false, _) => {
                state.phase = Phase::Asked;
                Some(Go::Call(calls))
            }
            (true, Some(pause)) => {
                state.phase = Phase::Waiting;
                Some(Go::Wait(Duration::from_millis(pause)))
            }
            (true, None) => None,
        };
        if go.is_some() {
            state.members = Some(members);
            return Ok(go);
        }
        if each.is_company() && !state.gave {
            return Err(self.nobody(members));
        }
        state.at = end;
        state.phase = Phase::Fresh;
        Ok(None)
    }

    /// What each possible member is to its steps.
    fn values(&self, each: &Each, state: &State) -> Result<BTreeMap<String, Value>, Refusal> {
        let Some(of) = &each.of else {
            let companies = self.compiled.manifest.companies.iter();
            return Ok(companies
                .map(|(code, company)| (code.clone(), scene::company(code, &company.name)))
                .collect());
        };
        let owner = Owner { ids: &state.ids, taken: &state.taken, member: None };
        let Some(step) = self.operation.steps.get(state.at) else { return Ok(BTreeMap::new()) };
        let list = of.value(&self.scene(step, &owner, None)).map_err(|why| why.refusal(&of.place))?;
        let list = items(&list).filter(|list| list.len() <= MOST_ITEMS);
        let list = list.ok_or_else(|| Why::Unfit("it is no list, or too long a one").refusal(&of.place))?;
        // Of one length, so that they keep their order.
        Ok(list.into_iter().enumerate().map(|(at, item)| (format!("{at:04}"), item)).collect())
    }

    /// Who goes through the block: the companies that are on, or every item of a list.
    fn fresh(&self, block: &Block<'_>, first: usize) -> Result<BTreeMap<String, Member>, Refusal> {
        let fresh = || Member { at: first, phase: MemberPhase::Fresh, taken: BTreeMap::new() };
        let keys = match block.each.is_company() {
            true => self.companies()?,
            false => block.values.keys().map(String::as_str).collect(),
        };
        Ok(keys.into_iter().map(|key| (key.to_owned(), fresh())).collect())
    }

    /// The companies that are not switched off; a no where that is every one.
    pub(super) fn companies(&self) -> Result<Vec<&str>, Refusal> {
        let off = self.operation.companies_off.as_deref().map(|name| self.cx.settings.get(name));
        let off: Vec<&str> = off.unwrap_or_default().split(',').map(str::trim).collect();
        // The host tells which companies the operator has left on, whatever the spec calls its own setting.
        let on = self.cx.settings.0.get("companies");
        let is_on = |key: &&str| {
            on.is_none_or(|on| on.split(',').any(|code| code.trim() == *key)) && !off.contains(key)
        };
        let found: Vec<&str> =
            self.compiled.manifest.companies.keys().map(String::as_str).filter(is_on).collect();
        match found.is_empty() {
            true => {
                let said = "Все страховые компании этого агрегатора отключены";
                Err(Decline::new(DeclineKind::OutsideScope, said).into())
            }
            false => Ok(found),
        }
    }

    /// What a member's reply says.
    fn replied(
        &self,
        block: &Block<'_>,
        state: &State,
        (key, member): (&str, &mut Member),
        replies: &[Reply],
        emit: &mut Vec<Out>,
    ) -> Result<(), Refusal> {
        let Some(step) = self.operation.steps.get(member.at) else { return Ok(()) };
        let reply = self.reply_of(step, &tag(step, key), replies)?;
        if reply.is_none() && block.each.is_company() {
            // The host knows and tells why.
            member.phase = MemberPhase::Finished;
            return Ok(());
        }
        let owner = owner(block, state, key, member);
        let after = self.after(step, &owner, reply);
        went_on(block, member, after, emit)
    }

    /// The member's next call, as far as it comes without one.
    fn due(
        &self,
        block: &Block<'_>,
        state: &State,
        (key, member): (&str, &mut Member),
        emit: &mut Vec<Out>,
    ) -> Result<Option<Call>, Refusal> {
        while matches!(member.phase, MemberPhase::Fresh | MemberPhase::Woken) {
            let step = self.operation.steps.get(member.at).filter(|_| member.at < block.end);
            let Some(step) = step else {
                member.phase = MemberPhase::Finished;
                break;
            };
            let waited = member.phase == MemberPhase::Woken;
            let owner = owner(block, state, key, member);
            match self.begin(step, &owner, waited) {
                Ok(Begin::Skip) => {
                    member.at += 1;
                    member.phase = MemberPhase::Fresh;
                }
                Ok(Begin::Wait(pause)) => member.phase = MemberPhase::Waiting(milliseconds(pause)),
                Ok(Begin::Call(call)) => {
                    member.phase = MemberPhase::Asked;
                    return Ok(Some(call));
                }
                Ok(Begin::Nothing) => {
                    let after = self.after(step, &owner, None);
                    went_on(block, member, after, emit)?;
                }
                Err(refusal) => went_on(block, member, Err(refusal), emit)?,
            }
        }
        Ok(None)
    }

    /// The end of a block that gave no offer: the companies' own words, or the first fault.
    fn nobody(&self, members: BTreeMap<String, Member>) -> Refusal {
        let (mut words, mut kinds, mut first_fault) = (Vec::new(), Vec::new(), None);
        for (code, member) in members {
            match member.phase {
                MemberPhase::Declined(kind, said) => {
                    let name = self.compiled.manifest.companies.get(&code);
                    let name = name.map_or(code.as_str(), |company| company.name.as_str());
                    words.push(format!("{name}: {said}"));
                    kinds.push(kind);
                }
                // An outage of the registry hits all at once, and is told as one.
                MemberPhase::Failed(kind, detail)
                    if first_fault.as_ref().is_none_or(|known: &Fault| {
                        kind == FaultKind::RegistryDown && known.kind != kind
                    }) =>
                {
                    first_fault = Some(Fault::new(kind, detail));
                }
                _ => {}
            }
        }
        match (kinds.first(), first_fault) {
            (Some(first), _) => {
                let kind =
                    if kinds.iter().all(|kind| kind == first) { *first } else { DeclineKind::Declined };
                let said: String = words.join("; ").chars().take(LONGEST_WORDS).collect();
                Decline::new(kind, said).into()
            }
            (None, Some(fault)) => fault.into(),
            (None, None) => {
                Fault::new(FaultKind::InsurerError, "no company gave an offer or a reason").into()
            }
        }
    }

    /// Goes on where a call may be repeated or asked after; a company whose application may have been made
    /// and cannot be asked after is left out. `None` where nobody is left.
    pub(super) fn recover_block(&self, mut state: State) -> Option<Turn<State, Out>> {
        let members = state.members.as_mut()?;
        for member in members.values_mut().filter(|member| member.phase == MemberPhase::Asked) {
            let step = self.operation.steps.get(member.at)?;
            let creates = matches!(&step.call, Some(call) if matches!(call.effect, EffectSpec::Creates));
            member.phase = match (creates, step.lost) {
                (false, _) => MemberPhase::Woken,
                (true, Some(lost)) => {
                    member.at = lost;
                    MemberPhase::Fresh
                }
                (true, None) => MemberPhase::Finished,
            };
        }
        let goes_on = |member: &Member| {
            matches!(member.phase, MemberPhase::Woken | MemberPhase::Fresh | MemberPhase::Waiting(_))
        };
        if !members.values().any(goes_on) {
            return None;
        }
        state.phase = Phase::Fresh;
        Some(self.turn(state, None))
    }
}

fn owner<'o>(block: &'o Block<'_>, state: &'o State, key: &'o str, member: &'o Member) -> Owner<'o> {
    let seen = Seen {
        key,
        name: &block.each.name,
        value: block.values.get(key).cloned().unwrap_or_default(),
        is_company: block.each.is_company(),
        own: &member.taken,
    };
    Owner { ids: &state.ids, taken: &state.taken, member: Some(seen) }
}

/// Where a member is after a step. A company keeps its no to itself; an item ends the conversation.
fn went_on(
    block: &Block<'_>,
    member: &mut Member,
    after: Result<After, Refusal>,
    emit: &mut Vec<Out>,
) -> Result<(), Refusal> {
    member.phase = match after {
        Ok(After::Again(pause)) => MemberPhase::Waiting(milliseconds(pause)),
        Ok(After::Done) => MemberPhase::Finished,
        Ok(After::On { taken, out }) => {
            member.taken.extend(taken);
            member.at += 1;
            // An item may have nothing to say; rows that are none are not published.
            emit.extend(out.filter(|out| !matches!(out, Out::Vehicles(rows) if rows.is_empty())));
            MemberPhase::Fresh
        }
        Err(refusal) if !block.each.is_company() => return Err(refusal),
        Err(Refusal::Decline(decline)) => MemberPhase::Declined(decline.kind, decline.message),
        Err(Refusal::Fault(fault)) => MemberPhase::Failed(fault.kind, fault.detail),
    };
    Ok(())
}

fn milliseconds(pause: Duration) -> u64 {
    u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)
}
