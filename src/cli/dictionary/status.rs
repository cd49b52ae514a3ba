//! `veer dictionary status`.

use std::fmt::Write as _;

use clap::Args;
use serde::Deserialize;

use super::{count, versions::Version};
use crate::{
    cli::{
        columns::{Heading, seconds, table},
        operations::{Operations, read},
    },
    dictionary::import::{ImportReport, MappingCounts},
};

/// Show the version that is served, the draft, and how far insurers' dictionaries are mapped.
#[derive(Debug, Args)]
pub(super) struct Status {
    /// Print the gateway's answer as it is.
    #[arg(long)]
    json: bool,
}

/// `GET /dictionary`.
#[derive(Debug, Deserialize)]
pub(super) struct Found {
    version: Version,
    brands: usize,
    models: usize,
    modifications: usize,
    answers_bytes: usize,
    pub unpublished: usize,
    insurers: Vec<Book>,
    readable: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Book {
    dictionary: String,
    last: Option<ImportReport>,
    names: usize,
    mapped: MappingCounts,
    known_models: usize,
}

const HEADINGS: [Heading; 9] = [
    Heading::Text("INSURER"),
    Heading::Text("READ"),
    Heading::Text("FROM"),
    Heading::Number("NAMES"),
    Heading::Number("AUTOMATIC"),
    Heading::Number("CONFIRMED"),
    Heading::Number("PROPOSED"),
    Heading::Number("UNKNOWN"),
    Heading::Number("MODELS"),
];

// === impl Status ===

impl Status {
    pub(super) async fn answer(&self, operations: &Operations) -> Result<String, String> {
        let answer = operations.get("/dictionary").await?;
        if self.json {
            return Ok(format!("{answer:#}\n"));
        }
        Ok(read::<Found>(answer)?.told())
    }
}

// === impl Found ===

impl Found {
    fn told(&self) -> String {
        let Version { number, published, author, note, .. } = &self.version;
        let mut text =
            format!("Version {number} is served, since {} by {author}: {note}\n", seconds(published));
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "  {}, {}, {}; {:.1} MiB of answers in memory",
            count(self.brands, "brand", "brands"),
            count(self.models, "model", "models"),
            count(self.modifications, "modification", "modifications"),
            mebibytes(self.answers_bytes)
        );
        text.push_str(&match self.unpublished {
            0 => "  The draft says the same.\n".to_owned(),
            changed => format!(
                "  The draft changes {}: `veer dictionary diff` shows them, `veer dictionary publish` serves them.\n",
                count(changed, "entry", "entries")
            ),
        });
        let unread =
            self.readable.iter().filter(|name| !self.insurers.iter().any(|it| it.dictionary == **name));
        let never = |name: &String| {
            let mut cells: [String; HEADINGS.len()] = Default::default();
            (cells[0], cells[1]) = (name.clone(), "never".to_owned());
            cells
        };
        let rows: Vec<_> = self.insurers.iter().map(Book::cells).chain(unread.map(never)).collect();
        if rows.is_empty() {
            text.push_str("\nNo insurer's dictionary was read yet, and no enabled insurer hands one out.\n");
            return text;
        }
        let _ = write!(text, "\n{}", table(HEADINGS, &rows));
        let waiting: usize = self.insurers.iter().map(|it| it.mapped.proposed + it.mapped.unmapped).sum();
        if waiting > 0 {
            let names = count(waiting, "name waits", "names wait");
            let _ = writeln!(text, "\n{names} for a decision: `veer dictionary unmapped` shows them.");
        }
        text
    }
}

#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
fn mebibytes(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

// === impl Book ===

impl Book {
    fn cells(&self) -> [String; HEADINGS.len()] {
        let (at, source) = match &self.last {
            Some(last) => (seconds(&last.at.to_string()), last.source.clone()),
            None => ("never".to_owned(), String::new()),
        };
        [
            self.dictionary.clone(),
            at,
            source,
            self.names.to_string(),
            self.mapped.automatic.to_string(),
            self.mapped.confirmed.to_string(),
            self.mapped.proposed.to_string(),
            self.mapped.unmapped.to_string(),
            self.known_models.to_string(),
        ]
    }
}
