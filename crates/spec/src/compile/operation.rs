//! One operation: its steps in order, and whether they lead anywhere.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::{DeTable, DeValue};
use veer_contract::OperationKind;

use super::Compiler;
use crate::{
    model::{EffectSpec, Operation, Step},
    problem::nearest,
    shape::Shape,
    sheet::Placed,
    table::Table,
};

/// Steps of one operation.
const MOST_STEPS: usize = 50;

/// A step with what only its neighbours need to know.
pub(super) struct Read<'s> {
    pub(super) step: Step,
    pub(super) table: Table<'s>,
    /// The name of the step that `lost` names.
    pub(super) lost: Option<Placed<'s>>,
    /// What it takes.
    pub(super) takes: BTreeMap<String, Shape>,
    /// It has a result, understood or not.
    pub(super) has_result: bool,
    /// Nothing behind it is ever reached.
    pub(super) ends: bool,
}

impl Compiler<'_> {
    /// Compiles an operation; `None` where it has no steps.
    pub(super) fn operation(&self, kind: OperationKind, table: Table<'_>) -> Option<Operation> {
        let ids = self.ids(&table);
        let companies_off = self.companies_off(kind, &table);
        let steps = table.need("step", "…, as `[[…step]]`").and_then(|item| Some((item.list()?, item)));
        let mut read: Vec<Read<'_>> = Vec::new();
        let mut taken: BTreeMap<String, Shape> = BTreeMap::new();
        if let Some((items, all)) = &steps {
            if items.is_empty() || items.len() > MOST_STEPS {
                all.problem(format!("an operation has 1 to {MOST_STEPS} steps"), None);
            }
            for item in items.iter().take(MOST_STEPS) {
                let Some(step) = item.table("the step") else { continue };
                let mut names = self.of_an_operation(kind, &ids);
                names.known.insert("taken", Shape::parts("taken", taken.clone()));
                if let Some(found) = self.step(kind, step, names) {
                    taken.extend(found.takes.clone());
                    read.push(found);
                }
            }
        }
        table.finish();
        let lost = links(&read);
        self.order(kind, &read, &lost);
        let in_paths: BTreeSet<String> = read.iter().flat_map(|read| paths(&read.step)).collect();
        let mut steps: Vec<Step> = Vec::new();
        for (read, lost) in read.into_iter().zip(lost) {
            let mut step = Step { lost, ..read.step };
            for take in &mut step.take {
                take.is_id = in_paths.contains(&format!("taken.{}", take.name));
            }
            steps.push(step);
            read.table.finish();
        }
        Some(Operation { kind, ids, companies_off, steps })
    }

    fn ids(&self, table: &Table<'_>) -> Vec<String> {
        let items = table.get("ids").and_then(|item| item.list()).unwrap_or_default();
        let mut ids = Vec::new();
        for placed in items.iter().filter_map(|item| item.text()) {
            if is_name(&placed) && !ids.contains(&placed.text) {
                ids.push(placed.text);
            }
        }
        ids
    }

    fn companies_off(&self, kind: OperationKind, table: &Table<'_>) -> Option<String> {
        if kind != OperationKind::Quote {
            return None;
        }
        let placed = table.text("companies_off")?;
        let setting = self.manifest.map(|manifest| manifest.settings.get(&placed.text));
        match setting {
            Some(None) => {
                let names = self.manifest.into_iter().flat_map(|manifest| manifest.settings.keys());
                let what = format!("the manifest has no setting `{}`", placed.text);
                placed.problem(what, nearest(&placed.text, names.map(String::as_str)));
            }
            Some(Some(setting)) if setting.secret => {
                placed.problem("a secret cannot list companies", Some("take an open setting".into()));
            }
            _ => {}
        }
        Some(placed.text)
    }

    /// Whether every step can be reached and something comes of the last.
    fn order(&self, kind: OperationKind, read: &[Read<'_>], lost: &[Option<usize>]) {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut blocks = 0;
        let mut before: Option<&Read<'_>> = None;
        for (at, read) in read.iter().enumerate() {
            let Read { step, table, .. } = read;
            let asked_after = lost.contains(&Some(at));
            if !seen.insert(&step.name) {
                table.problem(
                    format!("there are two steps `{}`", step.name),
                    Some("take another name".into()),
                );
            }
            if let Some(before) = before.filter(|before| before.ends && !asked_after) {
                let what =
                    format!("step `{}` is never reached: `{}` always ends", step.name, before.step.name);
                table.problem(what, Some("give the earlier one a condition, or leave this one out".into()));
            }
            self.each(step, table, before.map(|before| &before.step));
            let begins = step.each.is_some() && before.is_none_or(|before| before.step.each.is_none());
            blocks += usize::from(begins);
            if blocks > 1 {
                let instead = "write these steps one after another";
                table.problem("there is one block of steps with `each`", Some(instead.into()));
            }
            before = Some(read);
        }
        if let Some(last) = read.last()
            && let Some((key, example)) = needed_result(kind)
            && !read.iter().any(|read| read.has_result)
        {
            let what = format!("nothing comes of `{kind}`: no step has `{key}`");
            last.table.problem(what, Some(format!("write `{key} = {example}` in the last step")));
        }
    }
}

impl Compiler<'_> {
    /// Whether a step's `each` fits what stands before it.
    fn each(&self, step: &Step, table: &Table<'_>, before: Option<&Step>) {
        let Some(each) = &step.each else { return };
        if each.is_company() && self.manifest.is_some_and(|manifest| manifest.companies.is_empty()) {
            let instead = "write `[companies.<code>]` there";
            table.problem("the manifest has no companies", Some(instead.into()));
        }
        let continues = match before.and_then(|before| before.each.as_ref()) {
            Some(other) if other.name == each.name => true,
            Some(other) => {
                let what = format!("the step before is for each `{}`", other.name);
                table.problem(what, Some("write the same `each`".into()));
                return;
            }
            None => false,
        };
        match (&each.of, continues) {
            (None, false) if !each.is_company() => {
                table.problem("`each` goes through a list", Some("write `of = \"taken.…\"`".into()));
            }
            (Some(_), true) => table.problem("the list stands in the first step of the block", None),
            _ => {}
        }
        if step.call.is_none() && !each.is_company() {
            table.problem("a step for each item has a call", None);
        }
    }
}

/// The steps that `lost` names, checked.
fn links(read: &[Read<'_>]) -> Vec<Option<usize>> {
    let find = |(at, from): (usize, &Read<'_>)| {
        let placed = from.lost.as_ref()?;
        let creates = matches!(&from.step.call, Some(call) if matches!(call.effect, EffectSpec::Creates));
        if !creates {
            placed.problem("`lost` is for a call that creates: the host repeats the others", None);
            return None;
        }
        let Some(to) = read.iter().position(|read| read.step.name == placed.text).filter(|to| *to > at)
        else {
            let later = read.iter().skip(at + 1).map(|read| read.step.name.as_str());
            let what = format!("no later step is named `{}`", placed.text);
            placed.problem(what, nearest(&placed.text, later));
            return None;
        };
        let target = read.get(to)?;
        let asks = matches!(&target.step.call, Some(call) if matches!(call.effect, EffectSpec::Read));
        if !asks {
            placed.problem("what became of a call is asked by one that reads", None);
        }
        if target.step.is_companies() != from.step.is_companies() {
            placed.problem("it leads out of the block of steps with `each`", None);
        }
        let mut there: BTreeSet<&str> = BTreeSet::new();
        for (place, read) in read.iter().enumerate() {
            let reached = place < at || place >= to;
            there.extend(read.takes.keys().filter(|_| reached).map(String::as_str));
            let used = read.step.uses.parts.iter().filter_map(|part| part.strip_prefix("taken."));
            if let Some(missing) = used.filter(|_| place >= to).find(|name| !there.contains(name)) {
                let what = format!("where the reply is lost, `taken.{missing}` is not there");
                let instead = "use what was known before the call, such as one of `ids`";
                placed.problem(what, Some(instead.into()));
            }
        }
        Some(to)
    };
    read.iter().enumerate().map(find).collect()
}

/// The values that stand in a step's path.
fn paths(step: &Step) -> Vec<String> {
    step.call.iter().flat_map(|call| call.in_path.iter().cloned()).collect()
}

/// The result that an operation cannot do without.
pub(super) fn needed_result(kind: OperationKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        OperationKind::Quote | OperationKind::Finalise => ("offer", "{ premium = \"… | roubles\", … }"),
        OperationKind::Login => ("session", "{ token = \"…\" }"),
        OperationKind::Confirm => ("link", "{ url = \"…\" }"),
        OperationKind::PaymentStatus => ("payment", "\"…\""),
        OperationKind::Draft => ("document", "{ bytes = true }"),
        OperationKind::Policies => ("policy", "{ series = \"…\", number = \"…\" }"),
        OperationKind::Cancel => ("cancelled", "true"),
        OperationKind::Vehicles => ("vehicles", "{ each = \"…\", brand = \"…\", model = \"…\" }"),
        OperationKind::VehicleInfo => ("found", "{ brand = \"…\", model = \"…\" }"),
    })
}

/// Whether a text is fit for a name; a problem where it is not.
pub(super) fn is_name(placed: &Placed<'_>) -> bool {
    const LONGEST: usize = 40;
    let text = placed.text.as_str();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let fits = text.bytes().all(plain)
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase())
        && text.len() <= LONGEST;
    if !fits {
        let what = format!("a name has small letters, digits and `_`, at most {LONGEST}, a letter first");
        placed.problem(what, None);
    }
    fits
}

/// The names of every reference that any step of `quote`, `finalise` and `confirm` gives.
pub(super) fn references(whole: &DeTable<'_>) -> BTreeSet<String> {
    fn get<'t, 'i>(value: &'t DeValue<'i>, key: &str) -> Option<&'t DeValue<'i>> {
        let (_, value) = value.as_table()?.iter().find(|(name, _)| name.get_ref() == key)?;
        Some(value.get_ref())
    }
    let mut found = BTreeSet::new();
    for (operation, result) in [("quote", "offer"), ("finalise", "offer"), ("confirm", "link")] {
        let steps = whole.iter().find(|(name, _)| name.get_ref() == operation);
        let steps = steps.and_then(|(_, value)| get(value.get_ref(), "step")).and_then(DeValue::as_array);
        for step in steps.into_iter().flatten() {
            let reference = get(step.get_ref(), result).and_then(|result| get(result, "reference"));
            let names = reference.and_then(DeValue::as_table).into_iter().flatten();
            found.extend(names.map(|(name, _)| name.get_ref().to_string()));
        }
    }
    found
}
