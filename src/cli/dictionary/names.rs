//! `veer dictionary unmapped`, `confirm`, `refuse` and `history`.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use serde::Deserialize;
use serde_json::json;

use super::Person;
use crate::{
    cli::{
        columns::{Heading, cut, seconds, table},
        operations::{Operations, read, with_query},
    },
    dictionary::catalogue::EntryId,
};

/// Show insurers' names that wait for a decision, those first that the matcher is surest of.
#[derive(Debug, Args)]
pub(super) struct Unmapped {
    /// Only names of this adapter's insurer.
    #[arg(long)]
    insurer: Option<String>,
    /// Names in this state instead.
    #[arg(long)]
    state: Option<State>,
    /// The most that are shown.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Print the gateway's answer as it is.
    #[arg(long)]
    json: bool,
}

/// Say what a name stands for, or never stands for.
#[derive(Debug, Args)]
pub(super) struct Decide {
    /// The key of the name, or the beginning of it.
    #[arg(value_parser = key)]
    key: String,
    /// The id of the entry; without it, the entry that is proposed or in use.
    #[arg(long, value_name = "ID")]
    entry: Option<EntryId>,
    /// Why.
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    person: Person,
    /// Print the gateway's answer as it is.
    #[arg(long)]
    json: bool,
}

/// Show all that was ever said of a name.
#[derive(Debug, Args)]
pub(super) struct History {
    /// The key of the name, or the beginning of it.
    #[arg(value_parser = key)]
    key: String,
    /// Print the gateway's answer as it is.
    #[arg(long)]
    json: bool,
}

/// How far a name is mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum State {
    /// By the matcher, in use.
    Automatic,
    /// By the matcher, waiting for a person.
    Proposed,
    /// By a person, in use.
    Confirmed,
    /// A person said no to an entry.
    Refused,
}

/// `GET /dictionary/names`.
#[derive(Debug, Deserialize)]
struct Listed {
    names: Vec<Name>,
    count: usize,
}

#[derive(Debug, Deserialize)]
struct Name {
    key: String,
    dictionary: String,
    category: String,
    brand: String,
    model: String,
    mappings: Vec<Mapping>,
}

#[derive(Debug, Deserialize)]
struct Mapping {
    entry: u32,
    name: String,
    state: String,
    how: String,
    confidence: u8,
    author: String,
    note: String,
    from: String,
    to: Option<String>,
}

const NAMES: [Heading; 8] = [
    Heading::Text("KEY"),
    Heading::Text("INSURER"),
    Heading::Text("CATEGORY"),
    Heading::Text("BRAND"),
    Heading::Text("MODEL"),
    Heading::Text("ENTRY"),
    Heading::Number("PERCENT"),
    Heading::Text("HOW"),
];
const HISTORY: [Heading; 8] = [
    Heading::Text("SINCE"),
    Heading::Text("UNTIL"),
    Heading::Text("STATE"),
    Heading::Text("ENTRY"),
    Heading::Number("PERCENT"),
    Heading::Text("HOW"),
    Heading::Text("AUTHOR"),
    Heading::Text("NOTE"),
];
/// Longer names are cut in tables.
const LONGEST: usize = 40;

// === impl Unmapped ===

impl Unmapped {
    pub(super) async fn answer(&self, operations: &Operations) -> Result<String, String> {
        let (state, limit) = (self.state.map(State::name), self.limit.to_string());
        let parameters = [("insurer", self.insurer.as_deref()), ("state", state), ("limit", Some(&*limit))];
        let answer = operations.get(&with_query("/dictionary/names", &parameters)).await?;
        if self.json {
            return Ok(format!("{answer:#}\n"));
        }
        let Listed { names, count: found } = read(answer)?;
        if names.is_empty() {
            return Ok(match state {
                Some(state) => format!("There are no {state} names.\n"),
                None => "Nothing waits for a decision.\n".to_owned(),
            });
        }
        let rows: Vec<_> = names.iter().map(|name| name.cells(state)).collect();
        let mut text = table(NAMES, &rows);
        // Writing to a string does not fail.
        if names.len() < found {
            let _ = writeln!(text, "\n{} of {found} names are shown; --limit shows more.", names.len());
        }
        if state.is_none_or(|state| state == "proposed") {
            text.push_str(
                "\n`veer dictionary confirm KEY` takes the entry, `confirm KEY --entry ID` another one; \
                 `veer dictionary refuse KEY` refuses it for good, or, where nothing is proposed, says that the \
                 name means nothing here.\n",
            );
        }
        Ok(text)
    }
}

// === impl Decide ===

impl Decide {
    pub(super) async fn confirm(&self, operations: &Operations) -> Result<String, String> {
        self.answer(operations, "/dictionary/confirm", Name::confirmed).await
    }

    pub(super) async fn refuse(&self, operations: &Operations) -> Result<String, String> {
        self.answer(operations, "/dictionary/refuse", Name::refused).await
    }

    async fn answer(
        &self,
        operations: &Operations,
        path: &str,
        told: fn(&Name) -> String,
    ) -> Result<String, String> {
        let author = self.person.name()?;
        let note = self.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
        let body = json!({ "key": self.key, "entry": self.entry, "author": author, "note": note });
        let answer = operations.post(path, &body).await?;
        if self.json { Ok(format!("{answer:#}\n")) } else { Ok(told(&read(answer)?)) }
    }
}

// === impl History ===

impl History {
    pub(super) async fn answer(&self, operations: &Operations) -> Result<String, String> {
        let answer = operations.get(&format!("/dictionary/names/{}", self.key)).await?;
        if self.json {
            return Ok(format!("{answer:#}\n"));
        }
        let name: Name = read(answer)?;
        let mut text = format!("{} is {}\n", name.key, name.full());
        if name.mappings.is_empty() {
            text.push_str("Nothing was ever said of it.\n");
            return Ok(text);
        }
        let rows: Vec<_> = name.mappings.iter().map(Mapping::cells).collect();
        text.push('\n');
        text.push_str(&table(HISTORY, &rows));
        Ok(text)
    }
}

// === impl Name ===

impl Name {
    /// A row of the table, with the mapping in `state`, or with the one that is proposed.
    fn cells(&self, state: Option<&str>) -> [String; NAMES.len()] {
        let state = state.unwrap_or("proposed");
        let said = self.in_state(state);
        [
            self.key.clone(),
            self.dictionary.clone(),
            self.category.clone(),
            cut(&self.brand, LONGEST),
            cut(&self.model, LONGEST),
            said.map(|said| cut(&said.entry(), LONGEST)).unwrap_or_default(),
            said.map(|said| said.confidence.to_string()).unwrap_or_default(),
            said.map(|said| said.how.clone()).unwrap_or_default(),
        ]
    }

    /// The newest mapping in that state.
    fn in_state(&self, state: &str) -> Option<&Mapping> {
        self.mappings.iter().filter(|said| said.state == state).max_by(|one, other| one.from.cmp(&other.from))
    }

    /// How the insurer writes it.
    fn full(&self) -> String {
        let category = if self.category.is_empty() { "" } else { &format!(" ({})", self.category) };
        format!("{} {}{category} of {}", self.brand, self.model, self.dictionary)
    }

    fn confirmed(&self) -> String {
        let entry = self.in_state("confirmed").map(Mapping::entry).unwrap_or_default();
        format!("{} stands for {entry} from now on.\n", self.full())
    }

    fn refused(&self) -> String {
        if self.in_state("refused").is_some_and(|said| said.entry == EntryId::NOTHING.0) {
            return format!("{} means nothing here; nobody is asked about it again.\n", self.full());
        }
        let entry = self.in_state("refused").map(Mapping::entry).unwrap_or_default();
        let instead = if let Some(said) = self.in_state("confirmed").or_else(|| self.in_state("automatic")) {
            format!("It stands for {}.", said.entry())
        } else if let Some(said) = self.in_state("proposed") {
            format!("Instead {} is proposed: `veer dictionary confirm {}` takes it.", said.entry(), self.key)
        } else {
            format!(
                "Nothing else is found: `veer dictionary confirm {} --entry ID` says what it is.",
                self.key
            )
        };
        format!("{} never stands for {entry} from now on. {instead}\n", self.full())
    }
}

// === impl Mapping ===

impl Mapping {
    fn entry(&self) -> String {
        format!("{} {}", self.entry, self.name)
    }

    fn cells(&self) -> [String; HISTORY.len()] {
        [
            seconds(&self.from),
            self.to.as_deref().map(seconds).unwrap_or_default(),
            self.state.clone(),
            cut(&self.entry(), LONGEST),
            self.confidence.to_string(),
            self.how.clone(),
            self.author.clone(),
            self.note.clone(),
        ]
    }
}

// === impl State ===

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Automatic => "automatic",
            State::Proposed => "proposed",
            State::Confirmed => "confirmed",
            State::Refused => "refused",
        }
    }
}

/// A key as people copy it.
fn key(text: &str) -> Result<String, String> {
    let key = text.trim().to_ascii_lowercase();
    if (4..=10).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(key);
    }
    Err("a key has from 4 to 10 of the digits 0-9 and a-f; `veer dictionary unmapped` shows them".to_owned())
}
