//! Which fields of the partner's request an insurer needs.
//!
//! For each operation with an `ok` fixture whose input holds the request, every optional field is left out in turn
//! and the conversation is held again: the calls are as before, or they are made without the field, or the adapter
//! declines. Fields that the fixture's request lacks are left out of one that has them all. A decline for a missing
//! field must name one that is missing; a panic, a leak or a state that is lost is a problem as everywhere.

mod matrix;

use std::{collections::BTreeMap, path::Path};

use veer_contract::{Adapter, Body, Call, Decline, DeclineKind, Next, Operation, OperationKind, Statuses};

pub use self::matrix::render as matrix;
use crate::{
    Report,
    drive::{Case, Follow},
    failures::script::{Script, replies},
    fields,
    fixture::{End, Fixture},
    folder::Folder,
    given::{FixtureInput, Given},
    operations::{self, Each},
};

/// What an adapter does without one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The insurer's code.
    pub insurer: String,
    /// The operation.
    pub operation: OperationKind,
    /// The field, by its name in the partner API; `drivers[]` is every driver.
    pub field: String,
    /// What comes of it.
    pub finding: Finding,
}

/// What comes of a missing field, the weightier the later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// The calls are as before.
    Unused,
    /// The calls are made without it.
    Sent,
    /// The adapter declines, for another reason than that a field is missing.
    Declines,
    /// The adapter declines: it needs the field (verdict 103).
    Needed,
    /// Something is wrong, and the report says what.
    Broken,
}

/// Probes one insurer: each operation, each optional field.
pub fn probe(adapter: &dyn Adapter, folder: &Path) -> Vec<Probe> {
    let mut report = Report::of(folder);
    let folder = Folder::read(folder, &mut report);
    let mut probing = Probing { folder: &folder, report: &mut report, found: Vec::new() };
    operations::each(adapter, &mut probing);
    probing.found
}

/// Probes every operation of a folder and tells what is wrong.
pub(crate) fn check(adapter: &dyn Adapter, folder: &Folder, report: &mut Report) {
    operations::each(adapter, &mut Probing { folder, report, found: Vec::new() });
}

/// The field that a decline names, where the partner API has it.
pub(crate) fn named_field(message: &str) -> Option<&str> {
    // The words before the name are the contract's.
    let words = Decline::needs_field("").message;
    let field = message.strip_prefix(words.as_str())?;
    fields::is_known(field).then_some(field)
}

struct Probing<'a> {
    folder: &'a Folder,
    report: &'a mut Report,
    found: Vec<Probe>,
}

/// How a conversation went, as far as it is compared.
struct Course {
    calls: Vec<Call>,
    end: Option<End>,
    problems: Vec<String>,
}

// === impl Probing ===

impl Each for Probing<'_> {
    fn operation<O: Operation>(&mut self, adapter: &dyn Adapter)
    where
        O::Input: FixtureInput,
    {
        let fixture = self.folder.fixtures.get(&(O::KIND, "ok".to_owned()));
        let Some(fixture) = fixture.filter(|_| O::Input::HAS_REQUEST) else { return };
        let mut found: BTreeMap<String, Finding> = BTreeMap::new();
        let place = format!("fixtures/{}/ok.toml", O::KIND);
        let own = fixture.given.request().map(|request| fields::optional(&request)).unwrap_or_default();
        for given in [fixture.given.clone(), Given { filled: true, ..fixture.given.clone() }] {
            let Some(before) = hold::<O>(adapter, self.folder, fixture, &given) else { continue };
            let Ok(request) = given.request() else { continue };
            for field in fields::optional(&request) {
                let row = row_of(&field);
                // What the fixture's own request has is left out of that one.
                if given.filled && own.contains(&field) {
                    continue;
                }
                let less = Given { without_too: Some(field.clone()), ..given.clone() };
                let Some(after) = hold::<O>(adapter, self.folder, fixture, &less) else { continue };
                self.report.probes += 1;
                let (finding, problems) = judge(&before, &after, &field, &less);
                for problem in problems {
                    self.report.add(&place, format!("without `{field}`: {problem}"));
                }
                let weightiest = found.entry(row).or_insert(finding);
                *weightiest = finding.max(*weightiest);
            }
        }
        let insurer = adapter.manifest().code.clone();
        self.found.extend(found.into_iter().map(|(field, finding)| Probe {
            insurer: insurer.clone(),
            operation: O::KIND,
            field,
            finding,
        }));
    }
}

/// The fixture's conversation with another request; none where the kit cannot make that request.
fn hold<O: Operation>(
    adapter: &dyn Adapter,
    folder: &Folder,
    fixture: &Fixture,
    given: &Given,
) -> Option<Course>
where
    O::Input: FixtureInput,
{
    let case = Case::new(adapter, O::flow(adapter)?, given, &folder.in_paths()).ok()?;
    let good = replies(fixture);
    let mut script = Script::new(&case, &good, None);
    let mut calls: Vec<Call> = Vec::new();
    let conversation = case.converse(Follow::ToTheEnd, |next, _| {
        if let Next::Call { calls: sent, .. } = next {
            calls.extend(sent.iter().cloned());
        }
        script.answer(next)
    });
    let mut problems = conversation.problems;
    if script.is_endless(conversation.recovered) {
        problems.push("the adapter does not come to an end".into());
    }
    Some(Course { calls, end: conversation.end, problems })
}

fn judge(before: &Course, after: &Course, field: &str, given: &Given) -> (Finding, Vec<String>) {
    if !after.problems.is_empty() {
        return (Finding::Broken, after.problems.clone());
    }
    match &after.end {
        Some(End::Decline(decline)) if before.end != after.end => match decline.kind {
            DeclineKind::NeedsField => match wrong_name(&decline.message, field, given) {
                None => (Finding::Needed, Vec::new()),
                Some(problem) => (Finding::Broken, vec![problem]),
            },
            _ => (Finding::Declines, Vec::new()),
        },
        _ if same(&before.calls, &after.calls) => (Finding::Unused, Vec::new()),
        _ => (Finding::Sent, Vec::new()),
    }
}

/// What is wrong with the name that a decline gives.
fn wrong_name(message: &str, left_out: &str, given: &Given) -> Option<String> {
    let Some(named) = named_field(message) else {
        return Some(format!(
            "the adapter declines for a missing field and names none of the partner API: «{message}»; make it with \
             Decline::needs_field, as in `owner.passport`"
        ));
    };
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let related = within(named, left_out) || within(left_out, named);
    let there = given.request().is_ok_and(|request| fields::is_there(&request, named));
    (there && !related).then(|| format!("the adapter says that it needs `{named}`, which is there"))
}

/// The row of the matrix that a field belongs to: drivers share theirs.
fn row_of(field: &str) -> String {
    match field.split_once('[').zip(field.split_once(']')) {
        Some((("drivers_info.drivers", _), (_, rest))) => format!("drivers_info.drivers[]{rest}"),
        _ => field.to_owned(),
    }
}

/// Whether two conversations sent the same. A body is compared as it was written: one adapter wrote both.
fn same(before: &[Call], after: &[Call]) -> bool {
    type Parts<'c> =
        (&'c str, &'c str, &'c [(String, String)], &'c [(String, String)], &'c Body, &'c Statuses);
    fn parts(call: &Call) -> Parts<'_> {
        let Call { tag, path, query, headers, body, statuses, .. } = call;
        (tag, path, query, headers, body, statuses)
    }
    before.iter().map(parts).eq(after.iter().map(parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decline_names_a_field_of_the_partner_api() {
        assert_eq!(named_field(&Decline::needs_field("owner.passport").message), Some("owner.passport"));
        assert_eq!(named_field(&Decline::needs_field("owner.pasport").message), None);
        assert_eq!(named_field("нужен паспорт"), None);
    }

    #[test]
    fn drivers_share_a_row() {
        assert_eq!(
            row_of("drivers_info.drivers[1].addresses[0].house"),
            "drivers_info.drivers[].addresses[0].house"
        );
        assert_eq!(row_of("owner.addresses[0].house"), "owner.addresses[0].house");
    }
}
