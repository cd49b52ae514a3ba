//! The dictionary in one handle.
//!
//! What is served stands behind two pointers, the published version and the insurers' books; who reads takes
//! a pointer and no lock. Changes go one at a time: worked out on copies, written down, then swapped in, so
//! that what is served is never ahead of what is durable.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex as StdMutex},
};

use arc_swap::ArcSwap;
use metrics::{Counter, Label};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;
use veer_contract::{
    VehicleCodes,
    domain::{Vehicle, VehicleCategory},
    manifest::VehicleNames,
};

use super::{
    DictionaryError, Published, Version,
    catalogue::Records,
    difference::Difference,
    import::{self, ImportReport, MappingCounts},
    mapping::{Book, Mapped, MappingState},
    matching::How,
    origin::Origin,
    packed,
    resolve::By,
    work::{DRAFT, OURSELVES, blocking},
};
use crate::{
    config::{DictionaryConfig, InsurerConfig},
    store::{DictionaryChange, RowName, Store, VersionRow},
    telemetry::{self, Metrics},
};

/// Insurers' dictionaries, by adapter: aliases of an insurer share its dictionary.
pub(super) type Books = BTreeMap<String, Arc<Book>>;

/// Under which names it is kept which matcher and which file of the configuration were taken in last.
const MATCHED_BY: &str = "matched_by";
const CONFIGURED: &str = "configured";

/// The dictionary. Cheap to clone.
#[derive(Clone)]
pub struct Dictionary(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub store: Store,
    pub config: DictionaryConfig,
    pub published: ArcSwap<Published>,
    pub books: ArcSwap<Books>,
    /// One change at a time.
    pub changing: Mutex<()>,
    /// The change of the store up to which this is served.
    pub seen: StdMutex<Vec<u8>>,
    resolved: [Counter; By::ALL.len()],
    others: BTreeMap<String, Counter>,
}

/// How the dictionary is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The version that is served.
    pub version: Version,
    /// How many brands it lists.
    pub brands: usize,
    /// How many models.
    pub models: usize,
    /// How many modifications.
    pub modifications: usize,
    /// Bytes of the answers that are ready in memory.
    pub answers_bytes: usize,
    /// How many entries the draft changes: more than none waits to be published.
    pub unpublished: usize,
    /// Insurers' dictionaries.
    pub insurers: Vec<BookStatus>,
}

/// How one insurer's dictionary is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BookStatus {
    /// Whose.
    pub dictionary: String,
    /// The last reading.
    pub last: Option<ImportReport>,
    /// How many names it has.
    pub names: usize,
    /// How far they are mapped.
    pub mapped: MappingCounts,
    /// How many models of the catalogue the insurer has a word for.
    pub known_models: usize,
}

// === impl Dictionary ===

impl Dictionary {
    /// Opens the dictionary of `store`, with its last version served.
    pub async fn open(
        store: Store,
        config: &DictionaryConfig,
        insurers: &[InsurerConfig],
        metrics: &Metrics,
    ) -> Result<Self, DictionaryError> {
        let origin = Origin::read(config.catalogue.as_deref())?;
        // Before anything is read: what changes meanwhile is taken in with the next look.
        let mut seen = store.dictionary_stamp().await?;
        let (version, records) = match store.dictionary_version(None).await? {
            Some(row) => {
                origin.renew(&store).await?;
                unpacked(row).await?
            }
            None => match origin.begin(&store).await {
                Ok((version, records, stamps)) => {
                    if let Some(stamps) = stamps.filter(|stamps| stamps.before == seen) {
                        seen = stamps.after;
                    }
                    (version, records)
                }
                // Another replica began at the same moment.
                Err(error) => match store.dictionary_version(None).await? {
                    Some(row) => unpacked(row).await?,
                    None => return Err(error),
                },
            },
        };
        let published = Arc::new(blocking(move || Published::new(version, &records)).await?);
        let counter = |by: &By| {
            let text = "Vehicles of new calculations, by what decided which they are";
            metrics.counter("veer_vehicles_total", text, vec![Label::new("by", by.name())])
        };
        let other = |insurer: &InsurerConfig| {
            let text = "Vehicles that were sent as another model of their brand";
            let labels = vec![Label::new("insurer", insurer.code.clone())];
            (insurer.code.clone(), metrics.counter("veer_vehicles_as_other_total", text, labels))
        };
        let dictionary = Self(Arc::new(Inner {
            books: ArcSwap::from_pointee(read_books(&store, &published).await?),
            published: ArcSwap::new(published),
            changing: Mutex::default(),
            seen: StdMutex::new(seen),
            resolved: By::ALL.each_ref().map(counter),
            others: insurers.iter().map(other).collect(),
            config: config.clone(),
            store,
        }));
        dictionary.take_matcher().await?;
        if let Some(path) = &config.vehicles {
            dictionary.take_configured(path).await?;
        }
        Ok(dictionary)
    }

    /// The version that is served.
    pub fn published(&self) -> Arc<Published> {
        self.0.published.load_full()
    }

    /// The dictionary of that adapter's insurer, where one was ever read.
    pub fn book(&self, adapter: &str) -> Option<Arc<Book>> {
        self.0.books.load().get(adapter).cloned()
    }

    /// What `insurer` calls `vehicle`.
    pub fn codes(&self, insurer: &InsurerConfig, names: VehicleNames, vehicle: &Vehicle) -> Mapped {
        let books = self.0.books.load();
        let Some(book) = books.get(&insurer.adapter).filter(|book| book.last.is_some()) else {
            return match names {
                VehicleNames::Codes => Mapped::Nothing,
                VehicleNames::Names => Mapped::Codes(VehicleCodes {
                    brand: vehicle.brand.name.clone(),
                    model: vehicle.model.name.clone(),
                    ..VehicleCodes::default()
                }),
            };
        };
        let found = self.published().resolve(vehicle);
        let category: VehicleCategory = vehicle.category();
        let word = |entry| book.model(entry, category, vehicle.year);
        // An insurer that knows codes only is not helped by a row that has none.
        let usable = |codes: &VehicleCodes| names == VehicleNames::Names || codes.code.is_some();
        if let Some(codes) = found.model.and_then(word).filter(usable) {
            return Mapped::Codes(codes);
        }
        let other = insurer.other_models.then(|| found.brand.and_then(word)).flatten().filter(usable);
        other.map_or(Mapped::Nothing, Mapped::Other)
    }

    /// Counts a vehicle of a new calculation.
    pub fn notice(&self, vehicle: &Vehicle) {
        let by = self.published().resolve_closely(vehicle);
        self.0.resolved[by as usize].increment(1);
        if by == By::Contradiction {
            let (id, name) = (&vehicle.model.id, &vehicle.model.name);
            tracing::warn!(id, name, "the model's id and its name are of two models; the id decides");
        }
    }

    /// Counts that `insurer` was sent another model of the brand.
    pub fn sent_as_other(&self, insurer: &str) {
        if let Some(counter) = self.0.others.get(insurer) {
            counter.increment(1);
        }
    }

    /// How the dictionary is.
    pub async fn status(&self) -> Result<Status, DictionaryError> {
        let published = self.published();
        let draft = self.draft().await?;
        let records = self.version_records(published.version.number).await?;
        let year = published.version.last_year;
        let difference = Difference::between((&records, year), (&draft, year));
        let books = self.0.books.load_full();
        let modifications = published.catalogue.models().map(|(_, model)| model.modifications.len()).sum();
        let book = |(dictionary, book): (&String, &Arc<Book>)| BookStatus {
            dictionary: dictionary.clone(),
            last: book.last.as_ref().and_then(|last| serde_json::from_str(&last.report).ok()),
            names: book.rows.len(),
            mapped: counts(book),
            known_models: book.known_models(&published.catalogue),
        };
        Ok(Status {
            version: published.version.clone(),
            brands: published.catalogue.brands().len(),
            models: published.catalogue.models().count(),
            modifications,
            answers_bytes: published.answers.bytes(),
            unpublished: difference.brands.len() + difference.models.len() + difference.modifications.len(),
            insurers: books.iter().map(book).collect(),
        })
    }

    /// What the next version will say.
    pub(super) async fn draft(&self) -> Result<Records, DictionaryError> {
        let content = self.0.store.dictionary_content(DRAFT).await?;
        let content = content.ok_or_else(|| DictionaryError::Unknown("there is no draft".into()))?;
        Ok(blocking(move || packed::unpack(&content)).await??)
    }

    /// What a version says.
    pub(super) async fn version_records(&self, number: u32) -> Result<Records, DictionaryError> {
        let row = self.0.store.dictionary_version(Some(number)).await?;
        let row = row.ok_or_else(|| DictionaryError::Unknown(format!("there is no version {number}")))?;
        Ok(blocking(move || packed::unpack(&row.content)).await??)
    }

    /// Asks the matcher again where it is another one than before, or must be surer.
    async fn take_matcher(&self) -> Result<(), DictionaryError> {
        let matcher = format!("{} {}", env!("CARGO_PKG_VERSION"), self.0.config.sure).into_bytes();
        if self.0.store.dictionary_content(MATCHED_BY).await?.as_ref() == Some(&matcher) {
            return Ok(());
        }
        let now = telemetry::now_in_milliseconds();
        let (mappings, books) = self.rematch_all(&self.published(), now).await?;
        let contents = vec![(MATCHED_BY, matcher)];
        self.write(DictionaryChange { mappings, contents, ..DictionaryChange::default() }).await?;
        self.0.books.store(Arc::new(books));
        Ok(())
    }

    /// Takes in the dictionaries of the configuration's file, where it is not the one that was taken in last.
    async fn take_configured(&self, path: &Path) -> Result<(), DictionaryError> {
        let file = |problem: String| DictionaryError::File { path: path.display().to_string(), problem };
        let text = tokio::fs::read_to_string(path).await.map_err(|error| file(error.to_string()))?;
        let dictionaries = import::read_sheets(&text).map_err(|error| file(error.to_string()))?;
        let digest = Sha256::digest(&text).to_vec();
        if self.0.store.dictionary_content(CONFIGURED).await?.as_ref() == Some(&digest) {
            return Ok(());
        }
        let mut taken = true;
        for (dictionary, rows) in dictionaries {
            match self.import(&dictionary, rows, "configuration", OURSELVES, false).await {
                Ok(_) => {}
                // What was read before goes on, and it is said again at every start until a person decides.
                Err(error @ DictionaryError::Refused(_)) => {
                    tracing::error!(%error, "dictionary.vehicles");
                    taken = false;
                }
                Err(error) => return Err(error),
            }
        }
        if !taken {
            return Ok(());
        }
        let contents = vec![(CONFIGURED, digest)];
        self.write(DictionaryChange { contents, ..DictionaryChange::default() }).await?;
        Ok(())
    }
}

/// How far the names of a book are mapped.
pub(super) fn counts(book: &Book) -> MappingCounts {
    let mut counts = MappingCounts::default();
    for name in book.rows.keys() {
        let best = book.holding(name).map(|(_, state)| state);
        let proposed = || book.current(name).any(|(_, state)| state == MappingState::Proposed);
        match best {
            Some(MappingState::Confirmed) => counts.confirmed += 1,
            Some(_) => counts.automatic += 1,
            None if book.stands_for_nothing(name) => counts.nothing += 1,
            None if proposed() => counts.proposed += 1,
            None => counts.unmapped += 1,
        }
    }
    counts
}

/// What a version says.
pub(super) async fn unpacked(row: VersionRow) -> Result<(Version, Records), DictionaryError> {
    let version = Version::from(&row);
    Ok((version, blocking(move || packed::unpack(&row.content)).await??))
}

pub(super) async fn read_books(store: &Store, published: &Arc<Published>) -> Result<Books, DictionaryError> {
    let mut books: BTreeMap<String, Book> = BTreeMap::new();
    for last in store.last_imports().await? {
        let book = books.entry(last.dictionary.clone()).or_default();
        book.last = Some(last);
    }
    for row in store.insurer_vehicles().await? {
        let rows = &mut books.entry(row.dictionary).or_default().rows;
        rows.entry(RowName::of(&row.vehicle)).or_default().push(row.vehicle);
    }
    for mapping in store.mappings(MappingState::NAMES, How::NAMES).await? {
        let book = books.entry(mapping.dictionary.clone()).or_default();
        book.mappings.entry(mapping.name.clone()).or_default().push(mapping);
    }
    let published = published.clone();
    blocking(move || {
        for book in books.values_mut() {
            // As a reading orders them, so that equal readings are equal.
            book.rows.values_mut().for_each(|rows| rows.sort_unstable());
            book.index(&published.catalogue);
        }
        books.into_iter().map(|(dictionary, book)| (dictionary, Arc::new(book))).collect()
    })
    .await
}
