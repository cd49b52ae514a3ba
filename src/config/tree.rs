//! The configuration as a tree whose every value knows where it stands.
//!
//! Values come from the file and from the environment, and a problem names the one that is at fault; so
//! the place travels with the value. There is no `Debug` here: a tree holds secrets.

use std::{collections::BTreeMap, sync::Arc};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::problem::{Place, Problem};

/// A table of the tree.
pub(super) type Table = BTreeMap<String, Node>;

/// One value and where it stands.
#[derive(Clone)]
pub(super) struct Node {
    /// Where its key stands.
    pub(super) place: Place,
    /// The value.
    pub(super) value: Value,
    /// For an environment variable: the text as it stands. A key that wants text takes it from here,
    /// so a password of digits needs no quotes.
    pub(super) raw: Option<String>,
}

/// The kinds of value that TOML has.
#[derive(Clone)]
pub(super) enum Value {
    Text(String),
    /// Beyond 128 bits it stands at the end of the range, which no key accepts.
    Integer(i128),
    Float,
    Boolean(bool),
    Moment,
    List(Vec<Node>),
    Table(Table),
}

/// Turns positions in a text into lines.
struct Lines<'t> {
    name: Arc<str>,
    text: &'t str,
}

/// Reads a whole TOML document; all mistakes of syntax at once.
pub(super) fn read(text: &str, name: &str) -> Result<Table, Vec<Problem>> {
    let lines = Lines { name: name.into(), text };
    let (document, mistakes) = DeTable::parse_recoverable(text);
    if mistakes.is_empty() {
        return Ok(table(document.get_ref(), &|at| lines.place(at)));
    }
    // The message alone: toml's own `Display` prints the line, which may hold a secret.
    let problem = |mistake: &toml::de::Error| Problem {
        place: lines.place(mistake.span().map_or(text.len(), |span| span.start)),
        key: String::new(),
        rule: format!("this is not TOML: {}", mistake.message()),
    };
    Err(mistakes.iter().map(problem).collect())
}

/// Reads the value of an environment variable: TOML where it is TOML, else text.
pub(super) fn read_variable(name: &str, text: &str) -> Node {
    let place = Place::Variable(name.to_owned());
    let read = match DeValue::parse(text) {
        Ok(parsed) => value(parsed.get_ref(), &|_| place.clone()),
        Err(_) => Value::Text(text.to_owned()),
    };
    Node { place, value: read, raw: Some(text.to_owned()) }
}

fn table(table: &DeTable<'_>, place: &dyn Fn(usize) -> Place) -> Table {
    let entry = |(key, node): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let name: &std::borrow::Cow<'_, str> = key.get_ref();
        let value = value(node.get_ref(), place);
        (name.clone().into_owned(), Node { place: place(key.span().start), value, raw: None })
    };
    table.iter().map(entry).collect()
}

fn value(node: &DeValue<'_>, place: &dyn Fn(usize) -> Place) -> Value {
    match node {
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Integer(integer) => {
            Value::Integer(i128::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(i128::MAX))
        }
        DeValue::Float(_) => Value::Float,
        DeValue::Boolean(boolean) => Value::Boolean(*boolean),
        DeValue::Datetime(_) => Value::Moment,
        DeValue::Array(items) => {
            let item = |item: &Spanned<DeValue<'_>>| Node {
                place: place(item.span().start),
                value: value(item.get_ref(), place),
                raw: None,
            };
            Value::List(items.iter().map(item).collect())
        }
        DeValue::Table(inner) => Value::Table(table(inner, place)),
    }
}

// === impl Value ===

impl Value {
    /// What it is, for a message.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "text",
            Value::Integer(_) => "an integer",
            Value::Float => "a number with a point",
            Value::Boolean(_) => "true or false",
            Value::Moment => "a date",
            Value::List(_) => "a list",
            Value::Table(_) => "a section",
        }
    }
}

// === impl Node ===

impl Node {
    /// The text of a key that wants text.
    pub(super) fn text(&self) -> Option<&str> {
        match (&self.value, &self.raw) {
            (Value::Text(text), _) => Some(text),
            (_, raw) => raw.as_deref(),
        }
    }
}

// === impl Lines ===

impl Lines<'_> {
    fn place(&self, at: usize) -> Place {
        let before = &self.text.as_bytes()[..at.min(self.text.len())];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        Place::File { name: self.name.clone(), line: Some(line) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_knows_its_line() {
        let tree = read("[a]\nb = 1\n\n[c.d]\ne = [\n  'x',\n]\n", "f.toml").ok().unwrap();
        let Value::Table(a) = &tree["a"].value else { panic!("not a table") };
        assert_eq!(a["b"].place.to_string(), "f.toml:2");
        let Value::Table(c) = &tree["c"].value else { panic!("not a table") };
        assert_eq!(c["d"].place.to_string(), "f.toml:4");
        let Value::Table(d) = &c["d"].value else { panic!("not a table") };
        let Value::List(items) = &d["e"].value else { panic!("not a list") };
        assert_eq!(items[0].place.to_string(), "f.toml:6");
    }

    #[test]
    fn all_mistakes_of_syntax_come_at_once_and_quote_nothing() {
        let problems = read("a = \npassword = s3cret\nb = 1\nb = 2\n", "f.toml").err().unwrap();
        let lines: Vec<String> = problems.iter().map(|problem| problem.place.to_string()).collect();
        for line in ["f.toml:1", "f.toml:2", "f.toml:4"] {
            assert!(lines.contains(&line.to_owned()), "{line} is missing in {lines:?}");
        }
        assert!(!problems.iter().any(|problem| problem.rule.contains("s3cret")), "{problems:?}");
    }

    #[test]
    fn a_variable_is_toml_or_else_text_and_keeps_its_text() {
        let kind = |text| read_variable("V", text).value.kind();
        assert_eq!(kind("5"), "an integer");
        assert_eq!(kind("true"), "true or false");
        assert_eq!(kind("['a', 'b']"), "a list");
        assert_eq!(kind("5s"), "text");
        assert_eq!(kind("0.0.0.0:8080"), "text");
        assert_eq!(kind(""), "text");
        assert_eq!(read_variable("V", "0042").text(), Some("0042"));
        assert_eq!(read_variable("V", "'0042'").text(), Some("0042"));
    }
}
