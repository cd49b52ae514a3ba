//! The watched file: `limits.toml`.
//!
//! Its lines are knobs, and a change of it is a revision of exactly the knobs that changed in it since it was read
//! last. What it said then is kept in the store, so that a restart undoes nothing that was set meanwhile, and a line
//! that vanished while the gateway was down is missed too. What is broken leaves everything as it is.

use std::{collections::BTreeMap, fs, io::ErrorKind, path::Path};

use super::{
    book::Draft,
    knob::{KnobName, KnobPath, lane},
    known::Known,
    refused::Refused,
    revision::Layer,
    value::Value,
};
use crate::{
    config::{self, InsurerConfig, TuningLine},
    store::FileLineRow,
};

/// What a look found: the text, nothing where there is no file, or why it cannot be read.
pub(super) type Found = Result<Option<String>, String>;

/// What the file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FileSaid(BTreeMap<KnobPath, Value>);

/// A longer file is none of limits.
const LONGEST: u64 = 1 << 20;

/// Everything that is wrong with the file at `path`; nothing where there is none.
pub fn check_file(path: &Path, insurers: &[InsurerConfig]) -> Vec<String> {
    match look(path) {
        Ok(None) => Vec::new(),
        Ok(Some(text)) => FileSaid::read(&text, path, &Known::of(insurers)).err().unwrap_or_default(),
        Err(problem) => vec![problem],
    }
}

/// Reads the file at `path`.
pub(super) fn look(path: &Path) -> Found {
    let problem = |what: String| format!("{}: {what}", path.display());
    match fs::metadata(path) {
        Ok(found) if found.len() > LONGEST => Err(problem(format!("is longer than {LONGEST} bytes"))),
        Ok(_) => {
            fs::read_to_string(path).map(Some).map_err(|error| problem(format!("cannot be read: {error}")))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(problem(format!("cannot be read: {error}"))),
    }
}

// === impl FileSaid ===

impl FileSaid {
    /// Reads a text; all that is wrong with it, each with its place.
    pub fn read(text: &str, path: &Path, known: &Known) -> Result<Self, Vec<String>> {
        let name = path.display().to_string();
        let lines = config::tuning_lines(text, &name)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        let (mut said, mut problems) = (Self::default(), Vec::new());
        for line in lines {
            match of_line(&line, known) {
                Ok((path, value)) => {
                    said.0.insert(path, value);
                }
                Err(rule) => problems.push(line.problem(rule)),
            }
        }
        problems.sort();
        if problems.is_empty() { Ok(said) } else { Err(problems.iter().map(ToString::to_string).collect()) }
    }

    /// What is different from what it said `before`.
    pub fn since(&self, before: &[FileLineRow]) -> Vec<Draft> {
        let before: BTreeMap<KnobPath, &str> =
            before.iter().filter_map(|row| Some((path_of(row)?, &*row.value))).collect();
        let draft = |path: &KnobPath, value: Option<Value>| Draft {
            path: path.clone(),
            layer: Layer::Lasting,
            value,
            until: None,
        };
        let is_new = |(path, value): &(&KnobPath, &Value)| {
            before.get(path).is_none_or(|before| value.to_string() != **before)
        };
        let new = self.0.iter().filter(is_new).map(|(path, value)| draft(path, Some(value.clone())));
        let gone = before.keys().filter(|path| !self.0.contains_key(path)).map(|path| draft(path, None));
        new.chain(gone).collect()
    }

    /// All that it says, for the store.
    pub fn rows(&self) -> Vec<FileLineRow> {
        let row = |(path, value): (&KnobPath, &Value)| FileLineRow {
            insurer: path.insurer.clone(),
            lane: path.lane_name().to_owned(),
            knob: path.knob.name().to_owned(),
            value: value.to_string(),
        };
        let mut rows: Vec<_> = self.0.iter().map(row).collect();
        rows.sort();
        rows
    }
}

fn of_line(line: &TuningLine, known: &Known) -> Result<(KnobPath, Value), String> {
    let found = known.find(&line.insurer, line.lane.as_deref(), &line.knob);
    let path = found.map_err(|refused: Refused| refused.to_string())?;
    let value = path.knob.read(&line.text)?;
    Ok((path, value))
}

fn path_of(row: &FileLineRow) -> Option<KnobPath> {
    let lane = match row.lane.as_str() {
        "" => None,
        name => Some(lane(name)?),
    };
    Some(KnobPath { insurer: row.insurer.clone(), lane, knob: KnobName::parse(&row.knob)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tuning::trial;

    fn read(text: &str) -> Result<FileSaid, Vec<String>> {
        FileSaid::read(text, Path::new("limits.toml"), &Known::of(&trial::insurers()))
    }

    fn changes(before: &str, after: &str) -> Vec<String> {
        let drafts = read(after).unwrap().since(&read(before).unwrap().rows());
        let shown = |draft: &Draft| match &draft.value {
            Some(value) => format!("{} = {value}", draft.path),
            None => format!("{} is gone", draft.path),
        };
        drafts.iter().map(shown).collect()
    }

    #[test]
    fn exactly_what_changed_is_different() {
        let before = "[alfastrah]\nenabled = false\n[alfastrah.create]\nlimit = '5/s'\nbreaker = 'off'\n";
        assert_eq!(changes("", before).len(), 3);
        assert_eq!(changes(before, before), Vec::<String>::new());
        let rewritten = "# a word\n[alfastrah.create]\nbreaker='off'\nlimit = ['5/s burst 1']\n[alfastrah]\nenabled = 'no'\n";
        assert_eq!(changes(before, rewritten), Vec::<String>::new());
        let after = "[alfastrah]\nenabled = false\nasked = '20%'\n[alfastrah.create]\nlimit = '4/s'\n";
        assert_eq!(
            changes(before, after),
            ["alfastrah asked = 20%", "alfastrah create limit = 4/s", "alfastrah create breaker is gone"]
        );
        assert_eq!(changes(before, "").len(), 3);
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_its_line() {
        let text = "[alfastra]\nenabled = false\n[alfastrah.create]\nlimit = '5/sec'\nlimt = '5/s'\n[vsk]\nlimit = '1/s'\n";
        let problems = read(text).unwrap_err();
        let expected = [
            "limits.toml:2: alfastra.enabled: there is no insurer `alfastra` in the configuration; did you mean `alfastrah`?",
            "limits.toml:4: alfastrah.create.limit: `5/sec` is no rate;",
            "limits.toml:5: alfastrah.create.limt: there is no knob `limt`; did you mean `limit`?",
            "limits.toml:7: vsk.limit: `limit` is a knob of each lane",
        ];
        assert_eq!(problems.len(), expected.len(), "{problems:?}");
        for (problem, expected) in problems.iter().zip(expected) {
            assert!(problem.starts_with(expected), "{problem}");
        }
        assert!(read("[a").unwrap_err()[0].starts_with("limits.toml:1: this is not TOML"));
    }

    #[test]
    fn a_file_that_is_not_there_is_no_problem_and_one_that_is_wrong_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("limits.toml");
        assert_eq!(check_file(&path, &trial::insurers()), Vec::<String>::new());
        fs::write(&path, "[alfastrah.create]\nlimit = '5/s'\n").unwrap();
        assert_eq!(check_file(&path, &trial::insurers()), Vec::<String>::new());
        fs::write(&path, "[alfastrah.create]\nlimit = ''\n").unwrap();
        let problems = check_file(&path, &trial::insurers());
        assert!(problems[0].contains("limits.toml:2: alfastrah.create.limit: is empty"), "{problems:?}");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(check_file(&path, &trial::insurers())[0].contains("cannot be read"));
    }

    /// It is the manual of the knobs, so it is held to what is really read.
    #[test]
    fn the_shipped_file_says_nothing_and_shows_every_knob_as_it_is_configured() {
        let shipped = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/config/limits.toml"));
        assert_eq!(read(shipped).unwrap(), FileSaid::default());
        // As in veer.toml: no blank behind `#` is a line that is switched off.
        let on = |line: &str| match line.strip_prefix('#') {
            Some(line) if line.starts_with(|c: char| !c.is_whitespace()) => line.to_owned(),
            _ => line.to_owned(),
        };
        let on = shipped.lines().map(on).collect::<Vec<_>>().join("\n");
        let said = read(&on).unwrap_or_else(|problems| panic!("{problems:?}")).0;
        let known = Known::of(&trial::insurers());
        let wanted = |path: &KnobPath| path.insurer == "alfastrah" && path.lane != lane("poll");
        let configured = known.all().filter(|(path, _)| wanted(path));
        let configured: BTreeMap<_, _> =
            configured.map(|(path, value)| (path.clone(), value.clone())).collect();
        assert_eq!(said, configured);
    }
}
