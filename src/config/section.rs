//! Reading a section key by key.
//!
//! serde's derive stops at the first mistake. A [`Section`] goes on: each key that is asked for yields its
//! value or its default and leaves a problem behind where there is one, and when the section is left,
//! every key that nobody asked for is a problem too, with the nearest of those that were.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::{
    Secret,
    environment::variable_for,
    form::Form,
    nearest::hint,
    problem::{Place, Problem},
    tree::{Node, Table, Value},
};

/// One reading of one configuration: what all its sections share.
pub(super) struct Reading {
    /// What files are named relative to: the folder of the configuration.
    pub(super) folder: PathBuf,
    problems: RefCell<Vec<Problem>>,
    asked: RefCell<BTreeSet<Asked>>,
}

/// A key that was asked for; the shipped file is held against these.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Asked {
    /// Its full path.
    pub(super) path: String,
    /// Whether it has a default.
    pub(super) defaulted: bool,
}

/// One section, present or not.
pub(super) struct Section<'r> {
    reading: &'r Reading,
    path: String,
    place: Place,
    table: Option<&'r Table>,
    asked: RefCell<BTreeSet<String>>,
}

// === impl Reading ===

impl Reading {
    pub(super) fn new(folder: &Path, problems: Vec<Problem>) -> Self {
        Self { folder: folder.to_owned(), problems: RefCell::new(problems), asked: RefCell::default() }
    }

    /// Reads the whole tree.
    pub(super) fn root<T>(&self, tree: &Table, place: Place, read: impl FnOnce(&Section<'_>) -> T) -> T {
        let root = Section {
            reading: self,
            path: String::new(),
            place,
            table: Some(tree),
            asked: RefCell::default(),
        };
        root.read(read)
    }

    pub(super) fn note(&self, place: Place, key: String, rule: impl Into<String>) {
        self.problems.borrow_mut().push(Problem { place, key, rule: rule.into() });
    }

    pub(super) fn finish(self) -> (Vec<Problem>, BTreeSet<Asked>) {
        (self.problems.into_inner(), self.asked.into_inner())
    }
}

// === impl Section ===

impl<'r> Section<'r> {
    /// The value of `key`, or its default.
    pub(super) fn or<T: Form>(&self, key: &str, default: T) -> T {
        self.ask(key, true);
        self.value(key).unwrap_or(default)
    }

    /// The value of a `key` that may be absent.
    pub(super) fn maybe<T: Form>(&self, key: &str) -> Option<T> {
        self.ask(key, false);
        self.value(key)
    }

    /// The value of a `key` that must be there; `doc` says what it is.
    pub(super) fn required<T: Form>(&self, key: &str, doc: &str) -> Option<T> {
        if self.node(key).is_none() {
            self.missing(key, doc);
        }
        self.maybe(key)
    }

    /// The file that `key` names, relative to the configuration's folder; it must exist.
    pub(super) fn file(&self, key: &str) -> Option<PathBuf> {
        let path = self.reading.folder.join(self.maybe::<PathBuf>(key)?);
        if !path.is_file() {
            self.problem(key, format!("there is no file {}", path.display()));
        }
        Some(path)
    }

    /// A folder with these files in it.
    pub(super) fn folder(&self, key: &str, files: &[&str]) -> Option<PathBuf> {
        let path = self.reading.folder.join(self.maybe::<PathBuf>(key)?);
        let missing = files.iter().map(|file| path.join(file)).filter(|file| !file.is_file());
        let missing: Vec<String> = missing.map(|file| file.display().to_string()).collect();
        self.rule(missing.is_empty(), key, format!("there is no file {}", missing.join(", ")));
        Some(path)
    }

    /// A folder; it must exist.
    pub(super) fn directory(&self, key: &str) -> Option<PathBuf> {
        let path = self.reading.folder.join(self.maybe::<PathBuf>(key)?);
        self.rule(path.is_dir(), key, format!("there is no folder {}", path.display()));
        Some(path)
    }

    /// A secret: text in `key`, or the content of the file that `key_file` names.
    pub(super) fn secret(&self, key: &str) -> Option<Secret> {
        let file_key = format!("{key}_file");
        self.ask(key, false);
        self.ask(&file_key, false);
        let from_file = match (self.node(key), self.node(&file_key)) {
            (None, None) => return None,
            (Some(_), None) => false,
            (None, Some(_)) => true,
            (Some(text), Some(file)) if text.place.is_variable() == file.place.is_variable() => {
                self.problem(key, format!("`{file_key}` is set too; leave one of the two"));
                return None;
            }
            // The environment wins over the file, whichever of the two names each uses.
            (Some(_), Some(file)) => file.place.is_variable(),
        };
        let secret = if from_file { self.secret_file(&file_key) } else { self.value::<Secret>(key) }?;
        if secret.reveal().is_empty() {
            let at = if from_file { &file_key } else { key };
            self.problem(at, "is empty; set a secret, or leave the key out");
            return None;
        }
        Some(secret)
    }

    /// A secret that must be there.
    pub(super) fn required_secret(&self, key: &str, doc: &str) -> Option<Secret> {
        if !self.has_secret(key) {
            self.missing(key, &format!("{doc} (or name a file that holds it in `{key}_file`)"));
        }
        self.secret(key)
    }

    /// Whether a secret is given in either way.
    pub(super) fn has_secret(&self, key: &str) -> bool {
        self.node(key).is_some() || self.node(&format!("{key}_file")).is_some()
    }

    /// Reads the section `key`; one that is absent is read too, and yields the defaults.
    pub(super) fn child<T>(&self, key: &str, read: impl FnOnce(&Section<'r>) -> T) -> T {
        self.asked.borrow_mut().insert(key.to_owned());
        self.enter(key).read(read)
    }

    /// Reads every section of `key`, whose names are the operator's own.
    pub(super) fn children<T>(
        &self,
        key: &str,
        mut read: impl FnMut(&Section<'r>, &str) -> Option<T>,
    ) -> Vec<T> {
        self.child(key, |parent| {
            let names = parent.table.into_iter().flat_map(|table| table.keys());
            let sections = names.filter_map(|name| {
                parent.check_name(name);
                parent.child(name, |section| read(section, name))
            });
            sections.collect()
        })
    }

    /// The keys that stand in this section.
    pub(super) fn names(&self) -> impl Iterator<Item = &'r str> {
        self.table.into_iter().flat_map(|table| table.keys().map(String::as_str))
    }

    /// Takes every key for known, where it cannot be told which are.
    pub(super) fn accept_all(&self) {
        self.asked.borrow_mut().extend(self.names().map(str::to_owned));
    }

    /// Notes that `key` breaks a rule unless it holds.
    pub(super) fn rule(&self, holds: bool, key: &str, rule: impl Into<String>) {
        if !holds {
            self.problem(key, rule);
        }
    }

    /// Notes that `key` breaks a rule.
    pub(super) fn problem(&self, key: &str, rule: impl Into<String>) {
        let place = self.node(key).map_or_else(|| self.place.clone(), |node| node.place.clone());
        self.reading.note(place, self.path_of(key), rule);
    }

    /// Notes a problem of the section itself.
    pub(super) fn own_problem(&self, rule: impl Into<String>) {
        self.reading.note(self.place.clone(), self.path.clone(), rule);
    }

    pub(super) fn reading(&self) -> &'r Reading {
        self.reading
    }

    fn enter(&self, key: &str) -> Section<'r> {
        let (place, table) = match self.node(key) {
            None => (self.place.without_line(), None),
            Some(Node { place, value: Value::Table(table), .. }) => (place.clone(), Some(table)),
            Some(node) => {
                self.problem(key, format!("must be a section, is {}", node.value.kind()));
                (node.place.clone(), None)
            }
        };
        Section { reading: self.reading, path: self.path_of(key), place, table, asked: RefCell::default() }
    }

    fn read<T>(self, read: impl FnOnce(&Section<'r>) -> T) -> T {
        let value = read(&self);
        let asked = self.asked.borrow();
        for name in self.names().filter(|name| !asked.contains(*name)) {
            let hint = hint(name, asked.iter().map(String::as_str));
            self.problem(name, format!("unknown key; {hint}"));
        }
        drop(asked);
        value
    }

    fn value<T: Form>(&self, key: &str) -> Option<T> {
        let node = self.node(key)?;
        T::read(node).map_err(|rule| self.reading.note(node.place.clone(), self.path_of(key), rule)).ok()
    }

    fn secret_file(&self, key: &str) -> Option<Secret> {
        let path = self.reading.folder.join(self.value::<PathBuf>(key)?);
        match fs::read_to_string(&path) {
            Ok(text) => Some(Secret::new(text.trim_end_matches(['\r', '\n']))),
            Err(error) => {
                self.problem(key, format!("the file {} cannot be read: {error}", path.display()));
                None
            }
        }
    }

    fn missing(&self, key: &str, doc: &str) {
        let path = self.path_of(key);
        let variable = variable_for(&path);
        self.reading.note(self.place.clone(), path, format!("missing; set it here or by {variable}: {doc}"));
    }

    /// Names must be reachable from the environment and readable in metrics.
    fn check_name(&self, name: &str) {
        let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        let fine = name.bytes().all(fits) && !name.contains("__") && !name.starts_with('_');
        self.rule(
            fine && !name.is_empty(),
            name,
            "a name is small Latin letters, digits, single `_` and `-`, as in `my-label`",
        );
    }

    fn ask(&self, key: &str, defaulted: bool) {
        self.asked.borrow_mut().insert(key.to_owned());
        self.reading.asked.borrow_mut().insert(Asked { path: self.path_of(key), defaulted });
    }

    fn node(&self, key: &str) -> Option<&'r Node> {
        self.table?.get(key)
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}
