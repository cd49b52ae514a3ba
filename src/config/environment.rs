//! Overrides from the environment.
//!
//! `VEER__PARTNER__MAX_BODY=1MiB` sets `max_body` of `[partner]`: after the prefix, each `__` goes one
//! section deeper, and names are lower-cased. A variable cannot hold a `-`, so `_` also finds the one key
//! of the file that differs by nothing else (`VEER__INSURERS__MY_LABEL__ENABLED` finds
//! `[insurers.my-label]`). The value is read as TOML where it is TOML (numbers, `true`, lists, inline
//! tables), else as text. A variable wins over the file; sections are merged, everything else is replaced.

use super::{
    problem::{Place, Problem},
    tree::{self, Node, Table, Value},
};

const PREFIX: &str = "VEER__";
const DEEPER: &str = "__";

/// The variables of this process that override the configuration.
pub fn variables() -> impl Iterator<Item = (String, String)> {
    let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    std::env::vars_os().map(move |(name, value)| (text(name), text(value)))
}

/// The variable that sets a key, for messages.
pub(super) fn variable_for(path: &str) -> String {
    format!("{PREFIX}{}", path.replace('.', DEEPER).replace('-', "_").to_uppercase())
}

/// Lays the variables that begin with `VEER__` over the file's tree; all others are left alone.
pub(super) fn overlay(tree: &mut Table, env: impl Iterator<Item = (String, String)>) -> Vec<Problem> {
    let mut variables: Vec<_> = env.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    // Sorted, so that a section given whole comes before a key of it, whatever order the system has.
    variables.sort();
    variables.iter().filter_map(|(name, value)| set(tree, name, value).err()).collect()
}

fn set(tree: &mut Table, name: &str, value: &str) -> Result<(), Problem> {
    let path = name[PREFIX.len()..].to_lowercase();
    let keys: Vec<&str> = path.split(DEEPER).collect();
    let Some((last, sections)) = keys.split_last().filter(|_| keys.iter().all(|key| !key.is_empty())) else {
        return Err(Problem {
            place: Place::Variable(name.to_owned()),
            key: String::new(),
            rule: "names no key; write VEER__SECTION__KEY, as in VEER__PARTNER__LISTEN".into(),
        });
    };
    let mut table = tree;
    for section in sections {
        table = enter(table, section, name);
    }
    let key = spelling(table, last);
    match (table.get_mut(&key), tree::read_variable(name, value)) {
        (Some(Node { value: Value::Table(old), .. }), Node { value: Value::Table(new), .. }) => {
            merge(old, new);
        }
        (_, node) => {
            table.insert(key, node);
        }
    }
    Ok(())
}

/// The section `key`; a value that stands where a section must be gives way, and the reader says so.
fn enter<'t>(table: &'t mut Table, key: &str, name: &str) -> &'t mut Table {
    let empty =
        || Node { place: Place::Variable(name.to_owned()), value: Value::Table(Table::new()), raw: None };
    let node = table.entry(spelling(table, key)).or_insert_with(empty);
    if !matches!(node.value, Value::Table(_)) {
        *node = empty();
    }
    match &mut node.value {
        Value::Table(inner) => inner,
        _ => unreachable!("it was made a table above"),
    }
}

/// The key as the file spells it.
fn spelling(table: &Table, key: &str) -> String {
    if table.contains_key(key) {
        return key.to_owned();
    }
    let mut alike = table.keys().filter(|known| known.replace('-', "_") == key);
    match (alike.next(), alike.next()) {
        (Some(only), None) => only.clone(),
        _ => key.to_owned(),
    }
}

fn merge(old: &mut Table, new: Table) {
    for (key, node) in new {
        match (old.get_mut(&key), node) {
            (Some(Node { value: Value::Table(deeper), .. }), Node { value: Value::Table(values), .. }) => {
                merge(deeper, values)
            }
            (_, node) => {
                old.insert(key, node);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid(file: &str, variables: &[(&str, &str)]) -> (Table, Vec<Problem>) {
        let mut tree = tree::read(file, "f.toml").ok().unwrap();
        let variables = variables.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        let problems = overlay(&mut tree, variables);
        (tree, problems)
    }

    fn text(tree: &Table, path: &str) -> Option<String> {
        let mut keys = path.split('.').peekable();
        let mut node = tree.get(keys.next()?)?;
        for key in keys {
            let Value::Table(inner) = &node.value else { return None };
            node = inner.get(key)?;
        }
        node.text().map(str::to_owned)
    }

    #[test]
    fn a_variable_wins_over_the_file_and_leaves_its_neighbours() {
        let (tree, problems) = laid("[a]\nb = 'x'\nc = 'y'\n", &[("VEER__A__B", "z"), ("VEERX", "1")]);
        assert_eq!(problems, []);
        assert_eq!(text(&tree, "a.b").as_deref(), Some("z"));
        assert_eq!(text(&tree, "a.c").as_deref(), Some("y"));
    }

    #[test]
    fn an_underscore_finds_the_one_key_with_a_dash() {
        let file = "[my-label]\nb = 'x'\n[one-two]\n[one_two]\n";
        let (tree, _) = laid(file, &[("VEER__MY_LABEL__B", "z"), ("VEER__ONE_TWO__B", "w")]);
        assert_eq!(text(&tree, "my-label.b").as_deref(), Some("z"));
        assert_eq!(text(&tree, "one_two.b").as_deref(), Some("w"));
        assert_eq!(text(&tree, "one-two.b"), None);
    }

    #[test]
    fn a_section_given_whole_is_merged_and_its_keys_win_over_it() {
        let whole = ("VEER__A", "{ b = 'p', d = 'q' }");
        let (tree, _) = laid("[a]\nb = 'x'\nc = 'y'\n", &[("VEER__A__D", "r"), whole]);
        assert_eq!(text(&tree, "a.b").as_deref(), Some("p"));
        assert_eq!(text(&tree, "a.c").as_deref(), Some("y"));
        assert_eq!(text(&tree, "a.d").as_deref(), Some("r"));
    }

    #[test]
    fn a_variable_that_names_no_key_is_a_problem() {
        for name in ["VEER__", "VEER__A__", "VEER____A"] {
            let (_, problems) = laid("", &[(name, "1")]);
            assert_eq!(problems.len(), 1, "{name}");
            assert!(problems[0].to_string().contains(name), "{problems:?}");
        }
    }

    #[test]
    fn the_variable_of_a_key_is_known() {
        assert_eq!(variable_for("insurers.my-label.base_url"), "VEER__INSURERS__MY_LABEL__BASE_URL");
    }
}
