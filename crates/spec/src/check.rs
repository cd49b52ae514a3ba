//! Expressions and templates, looked through at load.
//!
//! The engine would find a wrong name only when it meets it, in the middle of a sale. So the parsed tree is
//! walked with the shapes of everything that will be there: names, parts, filters and what they take. What
//! the language does not have (arithmetic, macros, methods) is refused here too, with what to write instead.

mod applications;
mod bodies;
mod bounds;
mod expressions;
mod places;
mod statements;

use std::collections::{BTreeMap, BTreeSet};

use minijinja::machinery;

use crate::{
    engine::Place,
    shape::{Names, Shape},
    sheet::Placed,
};

/// What an expression or a template makes use of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    /// The names, such as `request`.
    pub(crate) roots: BTreeSet<String>,
    /// The names with their first part, such as `taken.id` and `reply.json`.
    pub(crate) parts: BTreeSet<String>,
}

/// What a checker knows besides the names.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The spec's enums.
    pub(crate) enums: BTreeSet<String>,
    /// The manifest's settings, secret or not; `None` where the manifest cannot be read.
    pub(crate) settings: Option<BTreeSet<String>>,
}

/// One expression or template under checking.
struct Checker<'c> {
    placed: &'c Placed<'c>,
    names: &'c Names,
    known: &'c Known,
    place: Place,
    scopes: Vec<BTreeMap<String, Shape>>,
    uses: Uses,
}

// === impl Uses ===

impl Uses {
    /// Adds what another makes use of.
    pub(crate) fn add(&mut self, other: &Self) {
        self.roots.extend(other.roots.iter().cloned());
        self.parts.extend(other.parts.iter().cloned());
    }

    /// Whether that part of a name is used.
    pub(crate) fn part(&self, name: &str) -> bool {
        self.parts.contains(name)
    }
}

/// Looks an expression through; `None` where something is wrong with it.
pub(crate) fn expression(placed: &Placed<'_>, names: &Names, known: &Known) -> Option<(Shape, Uses)> {
    let before = placed.problems();
    if placed.text.contains("{{") || placed.text.contains("{%") {
        let instead = "write the expression without braces around it";
        placed.problem("this is an expression, and braces belong to templates", Some(instead.into()));
        return None;
    }
    bounds::check(placed, true)?;
    let parsed = machinery::parse_expr(&placed.text).map_err(|error| syntax(placed, &error)).ok()?;
    let mut checker = Checker::new(placed, names, known, Place::Text);
    let shape = checker.expression(&parsed);
    (placed.problems() == before).then_some((shape, checker.uses))
}

/// Looks a template through; `None` where something is wrong with it.
pub(crate) fn template(placed: &Placed<'_>, place: Place, names: &Names, known: &Known) -> Option<Uses> {
    let before = placed.problems();
    bounds::check(placed, false)?;
    let syntax_config = minijinja::syntax::SyntaxConfig::default();
    let parsed = machinery::parse(&placed.text, "template", syntax_config);
    let parsed = parsed.map_err(|error| syntax(placed, &error)).ok()?;
    places::check(placed, place);
    if placed.problems() == before {
        bodies::check(placed, place);
    }
    let mut checker = Checker::new(placed, names, known, place);
    checker.statement(&parsed);
    (placed.problems() == before).then_some(checker.uses)
}

fn syntax(placed: &Placed<'_>, error: &minijinja::Error) {
    let detail = error.detail().unwrap_or("it is not understood");
    let what = format!("the syntax is broken: {}", crate::table::short(detail));
    match error.range() {
        Some(range) => placed.problem_at(range.start.min(placed.text.len()), what, None),
        None => placed.problem(what, None),
    }
}

// === impl Checker ===

impl<'c> Checker<'c> {
    fn new(placed: &'c Placed<'c>, names: &'c Names, known: &'c Known, place: Place) -> Self {
        Self { placed, names, known, place, scopes: vec![BTreeMap::new()], uses: Uses::default() }
    }

    fn problem(&self, span: machinery::Span, what: impl Into<String>, instead: Option<String>) {
        self.placed.problem_at(span.start_offset as usize, what, instead);
    }
}
