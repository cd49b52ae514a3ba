//! What operators change while the gateway runs: where the watched file is, and how it is written.
//!
//! `limits.toml` is no configuration of its own: each of its lines is a knob with a value, and `tuning` knows what
//! knobs there are. Here it becomes lines that know their place.

use std::{path::PathBuf, time::Duration};

use super::{
    form::{RateLimit, Written},
    problem::{Place, Problem, Problems},
    section::Section,
    tree::{self, Node, Table, Value},
};

/// `[tuning]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TuningConfig {
    /// The watched file. It need not be there.
    pub file: PathBuf,
}

/// One line of the watched file: a knob, and what it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TuningLine {
    /// Where it stands.
    pub place: Place,
    /// Whose.
    pub insurer: String,
    /// Of which lane.
    pub lane: Option<String>,
    /// Which knob.
    pub knob: String,
    /// Its value, as a command would be given it.
    pub text: String,
}

// === impl TuningConfig ===

impl TuningConfig {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let file = section.or("file", PathBuf::from("limits.toml"));
        Self { file: section.reading().folder.join(file) }
    }
}

// === impl TuningLine ===

impl TuningLine {
    /// What is wrong with it, with its place.
    pub fn problem(&self, rule: String) -> Problem {
        let lane = self.lane.iter().map(|lane| format!("{lane}.")).collect::<String>();
        Problem { place: self.place.clone(), key: format!("{}.{lane}{}", self.insurer, self.knob), rule }
    }
}

/// The lines of a file of that name.
pub(crate) fn tuning_lines(text: &str, name: &str) -> Result<Vec<TuningLine>, Problems> {
    let tree = tree::read(text, name).map_err(Problems::new)?;
    let (mut lines, mut problems) = (Vec::new(), Vec::new());
    for (insurer, node) in tree {
        match node.value {
            Value::Table(knobs) => of_insurer(&insurer, knobs, &mut lines, &mut problems),
            other => {
                let rule = format!("must be an insurer's section, as in [alfastrah], is {}", other.kind());
                problems.push(Problem { place: node.place, key: insurer, rule });
            }
        }
    }
    if problems.is_empty() { Ok(lines) } else { Err(Problems::new(problems)) }
}

fn of_insurer(insurer: &str, knobs: Table, lines: &mut Vec<TuningLine>, problems: &mut Vec<Problem>) {
    let mut add = |lane: Option<&str>, knob: String, node: Node| {
        let (insurer, lane) = (insurer.to_owned(), lane.map(str::to_owned));
        let line = TuningLine { place: node.place, insurer, lane, knob, text: String::new() };
        match text(&line.knob, &node.value) {
            Ok(text) => lines.push(TuningLine { text, ..line }),
            Err(rule) => problems.push(line.problem(rule)),
        }
    };
    for (name, node) in knobs {
        match node.value {
            Value::Table(knobs) => {
                knobs.into_iter().for_each(|(knob, node)| add(Some(&name), knob, node));
            }
            _ => add(None, name, node),
        }
    }
}

/// A knob's value as text; a list's elements one after the other, and an empty one as the word for nothing.
fn text(knob: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        Value::Boolean(true) => Ok("yes".into()),
        Value::Boolean(false) => Ok("no".into()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::List(items) => {
            let texts: Result<Vec<String>, String> =
                items.iter().map(|item| text(knob, &item.value)).collect();
            // Times may have commas of their own: `fri,sun 22:00-02:00`.
            let (between, nothing) = match knob {
                "hours" => ("; ", "always"),
                "maintenance" => ("; ", "none"),
                _ => (", ", "none"),
            };
            let texts = texts?;
            Ok(if texts.is_empty() { nothing.to_owned() } else { texts.join(between) })
        }
        other => Err(format!("must be text in quotes, is {}", other.kind())),
    }
}

/// A rate limit as the configuration writes it; the error says what to write.
pub(crate) fn rate_limit(text: &str) -> Result<RateLimit, String> {
    RateLimit::parse(text)
}

/// The same for a duration.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    Duration::parse(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let lines = tuning_lines(text, "limits.toml").unwrap();
        let shown = |line: &TuningLine| {
            let lane = line.lane.as_deref().unwrap_or("-");
            format!("{} {} {lane} {} = {}", line.place, line.insurer, line.knob, line.text)
        };
        lines.iter().map(shown).collect()
    }

    #[test]
    fn every_line_knows_its_place_and_is_text() {
        let text = "[a]\nenabled = false\nshadow = true\nmaintenance = ['x', 'y']\nasked = 20\n[a.create]\nlimit = '5/s'\n";
        assert_eq!(
            read(text),
            [
                "limits.toml:5 a - asked = 20",
                "limits.toml:7 a create limit = 5/s",
                "limits.toml:2 a - enabled = no",
                "limits.toml:4 a - maintenance = x; y",
                "limits.toml:3 a - shadow = yes",
            ]
        );
        assert_eq!(read(""), Vec::<String>::new());
        assert_eq!(read("[a]\n[a.create]\n"), Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_a_knob_is_told_with_its_line() {
        let told = |text: &str| tuning_lines(text, "limits.toml").unwrap_err().to_string();
        assert!(told("[a\n").starts_with("limits.toml:1: this is not TOML"));
        assert!(told("\nlimit = '5/s'\n").starts_with("limits.toml:2: limit: must be an insurer's section"));
        assert_eq!(
            told("[a.create]\nlimit = 5.5\n"),
            "limits.toml:2: a.create.limit: must be text in quotes, is a number with a point"
        );
        assert!(told("[a.b]\nc = { d = 1 }\n").contains("limits.toml:2: a.b.c: must be text"));
    }
}
