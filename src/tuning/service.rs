//! What holds here, and how it is changed.
//!
//! A change is planned on the book, written down, and only then taken in and told to the engines. Where another replica
//! was quicker with its number, the book takes that revision in and the change is planned again. What was begun is
//! brought to its end, also where the one who asked has left.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use metrics::Gauge;
use serde::Serialize;
use tokio::runtime::Handle;
use veer_contract::Lane;

use super::{
    book::{Book, Draft},
    keep::Watched,
    knob::KnobPath,
    known::Known,
    refused::Refused,
    revision::{Layer, Revision, Who},
    shown::KnobShown,
    turn::{Tunable, Turn},
};
use crate::{
    store::{FileLineRow, Inserted, RevisionRow, Store, StoreError, TuningChange},
    telemetry::{self, Metrics},
};

/// An override that is to hold for longer is a setting.
pub const LONGEST_OVERRIDE: Duration = Duration::from_secs(7 * 86_400);
const SHORTEST_OVERRIDE: Duration = Duration::from_secs(1);
/// How often a change is planned again because others were quicker.
const TRIES: u32 = 16;

/// What operators change while the gateway runs. Cheap to clone.
#[derive(Clone)]
pub struct Tuning(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub known: Known,
    pub tunables: BTreeMap<String, Arc<dyn Tunable>>,
    pub store: Store,
    pub file: PathBuf,
    runtime: Handle,
    /// One change after the other.
    changing: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    revision: Gauge,
    overrides: Gauge,
}

pub(super) struct State {
    pub book: Book,
    pub watched: Watched,
    /// What every engine was told last.
    turns: Vec<(String, Option<Lane>, Turn)>,
}

/// What became of a wish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The revision; none where it was so already.
    pub revision: Option<Revision>,
    /// The knob as it is now.
    pub knob: Option<KnobShown>,
}

// === impl Tuning ===

impl Tuning {
    /// Puts together again what was changed before this start, ends overrides that are over, takes the watched file
    /// in, and tells the engines. They are made of the configuration, by insurer. Must be opened on the runtime that
    /// it is to work on.
    pub async fn open(
        known: Known,
        tunables: BTreeMap<String, Arc<dyn Tunable>>,
        store: Store,
        file: PathBuf,
        metrics: &Metrics,
    ) -> Result<Self, StoreError> {
        let mut book = Book::new(&known);
        let turns = book.turns(telemetry::now());
        for row in store.last_revisions().await? {
            if !book.take(&row) && row.value.is_some() {
                let RevisionRow { number, insurer, lane, knob, .. } = &row;
                tracing::warn!(
                    revision = number,
                    insurer,
                    lane,
                    knob,
                    "a setting of operators is of no use: the configuration has no such insurer or lane, or this \
                     version does not know such a knob or value"
                );
            }
        }
        let text = "The last revision of what operators changed while the gateway ran";
        let revision = metrics.gauge("veer_tuning_revision", text, Vec::new());
        let text = "Overrides of operators that hold now";
        let overrides = metrics.gauge("veer_tuning_overrides", text, Vec::new());
        let tuning = Self(Arc::new(Inner {
            known,
            tunables,
            store,
            file,
            runtime: Handle::current(),
            changing: tokio::sync::Mutex::default(),
            state: Mutex::new(State { book, watched: Watched::default(), turns }),
            revision,
            overrides,
        }));
        tuning.settle(&mut tuning.state(), telemetry::now());
        tuning.begin().await;
        Ok(tuning)
    }

    /// The knob of those names.
    pub fn find(&self, insurer: &str, lane: Option<&str>, knob: &str) -> Result<KnobPath, Refused> {
        self.0.known.find(insurer, lane, knob)
    }

    /// Sets a knob; `configured` takes it back to the configuration.
    pub async fn set(&self, path: KnobPath, value: &str, who: Who) -> Result<Changed, Refused> {
        let value = path.knob.read_or_configured(value).map_err(|rule| wrong(&path, &rule))?;
        let draft = Draft { path, layer: Layer::Lasting, value, until: None };
        self.change(draft.path.clone(), who, move |book| {
            let said = book.layers(&draft.path).and_then(|layers| layers.lasting.as_ref());
            let is_so = said.map(|said| &said.value) == draft.value.as_ref();
            Ok((!is_so).then(|| draft.clone()))
        })
        .await
    }

    /// Overrides a knob for a while; an override that holds already is replaced.
    pub async fn override_for(
        &self,
        path: KnobPath,
        value: &str,
        time: Duration,
        who: Who,
    ) -> Result<Changed, Refused> {
        let value = path.knob.read(value).map_err(|rule| wrong(&path, &rule))?;
        if !(SHORTEST_OVERRIDE..=LONGEST_OVERRIDE).contains(&time) {
            let rule = "an override holds from 1s to 7d; what is to hold for longer is set";
            return Err(wrong(&path, rule));
        }
        let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::ZERO);
        let until = now().checked_add(time).unwrap_or(Timestamp::MAX);
        let draft = Draft { path, layer: Layer::Override, value: Some(value), until: Some(until) };
        self.change(draft.path.clone(), who, move |_| Ok(Some(draft.clone()))).await
    }

    /// Ends an override before its time.
    pub async fn end(&self, path: KnobPath, who: Who) -> Result<Changed, Refused> {
        let draft = Draft { path, layer: Layer::Override, value: None, until: None };
        self.change(draft.path.clone(), who, move |book| {
            let over = book.layers(&draft.path).and_then(|layers| layers.overridden(telemetry::now()));
            if over.is_none() {
                return Err(Refused::Conflict(format!("{}: nothing is overridden there", draft.path)));
            }
            Ok(Some(draft.clone()))
        })
        .await
    }

    /// Takes in what other replicas have written.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let number = self.state().book.number;
        let rows = self.0.store.revisions_after(number).await?;
        self.take_in(&rows);
        Ok(())
    }

    /// Brings one change to its end.
    async fn change(
        &self,
        path: KnobPath,
        who: Who,
        plan: impl Fn(&Book) -> Result<Option<Draft>, Refused> + Send + 'static,
    ) -> Result<Changed, Refused> {
        let tuning = self.clone();
        let work = async move {
            let _one = tuning.0.changing.lock().await;
            for _ in 0..TRIES {
                let planned = plan(&tuning.state().book)?;
                let Some(draft) = planned else { return Ok(None) };
                if let Some(mut written) = tuning.write(vec![draft], None, &who).await? {
                    return Ok(written.pop());
                }
            }
            Err(Refused::Busy)
        };
        let done = self.0.runtime.spawn(work).await;
        let revision = done.map_err(|_| Refused::Stopping)??;
        Ok(Changed { revision, knob: self.shown(&path) })
    }

    /// Takes in what the file says now. Nothing is changed where it says what it said before.
    pub(super) async fn take_file(&self, said: &super::file::FileSaid, who: &Who) -> Result<(), Refused> {
        let _one = self.0.changing.lock().await;
        for _ in 0..TRIES {
            let before = self.0.store.tuning_file().await?;
            let rows = said.rows();
            if rows == before {
                return Ok(());
            }
            let drafts = {
                let state = self.state();
                let is_so = |draft: &Draft| {
                    let said = state.book.layers(&draft.path).and_then(|layers| layers.lasting.as_ref());
                    said.map(|said| &said.value) == draft.value.as_ref()
                };
                said.since(&before).into_iter().filter(|draft| !is_so(draft)).collect()
            };
            if self.write(drafts, Some(rows), who).await?.is_some() {
                return Ok(());
            }
        }
        Err(Refused::Busy)
    }

    /// Writes down the ends of overrides whose time is over.
    pub(super) async fn write_ends(&self, paths: Vec<KnobPath>, who: &Who) -> Result<(), Refused> {
        let _one = self.0.changing.lock().await;
        let is_over = self.state().book.over_at(now());
        let drafts = paths.into_iter().filter(|path| is_over.contains(path)).map(|path| Draft {
            path,
            layer: Layer::Override,
            value: None,
            until: None,
        });
        // Where another replica was quicker, the next look tries again.
        self.write(drafts.collect(), None, who).await.map(drop)
    }

    /// Writes revisions down and takes them in. None where somebody was quicker: then the book knows more than it
    /// did when they were planned.
    async fn write(
        &self,
        drafts: Vec<Draft>,
        file: Option<Vec<FileLineRow>>,
        who: &Who,
    ) -> Result<Option<Vec<Revision>>, Refused> {
        let revisions = self.state().book.rows(drafts, who, now());
        if revisions.is_empty() && file.is_none() {
            return Ok(Some(Vec::new()));
        }
        let change = TuningChange { revisions: revisions.clone(), file };
        match self.0.store.change_tuning(change).await? {
            Inserted::New => {
                self.take_in(&revisions);
                Ok(Some(revisions.into_iter().map(Revision::from).collect()))
            }
            Inserted::Existed => {
                self.refresh().await?;
                Ok(None)
            }
        }
    }

    fn take_in(&self, rows: &[RevisionRow]) {
        // Nothing new: the ends of overrides have a clock of their own.
        if rows.is_empty() {
            return;
        }
        let mut state = self.state();
        for row in rows {
            // Another look may have found it first.
            if row.number > state.book.number {
                tell(row);
                state.book.take(row);
            }
        }
        self.settle(&mut state, telemetry::now());
    }

    /// Tells the engines what is different from what they were told.
    pub(super) fn settle(&self, state: &mut State, now: Timestamp) {
        let turns = state.book.turns(now);
        for (told, turn) in state.turns.iter().zip(&turns).filter(|(told, turn)| told != turn) {
            let (insurer, lane, turn) = turn;
            tracing::debug!(insurer, ?lane, from = ?told.2, to = ?turn, "an engine is told");
            if let Some(tunable) = self.0.tunables.get(insurer) {
                tunable.tune(*lane, turn);
            }
        }
        state.turns = turns;
        self.0.revision.set(u32::try_from(state.book.number).unwrap_or(u32::MAX));
        self.0.overrides.set(u32::try_from(state.book.overrides(now)).unwrap_or(u32::MAX));
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One line a revision, on every replica.
fn tell(row: &RevisionRow) {
    let RevisionRow { number, insurer, lane, knob, layer, from, to, author, reason, through, .. } = row;
    let until = row.until.map(|until| until.to_string());
    tracing::info!(
        revision = number,
        insurer,
        lane,
        knob,
        layer,
        from,
        to,
        until,
        author,
        reason,
        through,
        "an operator's setting changed"
    );
}

fn wrong(path: &KnobPath, rule: &str) -> Refused {
    Refused::Wrong(format!("{path}: {rule}"))
}

fn now() -> Timestamp {
    telemetry::now_in_milliseconds()
}
