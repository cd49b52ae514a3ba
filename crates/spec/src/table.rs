//! A table of a file, read key by key.
//!
//! Every key is asked for by name. What was never asked for is unknown, and the nearest of the names that
//! were is proposed. So the reader cannot know a key that it does not use.

use std::{cell::RefCell, ops::Range, time::Duration};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    problem::nearest,
    sheet::{Placed, Sheet},
};

/// A table under reading.
pub(crate) struct Table<'s> {
    sheet: &'s Sheet<'s>,
    /// What it is, for people: `the step`.
    what: String,
    at: usize,
    inside: &'s DeTable<'s>,
    asked: RefCell<Vec<String>>,
}

/// Any value, with its place.
pub(crate) struct Item<'s> {
    sheet: &'s Sheet<'s>,
    /// What it is, for people: `take.id`.
    pub(crate) what: String,
    value: &'s Spanned<DeValue<'s>>,
}

// === impl Table ===

impl<'s> Table<'s> {
    pub(crate) fn new(sheet: &'s Sheet<'s>, what: &str, at: usize, inside: &'s DeTable<'s>) -> Self {
        Self { sheet, what: what.to_owned(), at, inside, asked: RefCell::default() }
    }

    /// Notes a problem with the table as a whole.
    pub(crate) fn problem(&self, what: impl Into<String>, instead: Option<String>) {
        self.sheet.problem(self.at, what, instead);
    }

    /// How many problems the file has so far.
    pub(crate) fn problems(&self) -> usize {
        self.sheet.problems()
    }

    /// The value under `key`.
    pub(crate) fn get(&self, key: &str) -> Option<Item<'s>> {
        self.asked.borrow_mut().push(key.to_owned());
        let (_, value) = self.inside.iter().find(|(name, _)| name.get_ref() == key)?;
        Some(Item { sheet: self.sheet, what: key.to_owned(), value })
    }

    /// The value under `key`; a problem where there is none.
    pub(crate) fn need(&self, key: &str, example: &str) -> Option<Item<'s>> {
        let found = self.get(key);
        if found.is_none() {
            self.problem(format!("{} has no `{key}`", self.what), Some(format!("write `{key} = {example}`")));
        }
        found
    }

    /// A text under `key`.
    pub(crate) fn text(&self, key: &str) -> Option<Placed<'s>> {
        self.get(key)?.text()
    }

    /// A truth under `key`.
    pub(crate) fn truth(&self, key: &str) -> Option<bool> {
        self.get(key)?.truth()
    }

    /// Names and values, in the order in which they are written.
    pub(crate) fn entries(&self) -> Vec<(Placed<'s>, Item<'s>)> {
        let mut entries: Vec<_> = self.inside.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let entry = |(key, value): (&'s Spanned<_>, &'s Spanned<DeValue<'s>>)| {
            let name: &std::borrow::Cow<'_, str> = key.get_ref();
            self.asked.borrow_mut().push(name.to_string());
            let placed = Placed::new(self.sheet, name, key.span());
            (placed, Item { sheet: self.sheet, what: name.to_string(), value })
        };
        entries.into_iter().map(entry).collect()
    }

    /// Those of `names` that are there: whoever asks says what is wrong with them.
    pub(crate) fn misplaced(&self, names: &[&str]) -> Vec<Placed<'s>> {
        let there = self.inside.iter().filter(|(key, _)| names.iter().any(|name| key.get_ref() == name));
        let placed = |(key, _): (&'s Spanned<_>, _)| {
            let name: &std::borrow::Cow<'_, str> = key.get_ref();
            self.asked.borrow_mut().push(name.to_string());
            Placed::new(self.sheet, name, key.span())
        };
        there.map(placed).collect()
    }

    /// Notes every key that nobody asked for.
    pub(crate) fn finish(self) {
        let asked = self.asked.borrow();
        for (key, _) in self.inside.iter().filter(|(key, _)| !asked.iter().any(|it| key.get_ref() == it)) {
            let name: &str = key.get_ref();
            let instead = nearest(name, asked.iter().map(String::as_str));
            self.sheet.problem(
                key.span().start,
                format!("{} knows no key `{}`", self.what, short(name)),
                instead,
            );
        }
    }
}

// === impl Item ===

impl<'s> Item<'s> {
    /// Notes a problem with it.
    pub(crate) fn problem(&self, what: impl Into<String>, instead: Option<String>) {
        self.sheet.problem(self.span().start, what, instead);
    }

    /// Where it stands.
    pub(crate) fn span(&self) -> Range<usize> {
        self.value.span()
    }

    fn wrong<T>(&self, wanted: &str) -> Option<T> {
        let found = self.value.get_ref().type_str();
        self.problem(format!("`{}` is {wanted}, and here is a TOML {found}", short(&self.what)), None);
        None
    }

    /// It, as a text.
    pub(crate) fn text(&self) -> Option<Placed<'s>> {
        match self.value.get_ref() {
            DeValue::String(text) => Some(Placed::new(self.sheet, text, self.span())),
            _ => self.wrong("a text in quotes"),
        }
    }

    /// Whether it is a text.
    pub(crate) fn is_text(&self) -> bool {
        self.value.get_ref().is_str()
    }

    /// Whether it is a table.
    pub(crate) fn is_table(&self) -> bool {
        self.value.get_ref().is_table()
    }

    /// It, as a truth.
    pub(crate) fn truth(&self) -> Option<bool> {
        match self.value.get_ref() {
            DeValue::Boolean(truth) => Some(*truth),
            _ => self.wrong("`true` or `false`"),
        }
    }

    /// It, as a whole number.
    pub(crate) fn number(&self) -> Option<u64> {
        match self.value.get_ref() {
            DeValue::Integer(number) => match u64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Some(number),
                Err(_) => self.wrong("a whole number that is not negative"),
            },
            _ => self.wrong("a whole number"),
        }
    }

    /// It, as a table.
    pub(crate) fn table(&self, what: &str) -> Option<Table<'s>> {
        match self.value.get_ref() {
            DeValue::Table(inside) => Some(Table::new(self.sheet, what, self.span().start, inside)),
            _ => self.wrong("a table"),
        }
    }

    /// Its items, as a list.
    pub(crate) fn list(&self) -> Option<Vec<Item<'s>>> {
        match self.value.get_ref() {
            DeValue::Array(items) => {
                let item = |value| Item { sheet: self.sheet, what: self.what.clone(), value };
                Some(items.iter().map(item).collect())
            }
            _ => self.wrong("a list"),
        }
    }

    /// It, as a time: `500ms`, `2s`, `1m`.
    pub(crate) fn duration(&self) -> Option<Duration> {
        let text = self.text()?;
        let digits = text.text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.text.split_at(digits);
        let number = number.parse::<u32>().ok().filter(|number| (1..=600_000).contains(number));
        let found = match (number.map(u64::from), unit) {
            (Some(number), "ms") => Some(Duration::from_millis(number)),
            (Some(number), "s") => Some(Duration::from_secs(number)),
            (Some(number), "m") => Some(Duration::from_secs(number * 60)),
            _ => None,
        };
        if found.is_none() {
            text.problem(
                format!("`{}` is a time", self.what),
                Some("write it like `500ms`, `2s`, `1m`".into()),
            );
        }
        found
    }
}

/// A name as a message shows it: never a page of text.
pub(crate) fn short(name: &str) -> String {
    const LONGEST: usize = 60;
    match name.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", name.get(..at).unwrap_or_default()),
        None => name.to_owned(),
    }
}
