//! Where the catalogue comes from: the one that the gateway ships, or the operator's own folder.
//!
//! In a new store it is published as version 1. Where it changes later (a newer gateway, another file) what is
//! new goes into the draft, because the partner must be told before it is published.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::{
    DictionaryError, Version,
    catalogue::{Records, Sheets, shipped_sheets},
    draft, packed,
    work::{DRAFT, OURSELVES, blocking},
};
use crate::{
    store::{DictionaryChange, DictionaryStamps, Store, VersionRow},
    telemetry,
};

/// Under which names what was taken in last is kept.
pub(super) const TAKEN: &str = "shipped";
pub(super) const TAKEN_DIGEST: &str = "shipped_digest";

/// A catalogue to begin with.
pub(super) struct Origin {
    sheets: Sheets,
    is_shipped: bool,
}

/// Whether the catalogue in `folder` can be begun with.
pub fn check_catalogue(folder: Option<&Path>) -> Result<(), DictionaryError> {
    Origin::read(folder)?.records().map(drop)
}

// === impl Origin ===

impl Origin {
    /// The catalogue in `folder`; without one, the shipped one.
    pub fn read(folder: Option<&Path>) -> Result<Self, DictionaryError> {
        let Some(folder) = folder else { return Ok(Self { sheets: shipped_sheets(), is_shipped: true }) };
        let text = |name: &str| {
            let path = folder.join(name);
            std::fs::read_to_string(&path).map_err(|error| DictionaryError::File {
                path: path.display().to_string(),
                problem: error.to_string(),
            })
        };
        let sheets = Sheets {
            brands: text("brands.csv")?,
            models: text("models.csv")?,
            modifications: text("modifications.csv")?,
        };
        Ok(Self { sheets, is_shipped: false })
    }

    /// Its records, held against the rules.
    pub fn records(&self) -> Result<Records, DictionaryError> {
        let records = Records::read(&self.sheets).map_err(DictionaryError::Problems)?;
        let problems = if self.is_shipped { Vec::new() } else { records.problems() };
        if !problems.is_empty() {
            return Err(DictionaryError::Problems(problems));
        }
        if records.has_entries_without_id() {
            let text = "a catalogue to begin with must give every entry its id, and every model its brand's";
            return Err(DictionaryError::Refused(text.to_owned()));
        }
        Ok(records)
    }

    /// Publishes it as version 1; with the stamps of that.
    pub async fn begin(
        self,
        store: &Store,
    ) -> Result<(Version, Records, Option<DictionaryStamps>), DictionaryError> {
        let note = match self.is_shipped {
            true => "the catalogue that comes with the gateway",
            false => "the catalogue of the configuration",
        };
        let digest = self.digest();
        let (records, content) = blocking(move || {
            let records = self.records()?;
            let content = packed::pack(&records)?;
            Ok::<_, DictionaryError>((records, content))
        })
        .await??;
        let row = VersionRow {
            number: 1,
            published: telemetry::now_in_milliseconds(),
            author: OURSELVES.to_owned(),
            note: note.to_owned(),
            last_year: telemetry::moscow_today().year(),
            content: content.clone(),
        };
        let version = Version::from(&row);
        let contents = vec![(DRAFT, content.clone()), (TAKEN, content), (TAKEN_DIGEST, digest)];
        let change = DictionaryChange { version: Some(row), contents, ..DictionaryChange::default() };
        let stamps = store.change_dictionary(change).await?;
        Ok((version, records, stamps))
    }

    /// Takes it into the draft, where it is not what was taken in before.
    pub async fn renew(self, store: &Store) -> Result<(), DictionaryError> {
        let digest = self.digest();
        if store.dictionary_content(TAKEN_DIGEST).await?.as_ref() == Some(&digest) {
            return Ok(());
        }
        let (work, before) = (store.dictionary_content(DRAFT).await?, store.dictionary_content(TAKEN).await?);
        let taken = blocking(move || {
            let mut work = packed::unpack(&work.unwrap_or_default())?;
            let (before, now) = (packed::unpack(&before.unwrap_or_default())?, self.records()?);
            match draft::take_shipped(&mut work, &before, &now) {
                Ok(()) => Ok(Ok((packed::pack(&work)?, packed::pack(&now)?))),
                Err(problems) => Ok::<_, DictionaryError>(Err(problems)),
            }
        })
        .await??;
        let (work, now) = match taken {
            Ok(taken) => taken,
            Err(problems) => {
                let first = problems.first().map(ToString::to_string).unwrap_or_default();
                tracing::error!(
                    problems = problems.len(),
                    first,
                    "the catalogue that this gateway begins with does not go with the draft, which stays as it is; mend \
                     the draft with `veer dictionary import-csv` and start again"
                );
                return Ok(());
            }
        };
        let contents = vec![(DRAFT, work), (TAKEN, now), (TAKEN_DIGEST, digest)];
        store.change_dictionary(DictionaryChange { contents, ..DictionaryChange::default() }).await?;
        tracing::info!(
            "there is a newer catalogue to begin with: see `veer dictionary diff`, then publish it"
        );
        Ok(())
    }

    fn digest(&self) -> Vec<u8> {
        let mut digest = Sha256::new();
        for sheet in [&self.sheets.brands, &self.sheets.models, &self.sheets.modifications] {
            digest.update(sheet.len().to_le_bytes());
            digest.update(sheet);
        }
        digest.finalize().to_vec()
    }
}
