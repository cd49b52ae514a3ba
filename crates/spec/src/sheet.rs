//! A file under reading: its text, its places, and what is wrong with it so far.

use std::{cell::RefCell, ops::Range};

use crate::problem::Problem;

/// No file has more problems than anybody reads.
const MOST_PROBLEMS: usize = 100;

/// Bytes of what is said about one problem.
const LONGEST_MESSAGE: usize = 400;

/// One of the two files.
pub(crate) struct Sheet<'t> {
    file: &'static str,
    text: &'t str,
    found: RefCell<Vec<Problem>>,
}

/// A text of a file, which knows its place down to the character.
#[derive(Clone)]
pub(crate) struct Placed<'s> {
    sheet: &'s Sheet<'s>,
    /// The text itself.
    pub(crate) text: String,
    /// Where it stands in the file.
    span: Range<usize>,
    /// Where its first character stands, unless escapes moved what follows.
    inside: Option<usize>,
}

// === impl Sheet ===

impl<'t> Sheet<'t> {
    pub(crate) fn new(file: &'static str, text: &'t str) -> Self {
        Self { file, text, found: RefCell::default() }
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// Notes a problem at a byte of the file.
    pub(crate) fn problem(&self, at: usize, what: impl Into<String>, instead: Option<String>) {
        let mut found = self.found.borrow_mut();
        if found.len() < MOST_PROBLEMS {
            let (line, column) = place(self.text, at);
            // Names of the file's own may be pages long.
            let mut what: String = what.into();
            what.truncate(what.floor_char_boundary(LONGEST_MESSAGE));
            let problem = Problem { file: self.file, line, column, what, instead };
            // One mistake may be met on two ways.
            if !found.contains(&problem) {
                found.push(problem);
            }
        }
    }

    /// How many problems there are so far.
    pub(crate) fn problems(&self) -> usize {
        self.found.borrow().len()
    }

    /// All problems, in the file's order.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|problem| (problem.line, problem.column));
        found
    }
}

impl<'s> Placed<'s> {
    /// The text of the literal at `span`.
    pub(crate) fn new(sheet: &'s Sheet<'s>, text: &str, span: Range<usize>) -> Self {
        let literal = sheet.text.get(span.clone()).unwrap_or_default();
        let inside = literal.find(text).map(|at| span.start + at);
        Self { sheet, text: text.to_owned(), span, inside }
    }

    /// Notes a problem with the whole of it.
    pub(crate) fn problem(&self, what: impl Into<String>, instead: Option<String>) {
        self.sheet.problem(self.span.start, what, instead);
    }

    /// Notes a problem at a byte of the text.
    pub(crate) fn problem_at(&self, at: usize, what: impl Into<String>, instead: Option<String>) {
        let at = self.inside.map_or(self.span.start, |inside| inside + at);
        self.sheet.problem(at, what, instead);
    }

    /// How many problems the file has so far.
    pub(crate) fn problems(&self) -> usize {
        self.sheet.problems()
    }
}

fn place(text: &str, at: usize) -> (usize, usize) {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_in_lines_and_characters() {
        let text = "а = 1\nб = 'вг'\n";
        assert_eq!(place(text, 0), (1, 1));
        let at = text.find('г').expect("it is there");
        assert_eq!(place(text, at), (2, 7));
        assert_eq!(place(text, at + 1), (2, 7));
        assert_eq!(place(text, 10_000), (3, 1));
    }

    #[test]
    fn a_text_knows_its_characters_unless_it_has_escapes() {
        let text = "a = 'xyz'\nb = \"\\u0041yz\"\n";
        let sheet = Sheet::new("insurer.toml", text);
        Placed::new(&sheet, "xyz", 4..9).problem_at(1, "one", None);
        Placed::new(&sheet, "Ayz", 14..24).problem_at(2, "two", None);
        let found: Vec<_> = sheet.into_problems().iter().map(|it| (it.line, it.column)).collect();
        assert_eq!(found, [(1, 7), (2, 5)]);
    }
}
