//! `veer dictionary import-csv`: which sheet a file is, its first line says.

use std::{fmt::Write as _, path::PathBuf};

use clap::Args;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Person, count, text_of};
use crate::{
    cli::operations::{Operations, Unanswered, read},
    dictionary::catalogue::SheetProblem,
};

/// Take sheets of the catalogue into the draft, all of them or none.
#[derive(Debug, Args)]
pub(super) struct ImportCsv {
    /// Sheets as `veer dictionary export` writes them. Lines that are left out stay as they are; an empty id
    /// makes a new entry.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    person: Person,
    /// Print the gateway's answer as it is.
    #[arg(long)]
    json: bool,
}

/// `POST /dictionary/catalogue`.
#[derive(Debug, Deserialize)]
struct Taken {
    added: Vec<Added>,
    changed: usize,
    same: usize,
}

#[derive(Debug, Deserialize)]
struct Added {
    id: u32,
    name: String,
}

/// Each sheet with the column that it begins with.
const SHEETS: [(&str, &str); 3] =
    [("brands", "brand_id"), ("models", "model_id"), ("modifications", "modification_id")];
/// More problems help nobody at once; --json has all.
const PROBLEMS: usize = 50;

// === impl ImportCsv ===

impl ImportCsv {
    pub(super) async fn answer(&self, operations: &Operations) -> Result<String, String> {
        let mut body = Map::from_iter([("author".to_owned(), json!(self.person.name()?))]);
        let mut files: Vec<(&str, &PathBuf)> = Vec::new();
        for file in &self.files {
            let text = text_of(file)?;
            let sheet = sheet(&text).map_err(|problem| format!("{}: {problem}", file.display()))?;
            if let Some((_, other)) = files.iter().find(|(taken, _)| *taken == sheet) {
                let (one, two) = (other.display(), file.display());
                return Err(format!("{one} and {two} are both {sheet}; take one after the other"));
            }
            files.push((sheet, file));
            body.insert(sheet.to_owned(), Value::String(text));
        }
        match operations.post("/dictionary/catalogue", &Value::Object(body)).await {
            Ok(answer) if self.json => Ok(format!("{answer:#}\n")),
            Ok(answer) => Ok(read::<Taken>(answer)?.told()),
            Err(Unanswered { message, body, .. }) => {
                let problems = body.as_ref().and_then(|body| body.get("problems")).cloned();
                let problems: Vec<SheetProblem> = problems.map(read).transpose()?.unwrap_or_default();
                Err(if self.json { format!("{:#}", json!(body)) } else { refused(message, problems, &files) })
            }
        }
    }
}

/// Which sheet a text is.
fn sheet(text: &str) -> Result<&'static str, String> {
    // Spreadsheets put a byte order mark in front.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let header = text.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty());
    let header = header.ok_or("is empty")?;
    let (first, _) = header.split_once([',', ';', '\t']).unwrap_or((header, ""));
    let first = first.trim().trim_matches('"');
    let found = SHEETS.iter().find(|(_, column)| *column == first);
    let (name, column) = found.ok_or_else(|| {
        let columns = SHEETS.map(|(_, column)| format!("`{column}`")).join(", ");
        format!("its first column is none of {columns}; `veer dictionary export` writes sheets to begin with")
    })?;
    if header.trim_start_matches(['"']).starts_with(column) && !header.contains(',') {
        return Err("its cells are not parted by commas; save it as CSV with commas".to_owned());
    }
    Ok(name)
}

/// What is wrong, by file instead of by sheet.
fn refused(message: String, problems: Vec<SheetProblem>, files: &[(&str, &PathBuf)]) -> String {
    let mut text = message;
    for SheetProblem { sheet, line, problem } in problems.iter().take(PROBLEMS) {
        let file = files.iter().find(|(name, _)| name == sheet);
        let place = file.map_or_else(|| sheet.clone(), |(_, file)| file.display().to_string());
        let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
        // Writing to a string does not fail.
        let _ = write!(text, "\n  {place}{line}: {problem}");
    }
    if problems.len() > PROBLEMS {
        let _ = write!(text, "\n  and {} more", problems.len() - PROBLEMS);
    }
    text
}

// === impl Taken ===

impl Taken {
    fn told(&self) -> String {
        let Taken { added, changed, same } = self;
        if added.is_empty() && *changed == 0 {
            return format!("The draft says all of it already: {}.\n", count(*same, "entry", "entries"));
        }
        let new = count(added.len(), "new entry", "new entries");
        let mut text = format!("The draft has {new}, {changed} changed; {same} stay as they are.\n");
        for Added { id, name } in added {
            let _ = writeln!(text, "  {id:>9}  {name}");
        }
        text.push_str(
            "Nothing of it is served yet. `veer dictionary diff` writes what the partner has to know; \
             `veer dictionary publish --note \"...\"` serves it.\n",
        );
        text
    }
}
