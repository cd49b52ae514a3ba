//! What persons say about mappings.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use veer_contract::domain::{InsurerVehicle, VehicleCategory};

use super::{
    Dictionary, DictionaryError,
    catalogue::{Catalogue, Entry, EntryId},
    mapping::{Book, MappingState, rematch},
    matching::How,
    names::is_other,
};
use crate::{
    store::{DictionaryChange, MappingRow, RowName},
    telemetry,
};

/// A name of an insurer's dictionary and what is said of it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NameEntry {
    /// Its key, by which a person speaks of it.
    pub key: String,
    /// Whose dictionary.
    pub dictionary: String,
    /// The category's letter; empty where the dictionary has none.
    pub category: String,
    /// The brand as the insurer writes it.
    pub brand: String,
    /// The model as the insurer writes it.
    pub model: String,
    /// What is said of it.
    pub mappings: Vec<Shown>,
}

/// A mapping, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The entry's id.
    pub entry: EntryId,
    /// What it is called now.
    pub name: String,
    /// `automatic`, `proposed`, `confirmed` or `refused`.
    pub state: &'static str,
    /// How it was found.
    pub how: &'static str,
    /// How sure that is, in percent.
    pub confidence: u8,
    /// Who said so.
    pub author: String,
    /// Why.
    pub note: String,
    /// Since when it holds.
    pub from: jiff::Timestamp,
    /// Until when it held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<jiff::Timestamp>,
}

/// Which names are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unmapped {
    /// Of this dictionary only.
    pub dictionary: Option<String>,
    /// In this state; without it, those that wait for a person: proposed or not mapped at all.
    pub state: Option<MappingState>,
    /// The most that are given.
    pub limit: usize,
}

/// What a person says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// About which name.
    pub key: String,
    /// Which entry; without it, the one that is proposed or in use.
    #[serde(default)]
    pub entry: Option<EntryId>,
    /// Who says so.
    pub author: String,
    /// Why.
    #[serde(default)]
    pub note: String,
}

// === impl Dictionary ===

impl Dictionary {
    /// Names in a state, and how many there are. Those that the matcher is surest of come first.
    pub fn names(&self, wanted: &Unmapped) -> (Vec<NameEntry>, usize) {
        let (books, published) = (self.0.books.load_full(), self.published());
        let mut found: Vec<(u8, &str, &Book, &RowName)> = Vec::new();
        for (dictionary, book) in books.iter() {
            if wanted.dictionary.as_ref().is_some_and(|wanted| wanted != dictionary) {
                continue;
            }
            for name in book.rows.keys() {
                // Persons are always sure; their refusals say nothing of what else there is.
                let counts = |state| state != MappingState::Refused || wanted.state == Some(state);
                let surest = book.current(name).filter(|(_, state)| counts(*state));
                let surest = surest.map(|(row, _)| row.confidence).max().unwrap_or_default();
                let fits = match wanted.state {
                    Some(wanted) => book.current(name).any(|(_, state)| state == wanted),
                    None => book.holding(name).is_none() && !book.stands_for_nothing(name),
                };
                if fits {
                    found.push((surest, dictionary, book, name));
                }
            }
        }
        found.sort_by_key(|(surest, dictionary, _, name)| (u8::MAX - surest, *dictionary, *name));
        let count = found.len();
        let entry = |(_, dictionary, book, name): (u8, &str, &Book, &RowName)| {
            let mappings = book.current(name).map(|(row, _)| row.clone()).collect();
            shown(dictionary, name, mappings, &published.catalogue)
        };
        (found.into_iter().take(wanted.limit).map(entry).collect(), count)
    }

    /// Every name of a dictionary with its rows.
    pub fn listing(
        &self,
        dictionary: &str,
    ) -> Result<Vec<(NameEntry, Vec<InsurerVehicle>)>, DictionaryError> {
        let book = self.book(dictionary).ok_or_else(|| self.unread(dictionary))?;
        let published = self.published();
        let entry = |(name, rows): (&RowName, &Vec<InsurerVehicle>)| {
            let mappings = book.current(name).map(|(row, _)| row.clone()).collect();
            (shown(dictionary, name, mappings, &published.catalogue), rows.clone())
        };
        Ok(book.rows.iter().map(entry).collect())
    }

    /// That there is no dictionary of that name, and which there are.
    pub fn unread(&self, dictionary: &str) -> DictionaryError {
        let books = self.0.books.load();
        let known: Vec<&str> = books.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        DictionaryError::Unknown(format!("no dictionary of {dictionary} was read yet; these were: {known}"))
    }

    /// All that was ever said of a name.
    pub async fn history(&self, key: &str) -> Result<NameEntry, DictionaryError> {
        let (dictionary, name) = self.name_of(key)?;
        let store = &self.0.store;
        let rows = store.mapping_history(&dictionary, &name, MappingState::NAMES, How::NAMES).await?;
        Ok(shown(&dictionary, &name, rows, &self.published().catalogue))
    }

    /// Maps a name, for a person: from now on it stands for that entry.
    pub async fn confirm(&self, decision: &Decision) -> Result<NameEntry, DictionaryError> {
        let _changing = self.change().await?;
        let (dictionary, name) = self.name_of(&decision.key)?;
        let book = self.book(&dictionary).unwrap_or_default();
        let entry = decision.entry.map_or_else(|| found(&book, &name), Ok)?;
        let published = self.published();
        fits(&published.catalogue, &name, entry)?;
        let entry = published.catalogue.standing(entry);
        let now = telemetry::now_in_milliseconds();
        let given_up = |row: &MappingRow, state: MappingState| match state {
            // A refusal of this very entry is taken back; those of others stay.
            MappingState::Refused => {
                let refused = published.catalogue.standing(EntryId(row.entry));
                refused == entry || refused == EntryId::NOTHING
            }
            MappingState::Automatic | MappingState::Proposed | MappingState::Confirmed => true,
        };
        let mut changes: Vec<MappingRow> = book
            .current(&name)
            .filter(|(row, state)| given_up(row, *state))
            .map(|(row, _)| MappingRow { to: Some(now), ..row.clone() })
            .collect();
        changes.push(said(&dictionary, &name, entry, MappingState::Confirmed, decision, now));
        self.decide(&dictionary, &book, &name, changes).await
    }

    /// Refuses a mapping, for a person: this name never stands for that entry. The matcher may find another.
    /// Where no entry is given and none is proposed or in use, the name stands for nothing of the catalogue,
    /// and nobody is asked about it again.
    pub async fn refuse(&self, decision: &Decision) -> Result<NameEntry, DictionaryError> {
        let _changing = self.change().await?;
        let (dictionary, name) = self.name_of(&decision.key)?;
        let book = self.book(&dictionary).unwrap_or_default();
        let entry = decision.entry.or_else(|| found(&book, &name).ok()).unwrap_or(EntryId::NOTHING);
        let published = self.published();
        if entry != EntryId::NOTHING && published.catalogue.entry(entry).is_none() {
            return Err(DictionaryError::Unknown(format!("the catalogue has no entry {entry}")));
        }
        let entry = published.catalogue.standing(entry);
        let now = telemetry::now_in_milliseconds();
        let mut changes: Vec<MappingRow> = book
            .current(&name)
            .filter(|(row, _)| published.catalogue.standing(EntryId(row.entry)) == entry)
            .map(|(row, _)| MappingRow { to: Some(now), ..row.clone() })
            .collect();
        changes.push(said(&dictionary, &name, entry, MappingState::Refused, decision, now));
        let mut next = Book::clone(&book);
        next.apply(&changes);
        let again = [name.clone()];
        let sure = self.0.config.sure;
        changes.extend(rematch(&dictionary, &next, again.iter(), &published, sure, now));
        self.decide(&dictionary, &book, &name, changes).await
    }

    /// Writes a decision down and puts it to use.
    async fn decide(
        &self,
        dictionary: &str,
        book: &Arc<Book>,
        name: &RowName,
        changes: Vec<MappingRow>,
    ) -> Result<NameEntry, DictionaryError> {
        let published = self.published();
        let mut next = Book::clone(book);
        next.apply(&changes);
        next.index(&published.catalogue);
        let mappings = next.current(name).map(|(row, _)| row.clone()).collect();
        let entry = shown(dictionary, name, mappings, &published.catalogue);
        let change = DictionaryChange { mappings: changes, ..DictionaryChange::default() };
        self.write(change).await?;
        self.put(dictionary, next);
        Ok(entry)
    }

    /// The name with that key, or with the beginning of it.
    fn name_of(&self, key: &str) -> Result<(String, RowName), DictionaryError> {
        let books = self.0.books.load_full();
        let mut found = BTreeSet::new();
        if key.len() >= 4 {
            for (dictionary, book) in books.iter() {
                let names = book.rows.keys().chain(book.mappings.keys());
                let fits = names.filter(|name| self::key(dictionary, name).starts_with(key));
                found.extend(fits.map(|name| (dictionary.clone(), name.clone())));
            }
        }
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => Err(DictionaryError::Refused(format!(
                "several names begin with the key {key}; write more of it"
            ))),
            (None, _) => Err(DictionaryError::Unknown(format!(
                "there is no name with the key {key}; `veer dictionary unmapped` shows names with their keys"
            ))),
        }
    }
}

/// The key of a name: the same as long as the name is.
pub(super) fn key(dictionary: &str, name: &RowName) -> String {
    let mut digest = Sha256::new();
    for part in [dictionary, &name.category, &name.brand, &name.model] {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    digest.finalize().iter().take(5).map(|byte| format!("{byte:02x}")).collect()
}

/// The entry that is proposed for a name, or in use.
fn found(book: &Book, name: &RowName) -> Result<EntryId, DictionaryError> {
    let proposed = book.current(name).find(|(_, state)| *state == MappingState::Proposed);
    let found = proposed.or_else(|| book.holding(name)).map(|(row, _)| EntryId(row.entry));
    found.ok_or_else(|| {
        DictionaryError::Refused("nothing is proposed for this name; say which entry is meant".to_owned())
    })
}

/// Whether a name can stand for an entry: a model of its category, or the brand where it is for the brand's
/// others.
fn fits(catalogue: &Catalogue, name: &RowName, entry: EntryId) -> Result<(), DictionaryError> {
    let category = VehicleCategory::parse(&name.category);
    match catalogue.entry(entry) {
        None => Err(DictionaryError::Unknown(format!("the catalogue has no entry {entry}"))),
        Some(Entry::Model(_, model)) if category.is_none_or(|it| model.categories.has(it)) => Ok(()),
        Some(Entry::Model(brand, model)) => Err(DictionaryError::Refused(format!(
            "{} {} is not registered in category {}; add the category to the catalogue first",
            brand.name, model.name, name.category
        ))),
        Some(Entry::Brand(_)) if is_other(&name.model) => Ok(()),
        Some(Entry::Brand(brand)) => Err(DictionaryError::Refused(format!(
            "{entry} is the brand {}; {} needs one of its models",
            brand.name, name.model
        ))),
        Some(Entry::Modification(_, model, _)) => {
            Err(DictionaryError::Refused(format!("{entry} is a modification; take its model, {}", model.id)))
        }
    }
}

fn said(
    dictionary: &str,
    name: &RowName,
    entry: EntryId,
    state: MappingState,
    decision: &Decision,
    now: jiff::Timestamp,
) -> MappingRow {
    MappingRow {
        dictionary: dictionary.to_owned(),
        name: name.clone(),
        entry: entry.0,
        state: state.name(),
        how: How::Person.name(),
        confidence: 100,
        author: decision.author.clone(),
        note: decision.note.clone(),
        from: now,
        to: None,
    }
}

fn shown(dictionary: &str, name: &RowName, rows: Vec<MappingRow>, catalogue: &Catalogue) -> NameEntry {
    let mapping = |row: MappingRow| {
        let entry = EntryId(row.entry);
        let called = match catalogue.entry(entry) {
            Some(Entry::Brand(brand)) => format!("{} (all others)", brand.name),
            Some(Entry::Model(brand, model) | Entry::Modification(brand, model, _)) => {
                format!("{} {}", brand.name, model.name)
            }
            None if entry == EntryId::NOTHING => "(nothing of the catalogue)".to_owned(),
            None => "(no entry)".to_owned(),
        };
        let MappingRow { state, how, confidence, author, note, from, to, .. } = row;
        Shown { entry, name: called, state, how, confidence, author, note, from, to }
    };
    NameEntry {
        key: key(dictionary, name),
        dictionary: dictionary.to_owned(),
        category: name.category.clone(),
        brand: name.brand.clone(),
        model: name.model.clone(),
        mappings: rows.into_iter().map(mapping).collect(),
    }
}
