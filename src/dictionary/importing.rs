//! Reading insurers' dictionaries, by schedule and by command, and taking them in.
//!
//! A reading that fails, or that lost more than half of what was there, changes nothing: the insurer is asked
//! with what was read before. What is read is compared by names, mapped, written down and put to use at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex as StdMutex, PoisonError},
    time::Duration,
};

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use veer_contract::{
    OperationKind,
    domain::InsurerVehicle,
    operation::{Quote, VehicleInfo, Vehicles},
};

use super::{
    Dictionary, DictionaryError,
    import::{Changes, ImportReport, Listed},
    mapping::{Book, rematch},
    service::counts,
    work::{OURSELVES, blocking},
};
use crate::{
    store::{DictionaryChange, ImportRow, MappingRow, RowName},
    telemetry,
    upstream::{Budget, Insurer, Verdict, aside, driver::End, standing},
};

/// How often it is looked whether a dictionary is due.
const ROUND: Duration = Duration::from_secs(20);
/// After a reading that failed.
const AFTER_FAILURE: SignedDuration = SignedDuration::from_mins(15);

/// Reads insurers' dictionaries. Cheap to clone.
#[derive(Clone)]
pub struct Reading {
    dictionary: Dictionary,
    /// One account for each adapter that can hand its dictionary out.
    insurers: Arc<BTreeMap<String, Vec<Arc<Insurer>>>>,
    /// Every adapter of the configuration.
    adapters: Arc<BTreeSet<String>>,
    /// Where readings and changes run to their end, whoever has left meanwhile.
    runtime: Handle,
    /// Where a reading failed: when.
    failed: Arc<StdMutex<BTreeMap<String, Timestamp>>>,
    stop: CancellationToken,
}

// === impl Dictionary ===

impl Dictionary {
    /// Takes in what an insurer's dictionary says now. `force` takes a reading that lost more than half of
    /// what was there.
    pub async fn import(
        &self,
        dictionary: &str,
        read: Vec<InsurerVehicle>,
        source: &str,
        author: &str,
        force: bool,
    ) -> Result<ImportReport, DictionaryError> {
        self.take_in(dictionary, read, (source, author), force, None).await
    }

    /// As [`import`](Self::import); `after` is the last reading that there was when this one began, where it
    /// gives way to whatever was taken in meanwhile.
    async fn take_in(
        &self,
        dictionary: &str,
        read: Vec<InsurerVehicle>,
        (source, author): (&str, &str),
        force: bool,
        after: Option<Option<Timestamp>>,
    ) -> Result<ImportReport, DictionaryError> {
        let _changing = self.0.changing.lock().await;
        let now = telemetry::now_in_milliseconds();
        let known = self.book(dictionary).unwrap_or_default();
        if after.is_some_and(|after| after != known.last.as_ref().map(|last| last.at)) {
            let text =
                format!("the dictionary of {dictionary} was imported while this reading was under way");
            return Err(DictionaryError::Refused(text));
        }
        let (published, sure, name) = (self.published(), self.0.config.sure, dictionary.to_owned());
        let (mut book, rows, mappings, mut report) = blocking(move || {
            let changes = Changes::between(&known.rows, read);
            if let Some(why) = changes.suspicion(&known.rows).filter(|_| !force) {
                return Err(DictionaryError::Refused(format!(
                    "the dictionary of {name} is not believed: {why}. Nothing was changed; if that is right, import \
                     it again with --force"
                )));
            }
            let rows = changes.to_write(&name, &known.rows, now);
            let mut book = Book::clone(&known);
            let mut report = begun(&name, &changes, now);
            book.rows = changes.rows;
            let version = published.version.number;
            // The same matcher says the same of the same name.
            let seen = known.matched_with == Some(version);
            let is_new = |name: &&RowName| !seen || !known.rows.contains_key(*name);
            let names = book.rows.keys().filter(is_new);
            let mappings = rematch(&name, &book, names, &published, sure, now);
            book.matched_with = Some(version);
            book.apply(&mappings);
            book.index(&published.catalogue);
            report.mapped = counts(&book);
            let ended = mappings.iter().filter(|it| it.to.is_some()).map(|it| &it.name);
            report.remapped = Listed::of(ended);
            Ok((book, rows, mappings, report))
        })
        .await??;
        report.source = source.to_owned();
        report.author = author.to_owned();
        let last = ImportRow {
            dictionary: dictionary.to_owned(),
            at: now,
            source: source.to_owned(),
            author: author.to_owned(),
            report: serde_json::to_string(&report).unwrap_or_default(),
        };
        let change =
            DictionaryChange { rows, mappings, import: Some(last.clone()), ..DictionaryChange::default() };
        self.0.store.change_dictionary(change).await?;
        book.last = Some(last);
        self.put(dictionary, book);
        tracing::info!(
            dictionary,
            source,
            rows = report.rows,
            added = report.added.count,
            gone = report.gone.count,
            recoded = report.recoded.count,
            remapped = report.remapped.count,
            waiting = report.mapped.proposed,
            unmapped = report.mapped.unmapped,
            "an insurer's dictionary was read"
        );
        Ok(report)
    }

    /// Asks the matcher again about every dictionary: the catalogue has changed. What changes is given back
    /// with the books that it makes.
    pub(super) async fn rematch_all(
        &self,
        published: &Arc<super::Published>,
        now: Timestamp,
    ) -> Result<(Vec<MappingRow>, super::service::Books), DictionaryError> {
        let (books, sure, published) = (self.0.books.load_full(), self.0.config.sure, published.clone());
        blocking(move || {
            let mut all = Vec::new();
            let mut next = super::service::Books::new();
            for (dictionary, book) in books.iter() {
                let mut book = Book::clone(book);
                let changes = rematch(dictionary, &book, book.rows.keys(), &published, sure, now);
                book.matched_with = Some(published.version.number);
                book.apply(&changes);
                book.index(&published.catalogue);
                all.extend(changes);
                next.insert(dictionary.clone(), Arc::new(book));
            }
            (all, next)
        })
        .await
    }

    /// Puts a book to use.
    pub(super) fn put(&self, dictionary: &str, book: Book) {
        let mut books = (*self.0.books.load_full()).clone();
        books.insert(dictionary.to_owned(), Arc::new(book));
        self.0.books.store(Arc::new(books));
    }
}

fn begun(dictionary: &str, changes: &Changes, at: Timestamp) -> ImportReport {
    let listed = |names: &[RowName]| Listed::of(names.iter());
    ImportReport {
        dictionary: dictionary.to_owned(),
        at,
        source: String::new(),
        author: String::new(),
        rows: changes.rows.values().map(Vec::len).sum(),
        dropped: changes.dropped,
        added: listed(&changes.added),
        gone: listed(&changes.gone),
        recoded: listed(&changes.recoded),
        remapped: Listed::default(),
        mapped: super::import::MappingCounts::default(),
    }
}

// === impl Reading ===

impl Reading {
    /// Reads from the first account of each adapter that can hand its dictionary out and is enabled when it is read.
    /// Must be made on the runtime that it is to work on.
    pub fn new(dictionary: Dictionary, insurers: &[Arc<Insurer>], stop: CancellationToken) -> Self {
        let mut by_adapter: BTreeMap<String, Vec<Arc<Insurer>>> = BTreeMap::new();
        for insurer in insurers.iter().filter(|insurer| insurer.can::<Vehicles>()) {
            by_adapter.entry(insurer.config.adapter.clone()).or_default().push(insurer.clone());
        }
        // Insurers are sent vehicles by name, sources of vehicle data tell them by name.
        let names = |it: &&Arc<Insurer>| it.can::<Quote>() || it.can::<VehicleInfo>();
        let adapters = insurers.iter().filter(names).map(|it| it.config.adapter.clone()).collect();
        Self {
            dictionary,
            insurers: Arc::new(by_adapter),
            adapters: Arc::new(adapters),
            runtime: Handle::current(),
            failed: Arc::default(),
            stop,
        }
    }

    /// The dictionary that readings go into.
    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// Whose dictionaries can be read.
    pub fn readable(&self) -> impl Iterator<Item = &str> {
        self.insurers.keys().map(String::as_str).filter(|adapter| self.account(adapter).is_some())
    }

    /// The account whose dictionary is read: one that takes calls now, where there is one, for a person may know
    /// better than the hours.
    fn account(&self, adapter: &str) -> Option<&Arc<Insurer>> {
        let accounts = || self.insurers.get(adapter).into_iter().flatten();
        let enabled = accounts().find(|insurer| insurer.standing().enabled);
        accounts().find(|insurer| is_open(insurer)).or(enabled)
    }

    /// Whose dictionaries can be of use: those of the configuration's adapters, and those that are there.
    pub fn usable(&self) -> BTreeSet<String> {
        let mut usable = (*self.adapters).clone();
        usable.extend(self.dictionary.0.books.load().keys().cloned());
        usable
    }

    /// Does `work` to its end, also where nobody waits for it any more: a change that was written down is put
    /// to use.
    pub async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, DictionaryError>> + Send + 'static,
    ) -> Result<T, DictionaryError> {
        self.runtime.spawn(work).await.map_err(|_| DictionaryError::Stopping)?
    }

    /// Reads the dictionary of one adapter's insurer and takes it in, for a person.
    pub async fn read(
        &self,
        adapter: &str,
        author: &str,
        force: bool,
    ) -> Result<ImportReport, DictionaryError> {
        self.read_for(adapter, author, force, false).await
    }

    /// `gives_way`: what a person takes in while the insurer is asked stays.
    async fn read_for(
        &self,
        adapter: &str,
        author: &str,
        force: bool,
        gives_way: bool,
    ) -> Result<ImportReport, DictionaryError> {
        let insurer = self.account(adapter).ok_or_else(|| {
            let known: Vec<&str> = self.readable().collect();
            DictionaryError::Unknown(format!(
                "no enabled insurer {adapter} hands out its dictionary; these do: {}. Give others as a CSV file",
                if known.is_empty() { "none".to_owned() } else { known.join(", ") }
            ))
        })?;
        let before = self.dictionary.book(adapter).and_then(|book| book.last.as_ref().map(|last| last.at));
        let after = gives_way.then_some(before);
        let read = match ask(insurer, self.dictionary.0.config.import_budget, &self.stop).await {
            Ok(read) => self.dictionary.take_in(adapter, read, ("insurer", author), force, after).await,
            Err(problem) => Err(DictionaryError::Refused(format!(
                "the dictionary of {adapter} was not read: {problem}; nothing was changed"
            ))),
        };
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match &read {
            Ok(_) => failed.remove(adapter),
            Err(_) => failed.insert(adapter.to_owned(), telemetry::now()),
        };
        read
    }

    /// Reads dictionaries when they are due, and publishes the turn of the year, for ever.
    pub async fn keep(self) {
        let every = self.dictionary.0.config.import_every;
        loop {
            // One replica does it for all.
            let chores = self.dictionary.0.store.cluster().clone();
            tokio::select! {
                () = chores.until_chores() => {}
                () = self.stop.cancelled() => return,
            }
            if let Err(error) = self.dictionary.turn_of_the_year().await {
                tracing::error!(%error, "the new year could not be published");
            }
            if !every.is_zero() {
                // The schedule keeps to hours and maintenance; it is due the next time, too.
                let is_open = |adapter: &&str| self.account(adapter).is_some_and(|insurer| is_open(insurer));
                let due: Vec<&str> =
                    self.readable().filter(is_open).filter(|adapter| self.is_due(adapter, every)).collect();
                join_all(due.into_iter().map(|adapter| self.read_when_due(adapter))).await;
            }
            tokio::select! {
                () = tokio::time::sleep(ROUND) => {}
                () = self.stop.cancelled() => return,
            }
        }
    }

    async fn read_when_due(&self, adapter: &str) {
        if let Err(error) = self.read_for(adapter, OURSELVES, false, true).await {
            tracing::error!(adapter, %error, "an insurer's dictionary was not taken in");
        }
    }

    fn is_due(&self, adapter: &str, every: Duration) -> bool {
        let now = telemetry::now_in_milliseconds();
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner).get(adapter).copied();
        if failed.is_some_and(|at| now.duration_since(at) < AFTER_FAILURE) {
            return false;
        }
        let last = self.dictionary.book(adapter).and_then(|book| book.last.clone());
        let every = SignedDuration::try_from(every).unwrap_or(SignedDuration::MAX);
        // What a person handed in as a file is not overwritten by the schedule.
        last.is_none_or(|last| last.source == "insurer" && now.duration_since(last.at) >= every)
    }
}

/// Whether it takes calls now.
fn is_open(insurer: &Insurer) -> bool {
    standing::closed(&insurer.standing(), telemetry::now()).is_none()
}

/// Asks an insurer for its dictionary.
async fn ask(
    insurer: &Arc<Insurer>,
    budget: Duration,
    stop: &CancellationToken,
) -> Result<Vec<InsurerVehicle>, String> {
    if !insurer.can::<Vehicles>() {
        return Err("it hands none out".to_owned());
    }
    let begun = tokio::time::Instant::now();
    let (end, portions) =
        aside::converse::<Vehicles>(insurer, Arc::new(()), Budget::of(budget), stop.clone()).await;
    let (verdict, problem) = match end {
        End::Done => (Verdict::Offered, None),
        End::Declined(decline) => (decline.kind.into(), Some(decline.message)),
        End::Failed { verdict, detail } => (verdict, Some(format!("{} ({})", detail, verdict.label()))),
        End::Parked => return Err("the gateway is stopping".to_owned()),
    };
    insurer.conversation_ended(OperationKind::Vehicles, verdict, begun.elapsed());
    problem.map_or_else(|| Ok(portions.into_iter().flatten().collect()), Err)
}
