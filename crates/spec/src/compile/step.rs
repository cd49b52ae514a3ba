//! One step.

use std::collections::BTreeMap;

use veer_contract::{Auth, OperationKind};

use super::{
    Compiler,
    operation::{Read, is_name},
};
use crate::{
    check::Uses,
    engine::Place,
    model::{CallSpec, Each, EffectSpec, Expr, Operation, Step, Take, Template, Then},
    shape::{Names, Shape},
    sheet::Placed,
    table::{Item, Table},
};

/// A step under compilation: where it is, what it sees, and what it has made use of so far.
pub(super) struct Site<'c, 'm> {
    pub(super) compiler: &'c Compiler<'m>,
    pub(super) kind: OperationKind,
    /// `quote.poll`
    pub(super) place: String,
    pub(super) uses: Uses,
}

impl Compiler<'_> {
    /// Compiles a step; `None` where it has not even a name.
    pub(super) fn step<'s>(&self, kind: OperationKind, table: Table<'s>, names: Names) -> Option<Read<'s>> {
        let name = table.need("name", "\"…\"")?.text()?;
        is_name(&name);
        let mut site =
            Site { compiler: self, kind, place: format!("{kind}.{}", name.text), uses: Uses::default() };
        let (each, names) = site.each(&table, names);
        let condition = site.condition(table.get("if"), "if", &names);
        let wait = table.get("wait").and_then(|item| item.duration());
        let every_item = table.get("every");
        let every = every_item.as_ref().and_then(Item::duration);
        let lost = table.text("lost");
        let before = table.problems();
        let call = site.call(&table, &self.in_a_call(kind, &names));
        // A body that is not understood may well have held the session.
        let is_understood = table.problems() == before;
        // A call that is not understood is one all the same.
        let has_call = table.get("call").is_some();
        let names = if has_call { self.after_a_call(&names) } else { names };
        let optional = call.as_ref().is_some_and(|call| call.optional);
        let (rules, always) = site.rules(&table, &names);
        let expect = site.expect(&table, &names);
        let (take, mut takes, names) = site.take(&table, names);
        let result = site.result(&table, &names, each.as_ref());
        if let Some(call) = call.as_ref().filter(|_| is_understood) {
            site.slots(&table, call);
        }
        if !has_call && (wait.is_some() || every.is_some()) {
            table.problem("`wait` and `every` are about a call, and the step has none", None);
        }
        self.polls(&table, &rules, every_item.as_ref(), call.as_ref());
        if always && (!expect.is_empty() || !take.is_empty() || result.is_some()) {
            let instead = "give the last rule a condition with `when`";
            table.problem("`expect`, `take` and the result are never reached", Some(instead.into()));
        }
        if condition.is_some() || optional {
            takes = takes.into_iter().map(|(name, shape)| (name, shape.maybe())).collect();
        }
        let gives_an_end = result.is_some() && Operation::ends_with_its_result(kind);
        let ends = condition.is_none() && (gives_an_end || (always && !optional));
        let step = Step {
            name: name.text,
            each,
            condition,
            wait,
            every,
            call,
            lost: None,
            rules,
            expect,
            take,
            result,
            uses: site.uses,
        };
        let has_result =
            super::operation::needed_result(kind).is_some_and(|(key, _)| table.get(key).is_some());
        Some(Read { step, table, lost, takes, ends, has_result })
    }

    /// Whether a poll is one: it has a pause, and asks nothing that creates.
    fn polls(
        &self,
        table: &Table<'_>,
        rules: &[crate::model::Rule],
        every: Option<&Item<'_>>,
        call: Option<&CallSpec>,
    ) {
        let polls = rules.iter().any(|rule| matches!(rule.then, Then::Again));
        match (polls, every) {
            (true, None) => {
                table.problem("a poll without a pause", Some("write `every = \"2s\"` in the step".into()));
            }
            (false, Some(every)) => {
                let instead = "write a rule with `again = true`, or leave `every` out";
                every.problem("`every` is the pause of a poll, and there is none", Some(instead.into()));
            }
            _ => {}
        }
        if polls && table.get("call").is_none() {
            table.problem("a poll without a call", Some("write `call = { … }` in the step".into()));
        }
        if polls && call.is_some_and(|call| matches!(call.effect, EffectSpec::Creates)) {
            let instead = "ask in a step of its own, whose call has `effect = \"read\"`";
            table.problem("a call that creates is never sent again", Some(instead.into()));
        }
    }
}

// === impl Site ===

impl Site<'_, '_> {
    /// A place of the step, for faults: `quote.poll: take.id`.
    pub(super) fn at(&self, key: &str) -> String {
        format!("{}: {key}", self.place)
    }

    /// An expression with its shape.
    pub(super) fn expression(
        &mut self,
        placed: &Placed<'_>,
        key: &str,
        names: &Names,
    ) -> Option<(Expr, Shape)> {
        let (expr, shape, uses) = self.compiler.expression(placed, &self.at(key), names)?;
        self.uses.add(&uses);
        Some((expr, shape))
    }

    /// An expression of any shape.
    pub(super) fn value(&mut self, placed: &Placed<'_>, key: &str, names: &Names) -> Option<Expr> {
        self.expression(placed, key, names).map(|(expr, _)| expr)
    }

    /// A condition, where there is one.
    pub(super) fn condition(&mut self, item: Option<Item<'_>>, key: &str, names: &Names) -> Option<Expr> {
        let placed = item?.text()?;
        self.value(&placed, key, names)
    }

    /// A template.
    pub(super) fn template(
        &mut self,
        placed: &Placed<'_>,
        key: &str,
        stands: Place,
        names: &Names,
    ) -> Option<Template> {
        let (template, uses) = self.compiler.template(placed, &self.at(key), stands, names)?;
        self.uses.add(&uses);
        Some(template)
    }

    /// Whose step it is, and the names with that one among them.
    fn each(&mut self, table: &Table<'_>, mut names: Names) -> (Option<Each>, Names) {
        let Some(placed) = table.text("each") else { return (None, names) };
        if placed.text == Each::COMPANY {
            if self.kind != OperationKind::Quote {
                placed.problem("only `quote` is asked for each company", None);
            }
            let company = Shape::parts("company", ["code", "name"].map(|name| (name, Shape::Text)));
            names.known.insert(Each::COMPANY, company);
            names.elsewhere.remove(Each::COMPANY);
            return (Some(Each { name: placed.text, of: None, at_once: usize::MAX }), names);
        }
        is_name(&placed);
        if self.kind != OperationKind::Vehicles {
            let instead = "write `each = \"company\"`";
            placed.problem("only `vehicles` goes through a list", Some(instead.into()));
        }
        if names.known.contains_key(placed.text.as_str())
            || names.elsewhere.contains_key(placed.text.as_str())
        {
            placed.problem(
                format!("`{}` has a meaning already", placed.text),
                Some("take another name".into()),
            );
        }
        let of = table.text("of").and_then(|placed| Some((self.expression(&placed, "of", &names)?, placed)));
        let mut inside = Shape::Any;
        let of = of.map(|((expr, shape), placed)| {
            match shape.sure() {
                Shape::List(item) => inside = item.as_ref().clone(),
                Shape::Any => {}
                other => placed.problem(format!("`of` is a list, and here is {}", other.words()), None),
            }
            expr
        });
        let at_once = table.get("at_once").and_then(|item| Some((item.number()?, item)));
        let at_once = at_once.map_or(1, |(number, item)| {
            if !(1..=64).contains(&number) {
                item.problem("1 to 64 calls are under way at once", None);
            }
            usize::try_from(number).unwrap_or(1)
        });
        names.own.insert(placed.text.clone(), inside);
        (Some(Each { name: placed.text, of, at_once }), names)
    }

    fn expect(&mut self, table: &Table<'_>, names: &Names) -> Vec<(Expr, String)> {
        let mut found = Vec::new();
        for item in table.get("expect").and_then(|item| item.list()).unwrap_or_default() {
            let Some(table) = item.table("what is expected") else { continue };
            let that = table.need("that", "\"…\"").and_then(|item| item.text());
            let sentence = table.need("or", "\"what is wrong\"").and_then(|item| item.text());
            if let (Some(that), Some(sentence)) = (that, sentence)
                && let Some(that) = self.value(&that, "expect", names)
            {
                fixed(&sentence);
                found.push((that, sentence.text));
            }
            table.finish();
        }
        found
    }

    /// What is taken, its shapes, and the names with it among them.
    fn take(&mut self, table: &Table<'_>, mut names: Names) -> (Vec<Take>, BTreeMap<String, Shape>, Names) {
        let (mut takes, mut shapes) = (Vec::new(), BTreeMap::new());
        let Some(table) = table.get("take").and_then(|item| item.table("`take`")) else {
            return (takes, shapes, names);
        };
        for (name, item) in table.entries() {
            let Some(placed) = item.text() else { continue };
            if !is_name(&name) {
                continue;
            }
            let key = format!("take.{}", name.text);
            let found = self.expression(&placed, &key, &names);
            let shape = found.as_ref().map_or(Shape::Any, |(_, shape)| shape.sure().clone());
            shapes.insert(name.text.clone(), shape);
            if let Some((value, _)) = found {
                takes.push(Take { name: name.text, value, is_id: false });
            }
            // The next one may be made of this one.
            let earlier = match names.known.get("taken") {
                Some(Shape::Parts(parts)) => parts.fields.clone(),
                _ => BTreeMap::new(),
            };
            names.known.insert("taken", Shape::parts("taken", earlier.into_iter().chain(shapes.clone())));
        }
        (takes, shapes, names)
    }

    /// Whether the session stands where it is claimed to.
    fn slots(&self, table: &Table<'_>, call: &CallSpec) {
        let has_slot = self.uses.roots.contains("session");
        match call.auth {
            Auth::Session if !has_slot => {
                let instead =
                    "write `auth = \"bearer\"`, or `{{ session }}` where the insurer wants the token";
                table.problem("a call with a session says nowhere which", Some(instead.into()));
            }
            Auth::None | Auth::Basic | Auth::Digest | Auth::Signed if has_slot => {
                let instead = "write `auth = \"session\"` in the call";
                table.problem("a session stands in a call that asks for none", Some(instead.into()));
            }
            _ => {}
        }
    }
}

/// A sentence of the spec's own: braces would do nothing.
pub(super) fn fixed(placed: &Placed<'_>) {
    if placed.text.contains("{{") || placed.text.contains("{%") {
        let instead = "write a fixed sentence";
        placed.problem("faults are logged, so nothing is put into them", Some(instead.into()));
    }
    if placed.text.trim().is_empty() || placed.text.chars().count() > 300 {
        placed.problem("here stands a sentence, for operators", None);
    }
}
