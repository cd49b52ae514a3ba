//! `veer dictionary import`.

use std::{fmt::Write as _, path::PathBuf, time::Duration};

use clap::Args;
use serde::Deserialize;
use serde_json::json;

use super::{Person, Told, text_of};
use crate::{
    cli::operations::{Operations, read},
    dictionary::import::{ImportReport, Listed},
};

/// Read an insurer's dictionary, or all that can be read, and tell what has changed.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The insurer's adapter; without it, every insurer that hands its dictionary out.
    insurer: Option<String>,
    /// The dictionary as a file: brand,model and if known category,brand_code,code,first_year,last_year.
    #[arg(long, value_name = "FILE", requires = "insurer")]
    csv: Option<PathBuf>,
    /// Take it also where more than half of the names are gone.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    person: Person,
    /// Print the gateway's answer as it is.
    #[arg(long)]
    json: bool,
}

/// `POST /dictionary/import`.
#[derive(Debug, Deserialize)]
struct Imported {
    imports: Vec<Outcome>,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    insurer: String,
    report: Option<ImportReport>,
    problem: Option<String>,
}

/// Longer than the gateway gives any insurer.
pub(super) const PATIENCE: Duration = Duration::from_secs(60 * 60);
/// So many names of a kind are printed; --json has more.
const EXAMPLES: usize = 5;

// === impl Import ===

impl Import {
    pub(super) async fn answer(&self, operations: &Operations) -> Result<Told, String> {
        let csv = self.csv.as_deref().map(text_of).transpose()?;
        let author = self.person.name()?;
        let body = json!({ "insurer": self.insurer, "csv": csv, "author": author, "force": self.force });
        let answer = operations.post("/dictionary/import", &body).await?;
        let json = self.json.then(|| format!("{answer:#}\n"));
        let Imported { imports } = read(answer)?;
        let (mut texts, mut problems, mut waiting) = (Vec::new(), Vec::new(), 0);
        for Outcome { insurer, report, problem } in imports {
            texts.extend(report.as_ref().map(told));
            waiting += report.map_or(0, |report| report.mapped.proposed + report.mapped.unmapped);
            problems.extend(problem.map(|problem| named(&insurer, problem)));
        }
        if waiting > 0 {
            let whose = self.insurer.as_ref().map(|it| format!(" --insurer {it}")).unwrap_or_default();
            texts.push(format!("`veer dictionary unmapped{whose}` shows what waits for a decision.\n"));
        }
        let text = json.unwrap_or_else(|| texts.join("\n"));
        Ok(Told { text, problem: (!problems.is_empty()).then(|| problems.join("\n")) })
    }
}

/// A problem that says whose it is.
fn named(insurer: &str, problem: String) -> String {
    if problem.contains(insurer) { problem } else { format!("{insurer}: {problem}") }
}

/// What a reading changed.
fn told(report: &ImportReport) -> String {
    let ImportReport { dictionary, source, rows, dropped, mapped, .. } = report;
    let from = match source.as_str() {
        "insurer" => "from the insurer",
        "file" => "from a file",
        _ => "from the configuration",
    };
    let dropped = match dropped {
        0 => String::new(),
        dropped => format!(", {dropped} of them left out (there twice, or without a name)"),
    };
    let mut text = format!("{dictionary} was read {from}: {rows} rows{dropped}\n");
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "  mapped     {:>6}  {} by the matcher, {} by persons; {} proposed, {} unknown",
        mapped.automatic + mapped.confirmed,
        mapped.automatic,
        mapped.confirmed,
        mapped.proposed,
        mapped.unmapped
    );
    let changes = [
        ("added", &report.added, "new names"),
        ("gone", &report.gone, "names that are not there any more"),
        ("recoded", &report.recoded, "names with other codes or years than before"),
        ("remapped", &report.remapped, "names that stood for something else before"),
    ];
    if changes.iter().all(|(_, listed, _)| listed.count == 0) {
        text.push_str("  Nothing is different from the last reading.\n");
        return text;
    }
    for (what, listed, meaning) in changes.into_iter().filter(|(_, listed, _)| listed.count > 0) {
        let _ = writeln!(text, "  {what:<9}  {:>6}  {meaning}", listed.count);
        examples(&mut text, listed);
    }
    text
}

fn examples(text: &mut String, listed: &Listed) {
    for name in listed.first.iter().take(EXAMPLES) {
        let _ = writeln!(text, "                     {name}");
    }
    let left = listed.count - listed.first.len().min(EXAMPLES).min(listed.count);
    if left > 0 {
        let _ = writeln!(text, "                     and {left} more");
    }
}
