//! A block of steps that each company goes through at its own pace.
//!
//! All calls that are due are sent at once; only when there is none, the host is asked to wait. So a slow
//! company holds nobody up, and an offer is published with the reply that brings it.

use std::time::Duration;

use veer_contract::{Decline, DeclineKind, Fault, Reply, Step as Turn, create_then_poll::Refusal};

use super::{After, Begin, Go, Machine, Out, Owner, tag};
use crate::{
    model::EffectSpec,
    state::{Company, CompanyPhase, Phase, State},
};

/// Characters of the words of all companies.
const LONGEST_WORDS: usize = 1000;

impl Machine<'_, '_> {
    /// Goes on with every company that can; `None` where the block is done.
    pub(super) fn companies(
        &self,
        state: &mut State,
        emit: &mut Vec<Out>,
        replies: Option<&[Reply]>,
    ) -> Result<Option<Go>, Refusal> {
        let first = state.at;
        let steps = self.operation.steps.get(first..).unwrap_or_default();
        let end = first + steps.iter().take_while(|step| step.each).count();
        let woken = state.phase == Phase::Waiting;
        let asked = state.phase == Phase::Asked;
        let mut companies = match state.companies.take() {
            Some(companies) => companies,
            None => self.asked_companies(first)?,
        };
        for (code, company) in &mut companies {
            if woken && matches!(company.phase, CompanyPhase::Waiting(_)) {
                company.phase = CompanyPhase::Woken;
            }
            if asked && company.phase == CompanyPhase::Asked {
                self.replied(state, code, company, replies.unwrap_or_default(), emit);
            }
        }
        let mut calls = Vec::new();
        for (code, company) in &mut companies {
            calls.extend(self.due(state, code, company, end, emit));
        }
        state.gave |= !emit.is_empty();
        let wait = companies.values().filter_map(|company| match company.phase {
            CompanyPhase::Waiting(pause) => Some(pause),
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
            state.companies = Some(companies);
            return Ok(go);
        }
        if !state.gave {
            return Err(self.nobody(companies.into_iter()));
        }
        state.at = end;
        state.phase = Phase::Fresh;
        Ok(None)
    }

    /// Whom to ask: all that are not switched off.
    fn asked_companies(&self, first: usize) -> Result<std::collections::BTreeMap<String, Company>, Refusal> {
        let off = self.operation.companies_off.as_deref().map(|name| self.cx.settings.get(name));
        let off: Vec<&str> = off.unwrap_or_default().split(',').map(str::trim).collect();
        let fresh = || Company { at: first, phase: CompanyPhase::Fresh, taken: Default::default() };
        let codes = self.compiled.manifest.companies.keys().filter(|code| !off.contains(&code.as_str()));
        let companies: std::collections::BTreeMap<_, _> = codes.map(|code| (code.clone(), fresh())).collect();
        match companies.is_empty() {
            true => Err(Decline::new(
                DeclineKind::OutsideScope,
                "Все страховые компании этого агрегатора отключены",
            )
            .into()),
            false => Ok(companies),
        }
    }

    /// What a company's reply says.
    fn replied(
        &self,
        state: &State,
        code: &str,
        company: &mut Company,
        replies: &[Reply],
        emit: &mut Vec<Out>,
    ) {
        let Some(step) = self.operation.steps.get(company.at) else { return };
        let Some(reply) = replies.iter().find(|reply| reply.tag == tag(step, code)) else {
            // The host knows and tells why.
            company.phase = CompanyPhase::Finished;
            return;
        };
        let owner = Owner { ids: &state.ids, taken: &state.taken, company: Some((code, &company.taken)) };
        let after = self.after(step, &owner, Some(reply));
        self.went_on(company, after, emit);
    }

    fn went_on(&self, company: &mut Company, after: Result<After, Refusal>, emit: &mut Vec<Out>) {
        company.phase = match after {
            Ok(After::Again(pause)) => {
                CompanyPhase::Waiting(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX))
            }
            Ok(After::Done) => CompanyPhase::Finished,
            Ok(After::On { taken, out }) => {
                company.taken.extend(taken);
                company.at += 1;
                emit.extend(out);
                CompanyPhase::Fresh
            }
            Err(Refusal::Decline(decline)) => CompanyPhase::Declined(decline.kind, decline.message),
            Err(Refusal::Fault(fault)) => CompanyPhase::Failed(fault.kind, fault.detail),
        };
    }

    /// The company's next call, as far as it comes without one.
    fn due(
        &self,
        state: &State,
        code: &str,
        company: &mut Company,
        end: usize,
        emit: &mut Vec<Out>,
    ) -> Option<veer_contract::Call> {
        while matches!(company.phase, CompanyPhase::Fresh | CompanyPhase::Woken) {
            let step = self.operation.steps.get(company.at).filter(|_| company.at < end);
            let Some(step) = step else {
                company.phase = CompanyPhase::Finished;
                break;
            };
            let waited = company.phase == CompanyPhase::Woken;
            let owner = Owner { ids: &state.ids, taken: &state.taken, company: Some((code, &company.taken)) };
            match self.begin(step, &owner, waited) {
                Ok(Begin::Skip) => {
                    company.at += 1;
                    company.phase = CompanyPhase::Fresh;
                }
                Ok(Begin::Wait(pause)) => {
                    let pause = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
                    company.phase = CompanyPhase::Waiting(pause);
                }
                Ok(Begin::Call(call)) => {
                    company.phase = CompanyPhase::Asked;
                    return Some(call);
                }
                Ok(Begin::Nothing) => {
                    let after = self.after(step, &owner, None);
                    self.went_on(company, after, emit);
                }
                Err(refusal) => self.went_on(company, Err(refusal), emit),
            }
        }
        None
    }

    /// The end of a block that gave no offer: the companies' own words, or the first fault.
    fn nobody(&self, companies: impl Iterator<Item = (String, Company)>) -> Refusal {
        let (mut words, mut kinds, mut first_fault) = (Vec::new(), Vec::new(), None);
        for (code, company) in companies {
            match company.phase {
                CompanyPhase::Declined(kind, said) => {
                    let name = self.compiled.manifest.companies.get(&code);
                    let name = name.map_or(code.as_str(), |company| company.name.as_str());
                    words.push(format!("{name}: {said}"));
                    kinds.push(kind);
                }
                CompanyPhase::Failed(kind, detail) if first_fault.is_none() => {
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
            (None, None) => Fault::not_understood("no company gave an offer or a reason").into(),
        }
    }

    /// Asks on where a call may be repeated or asked after; a company whose application may have been made
    /// and cannot be asked after is left out.
    pub(super) fn recover_companies(&self, mut state: State) -> Option<Turn<State, Out>> {
        let companies = state.companies.as_mut()?;
        let mut left = false;
        for company in companies.values_mut().filter(|company| company.phase == CompanyPhase::Asked) {
            let step = self.operation.steps.get(company.at)?;
            let creates = matches!(&step.call, Some(call) if matches!(call.effect, EffectSpec::Creates));
            company.phase = match (creates, step.lost) {
                (false, _) => CompanyPhase::Woken,
                (true, Some(lost)) => {
                    company.at = lost;
                    CompanyPhase::Fresh
                }
                (true, None) => CompanyPhase::Finished,
            };
            left |= company.phase != CompanyPhase::Finished;
        }
        let waits = companies.values().any(|company| matches!(company.phase, CompanyPhase::Waiting(_)));
        if !left && !waits {
            return None;
        }
        // Nothing was heard, so nothing is fresh: as after a wait that woke nobody.
        state.phase = Phase::Fresh;
        Some(self.turn(state, None))
    }
}
