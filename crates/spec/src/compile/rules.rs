//! What a step decides.

use veer_contract::{DeclineKind, FaultKind, OperationKind};

use super::step::{Site, fixed};
use crate::{
    engine::Place,
    model::{DeclineAs, Rule, Then},
    problem::nearest,
    shape::Names,
    sheet::Placed,
    table::{Item, Table},
};

const DECLINES: [(&str, DeclineAs); 8] = [
    ("declined", DeclineAs::Kind(DeclineKind::Declined)),
    ("rejected_data", DeclineAs::Kind(DeclineKind::RejectedData)),
    ("asks_for_more", DeclineAs::Kind(DeclineKind::AsksForMore)),
    ("registry_check_failed", DeclineAs::Kind(DeclineKind::RegistryCheckFailed)),
    ("outside_scope", DeclineAs::Kind(DeclineKind::OutsideScope)),
    ("vehicle_not_mapped", DeclineAs::Kind(DeclineKind::VehicleNotMapped)),
    ("needs_field", DeclineAs::Kind(DeclineKind::NeedsField)),
    ("by_words", DeclineAs::ByWords),
];
const FAULTS: [(&str, FaultKind); 4] = [
    ("not_understood", FaultKind::NotUnderstood),
    ("insurer_error", FaultKind::InsurerError),
    ("credentials_refused", FaultKind::CredentialsRefused),
    ("registry_down", FaultKind::RegistryDown),
];

impl Site<'_, '_> {
    /// The rules, and whether one of them always ends the step.
    pub(super) fn rules(&mut self, step: &Table<'_>, names: &Names) -> (Vec<Rule>, bool) {
        let mut rules = Vec::new();
        let (mut last, mut goes, mut ends) = (false, false, false);
        for item in step.get("decide").and_then(|item| item.list()).unwrap_or_default() {
            if last {
                let instead = "give the earlier one a condition with `when`";
                item.problem("this rule is never reached", Some(instead.into()));
            }
            let Some(table) = item.table("the rule") else { continue };
            let when_item = table.get("when");
            let always = when_item.is_none();
            let when = self.condition(when_item, "decide.when", names);
            let then = self.then(&table, names);
            table.finish();
            let Some(then) = then else { continue };
            if always && matches!(then, Then::Again) {
                item.problem("this polls for ever", Some("write `when = \"…\"`".into()));
            }
            goes |= matches!(then, Then::Go);
            last |= always;
            ends |= always && !goes;
            if always || when.is_some() {
                rules.push(Rule { when, then });
            }
        }
        (rules, ends)
    }

    fn then(&mut self, table: &Table<'_>, names: &Names) -> Option<Then> {
        let items = ["again", "go", "done", "decline", "fail"].map(|key| (key, table.get(key)));
        let kind = table.text("kind");
        let mut found: Vec<(&str, Item<'_>)> =
            items.into_iter().filter_map(|(key, item)| Some((key, item?))).collect();
        if found.len() > 1 {
            table.problem("a rule does one thing", Some("make two rules of it".into()));
            return None;
        }
        let Some((key, item)) = found.pop() else {
            let instead = "write one of `again`, `go`, `decline`, `fail`";
            table.problem("a rule that does nothing", Some(instead.into()));
            return None;
        };
        if let (Some(kind), "again" | "go" | "done") = (&kind, key) {
            kind.problem("`kind` belongs to `decline` and `fail`", None);
        }
        match key {
            "decline" => {
                let kind = named(kind.as_ref(), &DECLINES, DeclineAs::Kind(DeclineKind::Declined));
                let words = self.template(&item.text()?, "decide.decline", Place::Text, names)?;
                Some(Then::Decline { words, kind })
            }
            "fail" => {
                let kind = named(kind.as_ref(), &FAULTS, FaultKind::NotUnderstood);
                let detail = item.text()?;
                fixed(&detail);
                Some(Then::Fail { kind, detail: detail.text })
            }
            _ => {
                if item.truth()? {
                    return self.plain(key, &item);
                }
                item.problem(format!("`{key} = false` does nothing"), Some("leave the rule out".into()));
                None
            }
        }
    }

    fn plain(&self, key: &str, item: &Item<'_>) -> Option<Then> {
        match key {
            "again" => Some(Then::Again),
            "go" => Some(Then::Go),
            _ if self.kind == OperationKind::VehicleInfo => Some(Then::Done),
            _ => {
                let instead = "write `decline` or `fail`";
                item.problem("only `vehicle_info` ends with nothing", Some(instead.into()));
                None
            }
        }
    }
}

fn named<T: Copy>(placed: Option<&Placed<'_>>, all: &[(&str, T)], otherwise: T) -> T {
    let Some(placed) = placed else { return otherwise };
    match all.iter().find(|(name, _)| *name == placed.text) {
        Some((_, value)) => *value,
        None => {
            placed.problem("there is no such kind", nearest(&placed.text, all.iter().map(|(name, _)| *name)));
            otherwise
        }
    }
}
