//! From draft to version.

use std::sync::Arc;

use super::{
    Dictionary, DictionaryError, Published, Version,
    catalogue::{Records, Sheets},
    difference::Difference,
    draft::{self, Absorbed},
    packed,
    work::{DRAFT, OURSELVES, blocking},
};
use crate::{
    store::{DictionaryChange, VersionRow},
    telemetry,
};

/// Which catalogue is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The version of that number.
    Version(u32),
    /// The version that is served.
    Published,
    /// What the next version will say.
    Draft,
}

/// A difference, and what was compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What is different.
    pub difference: Difference,
    /// In Russian.
    pub from: String,
    /// In Russian.
    pub to: String,
}

// === impl Dictionary ===

impl Dictionary {
    /// Makes the draft the next version and serves it.
    pub async fn publish(&self, author: &str, note: &str) -> Result<Version, DictionaryError> {
        let _changing = self.change().await?;
        let (served, draft) = (self.published(), self.draft().await?);
        let before = self.version_records(served.version.number).await?;
        let last_year = telemetry::moscow_today().year();
        if Difference::between((&before, served.version.last_year), (&draft, last_year)).is_empty() {
            let number = served.version.number;
            return Err(DictionaryError::Refused(format!("nothing was changed since version {number}")));
        }
        self.serve(draft, last_year, author, note).await
    }

    /// In a new year, what is still made is made a year longer. The partner meets new years only, so nobody
    /// need be asked; what else the draft changes waits on.
    pub(super) async fn turn_of_the_year(&self) -> Result<(), DictionaryError> {
        let last_year = telemetry::moscow_today().year();
        if last_year <= self.published().version.last_year {
            return Ok(());
        }
        let _changing = self.change().await?;
        // Somebody may have published meanwhile.
        if last_year <= self.published().version.last_year {
            return Ok(());
        }
        let records = self.version_records(self.published().version.number).await?;
        let note = format!("the year {last_year} has begun");
        let version = self.serve(records, last_year, OURSELVES, &note).await?;
        tracing::info!(version = version.number, last_year, "a new version was published: a new year");
        Ok(())
    }

    async fn serve(
        &self,
        records: Records,
        last_year: i16,
        author: &str,
        note: &str,
    ) -> Result<Version, DictionaryError> {
        let version = Version {
            number: self.published().version.number + 1,
            published: telemetry::now_in_milliseconds(),
            author: author.to_owned(),
            note: note.to_owned(),
            last_year,
        };
        let said = version.clone();
        let (published, content) = blocking(move || {
            let problems = records.problems();
            if !problems.is_empty() {
                return Err(DictionaryError::Problems(problems));
            }
            let content = packed::pack(&records)?;
            let published = Published::new(said, &records);
            // Ready before anybody asks.
            published.answers.warm();
            Ok((Arc::new(published), content))
        })
        .await??;
        let (mappings, books) = self.rematch_all(&published, version.published).await?;
        let row = VersionRow {
            number: version.number,
            published: version.published,
            author: version.author.clone(),
            note: version.note.clone(),
            last_year,
            content,
        };
        let change = DictionaryChange { version: Some(row), mappings, ..DictionaryChange::default() };
        self.write(change).await?;
        self.0.published.store(published);
        self.0.books.store(Arc::new(books));
        tracing::info!(version = version.number, author, "a version of the dictionary was published");
        Ok(version)
    }

    /// Takes sheets of the catalogue into the draft.
    pub async fn edit(&self, sheets: Sheets) -> Result<Absorbed, DictionaryError> {
        let _changing = self.change().await?;
        let mut draft = self.draft().await?;
        let (absorbed, content) = blocking(move || {
            let records = Records::read(&sheets).map_err(DictionaryError::Problems)?;
            let absorbed = draft::absorb(&mut draft, records).map_err(DictionaryError::Problems)?;
            Ok::<_, DictionaryError>((absorbed, packed::pack(&draft)?))
        })
        .await??;
        let contents = vec![(DRAFT, content)];
        self.write(DictionaryChange { contents, ..DictionaryChange::default() }).await?;
        Ok(absorbed)
    }

    /// A catalogue as sheets.
    pub async fn export(&self, of: Of) -> Result<Sheets, DictionaryError> {
        let (records, _, _) = self.records(of).await?;
        blocking(move || records.write()).await
    }

    /// What is different between two catalogues.
    pub async fn difference(&self, from: Of, to: Of) -> Result<Named, DictionaryError> {
        let (before, before_year, from) = self.records(from).await?;
        let (after, after_year, to) = self.records(to).await?;
        let difference =
            blocking(move || Difference::between((&before, before_year), (&after, after_year))).await?;
        Ok(Named { difference, from, to })
    }

    /// Every version, the newest first.
    pub async fn versions(&self) -> Result<Vec<Version>, DictionaryError> {
        Ok(self.0.store.dictionary_versions().await?.iter().map(Version::from).collect())
    }

    /// A catalogue, the year in which its open times end, and what it is called in Russian.
    async fn records(&self, of: Of) -> Result<(Records, i16, String), DictionaryError> {
        let number = match of {
            Of::Draft => {
                let year = telemetry::moscow_today().year();
                return Ok((self.draft().await?, year, "следующая версия".to_owned()));
            }
            Of::Published => self.published().version.number,
            Of::Version(number) => number,
        };
        let row = self.0.store.dictionary_version(Some(number)).await?;
        let row = row.ok_or_else(|| DictionaryError::Unknown(format!("there is no version {number}")))?;
        let name = format!("версия {number} от {}", telemetry::clock::moscow_date(row.published));
        let year = row.last_year;
        let records = blocking(move || packed::unpack(&row.content)).await??;
        Ok((records, year, name))
    }

    /// Makes every answer that is compressed, before anybody asks.
    pub async fn warm(&self) {
        let published = self.published();
        // A gateway that stops needs no answers.
        let _ = blocking(move || published.answers.warm()).await;
    }
}

// === impl Named ===

impl Named {
    /// The report for the partner, in Russian.
    pub fn report(&self) -> String {
        self.difference.report(&self.from, &self.to)
    }
}
