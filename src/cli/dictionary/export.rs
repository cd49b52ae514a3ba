//! `veer dictionary export`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{catalogue, count, listed, status::Found, write};
use crate::{
    cli::operations::{Operations, read, with_query},
    dictionary::catalogue::Sheets,
};

/// Write a catalogue's sheets, or an insurer's names with what they stand for.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The folder for brands.csv, models.csv and modifications.csv.
    #[arg(value_name = "DIR", required_unless_present = "insurer")]
    folder: Option<PathBuf>,
    /// Which catalogue: the number of a version, `published` or `draft`. Take the draft to change it.
    #[arg(long, value_name = "WHICH", default_value = "published", value_parser = catalogue)]
    of: String,
    /// Write over files that are there.
    #[arg(long)]
    force: bool,
    /// The names of this adapter's insurer instead, as CSV on standard output.
    #[arg(long, conflicts_with_all = ["folder", "of", "force"])]
    insurer: Option<String>,
}

// === impl Export ===

impl Export {
    pub(super) async fn answer(&self, operations: &Operations) -> Result<String, String> {
        if let Some(insurer) = &self.insurer {
            let path = with_query("/dictionary/export", &[("insurer", Some(insurer))]);
            return Ok(operations.get_text(&path).await?);
        }
        let folder = self.folder.as_deref().unwrap_or(Path::new("."));
        let paths = ["brands.csv", "models.csv", "modifications.csv"].map(|name| folder.join(name));
        let there: Vec<PathBuf> = paths.iter().filter(|path| path.exists()).cloned().collect();
        if !self.force && !there.is_empty() {
            return Err(format!("{} would be lost; --force writes over it", listed(&there)));
        }
        let path = with_query("/dictionary/export", &[("of", Some(&self.of))]);
        let sheets: Sheets = read(operations.get(&path).await?)?;
        let create = |error| format!("{} cannot be made: {error}", folder.display());
        fs::create_dir_all(folder).map_err(create)?;
        let texts = [&sheets.brands, &sheets.models, &sheets.modifications];
        paths.iter().zip(texts).try_for_each(|(path, text)| write(path, text))?;
        let hint = self.hint(operations).await?;
        Ok(format!("Written: {}.\n{hint}", listed(&paths)))
    }

    /// Who changes sheets of the published version takes back what the draft changes already.
    async fn hint(&self, operations: &Operations) -> Result<String, String> {
        if self.of == "draft" {
            return Ok(String::new());
        }
        let Found { unpublished, .. } = read(operations.get("/dictionary").await?)?;
        Ok(match unpublished {
            0 => String::new(),
            changed => format!(
                "The draft changes {} that these files show as they are in version {}; to change more, take \
                 `--of draft`.\n",
                count(changed, "entry", "entries"),
                if self.of == "published" { "that is served" } else { &self.of },
            ),
        })
    }
}
