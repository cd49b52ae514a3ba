//! Sees that a spec's text changed, and exchanges the revision or tells why not.
//!
//! The files are looked at once a second instead of asking the system to tell of changes: they are few and small,
//! and a look sees what such notices miss (mounted volumes, folders that are exchanged whole). A new text is
//! compiled when two looks in a row found the same, so that a file is not read while it is being written.
//!
//! A new revision is durable in the store before the first conversation begins with it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use metrics::{Counter, Gauge, Label};
use serde::Serialize;

use super::{
    Adapters, Compile, Compiled, Texts,
    adapters::{check_claims, placed},
    folder,
};
use crate::{
    store::{SpecRow, Store, StoreError},
    telemetry::{self, Metrics},
    upstream::speaker::{Revision, Speaker},
};

/// Between two looks at the files.
const LOOK: Duration = Duration::from_secs(1);
/// Looks between two times that old revisions are dropped.
const LOOKS_BEFORE_FORGETTING: u32 = 3600;

/// The specs that the configuration's insurers speak through. Cheap to clone.
#[derive(Clone)]
pub struct Specs(Arc<Inner>);

struct Inner {
    compile: Option<Compile>,
    store: Store,
    /// A replaced revision is kept for so long.
    keep: SignedDuration,
    watched: Mutex<BTreeMap<String, Watched>>,
}

/// One spec.
struct Watched {
    folder: Option<PathBuf>,
    speaker: Arc<Speaker>,
    /// What is running.
    texts: Texts,
    revision: u32,
    since: Timestamp,
    /// What the last look found, and whether it has been dealt with.
    seen: Seen,
    problems: Vec<String>,
    taken: Counter,
    refused: Gauge,
}

/// What a look found.
#[derive(Clone, PartialEq, Eq)]
struct Seen {
    found: Result<Texts, String>,
    is_judged: bool,
}

/// How one spec stands, for operators.
#[derive(Debug, Clone, Serialize)]
pub struct SpecStatus {
    /// The adapter.
    pub adapter: String,
    /// Its folder; none where it is shipped with the gateway.
    pub folder: Option<String>,
    /// The revision that conversations begin with now.
    pub revision: String,
    /// Since when it has been running here.
    pub since: Timestamp,
    /// `manifest.toml` is another one by now: it takes effect with the next start.
    pub manifest_changed: bool,
    /// What is wrong with the text in the folder; while there is something, the revision above keeps running.
    pub problems: Vec<String>,
}

// === impl Specs ===

impl Specs {
    /// Writes down which revisions of `adapters` are spoken by `speakers` (by adapter), and makes known those that
    /// conversations may have begun with before.
    pub async fn open(
        adapters: &Adapters,
        speakers: &BTreeMap<String, Arc<Speaker>>,
        store: Store,
        keep: Duration,
        metrics: &Metrics,
    ) -> Result<Self, StoreError> {
        let mut watched = BTreeMap::new();
        for (code, speaker) in speakers {
            let Some(spec) = adapters.spec(code) else { continue };
            let labels = || vec![Label::new("adapter", code.clone())];
            let text = "Revisions of specs that were put to use while the gateway ran";
            let taken = metrics.counter("veer_spec_revisions_total", text, labels());
            let text = "Specs whose text in the folder is broken, so that an earlier revision keeps running";
            let refused = metrics.gauge("veer_specs_refused", text, labels());
            refused.set(0);
            let one = Watched {
                folder: spec.folder.clone(),
                speaker: speaker.clone(),
                texts: spec.texts.clone(),
                revision: spec.compiled.revision,
                since: telemetry::now(),
                seen: Seen { found: Ok(spec.texts.clone()), is_judged: true },
                problems: Vec::new(),
                taken,
                refused,
            };
            watched.insert(code.clone(), one);
        }
        let compile = adapters.compiler();
        store.keep_specs(watched.iter().map(|(code, one)| one.row(code)).collect()).await?;
        if let Some(compile) = compile {
            for row in store.specs().await? {
                let is_current = |one: &&Watched| one.revision != row.revision;
                if let Some(one) = watched.get(&row.adapter).filter(is_current) {
                    one.speaker.remember(row.revision, move || again(compile, &row));
                }
            }
        }
        let keep = SignedDuration::try_from(keep).unwrap_or(SignedDuration::MAX);
        Ok(Self(Arc::new(Inner { compile, store, keep, watched: Mutex::new(watched) })))
    }

    /// How each of them stands.
    pub fn status(&self) -> Vec<SpecStatus> {
        let watched = self.lock();
        let status = |(code, one): (&String, &Watched)| SpecStatus {
            adapter: code.clone(),
            folder: one.folder.as_ref().map(|folder| folder.display().to_string()),
            revision: shown(one.revision),
            since: one.since,
            manifest_changed: one.manifest_changed(),
            problems: one.problems.clone(),
        };
        watched.iter().map(status).collect()
    }

    /// Looks at the files for ever.
    pub async fn keep(self) {
        let mut round = 0u32;
        loop {
            tokio::time::sleep(LOOK).await;
            round = round.wrapping_add(1);
            if round.is_multiple_of(LOOKS_BEFORE_FORGETTING) {
                self.forget().await;
            }
            let folders: Vec<(String, PathBuf)> = {
                let watched = self.lock();
                watched.iter().filter_map(|(code, one)| Some((code.clone(), one.folder.clone()?))).collect()
            };
            for (code, folder) in folders {
                let path = folder.clone();
                let Ok(found) = tokio::task::spawn_blocking(move || folder::read(&path)).await else {
                    continue;
                };
                self.look(&code, &folder, found).await;
            }
        }
    }

    /// Deals with what a look found.
    pub(super) async fn look(&self, code: &str, folder: &Path, found: Result<Texts, String>) {
        let Some(running) = self.is_new(code, &found) else { return };
        let outcome = match found {
            // Its old text is back.
            Ok(texts) if texts.spec == running.spec => Ok(None),
            Ok(texts) => {
                self.compiled(Texts { manifest: running.manifest, spec: texts.spec }).await.map(Some)
            }
            Err(problem) => Err(vec![problem]),
        };
        match outcome {
            Ok(None) => self.told(code, Vec::new()),
            Ok(Some((texts, compiled))) => {
                if let Err(error) = self.exchange(code, texts, compiled).await {
                    // The next look tries again.
                    tracing::error!(adapter = code, %error, "a spec's new revision could not be written down");
                    self.lock().entry(code.to_owned()).and_modify(|one| one.seen.is_judged = false);
                }
            }
            Err(problems) => {
                let problems: Vec<String> = problems.iter().map(|it| placed(folder, it)).map(join).collect();
                for problem in &problems {
                    tracing::error!(
                        adapter = code,
                        problem,
                        "a spec is broken; the old revision keeps running"
                    );
                }
                self.told(code, problems);
            }
        }
    }

    /// The texts that are running, where what was found is to be judged now: it is new, and was found twice.
    fn is_new(&self, code: &str, found: &Result<Texts, String>) -> Option<Texts> {
        let mut watched = self.lock();
        let one = watched.get_mut(code)?;
        let had_changed = one.manifest_changed();
        if one.seen.found != *found {
            one.seen = Seen { found: found.clone(), is_judged: false };
            return None;
        }
        if std::mem::replace(&mut one.seen.is_judged, true) {
            return None;
        }
        if had_changed {
            tracing::warn!(
                adapter = code,
                "manifest.toml has changed: that takes effect with the next start; until then the spec is read with \
                 the manifest that is running"
            );
        }
        Some(one.texts.clone())
    }

    async fn compiled(&self, texts: Texts) -> Result<(Texts, Compiled), Vec<String>> {
        let compile = self.0.compile.ok_or_else(|| vec!["this program cannot read specs".to_owned()])?;
        let compiling = tokio::task::spawn_blocking(move || {
            let compiled = compile(&texts.manifest, &texts.spec)?;
            check_claims(&*compiled.adapter).map_err(|claims| vec![format!("{}: {claims}", folder::SPEC)])?;
            Ok((texts, compiled))
        });
        compiling.await.unwrap_or_else(|_| Err(vec![format!("{}: the compiler panicked", folder::SPEC)]))
    }

    async fn exchange(&self, code: &str, texts: Texts, compiled: Compiled) -> Result<(), StoreError> {
        let rows: Vec<SpecRow> = {
            let watched = self.lock();
            let others = watched.iter().filter(|(known, _)| *known != code);
            let new = SpecRow {
                adapter: code.to_owned(),
                revision: compiled.revision,
                manifest: texts.manifest.clone(),
                spec: texts.spec.clone(),
            };
            others.map(|(code, one)| one.row(code)).chain([new]).collect()
        };
        self.0.store.keep_specs(rows).await?;
        let mut watched = self.lock();
        let Some(one) = watched.get_mut(code) else { return Ok(()) };
        one.speaker.exchange(Revision::of_spec(compiled.adapter, compiled.revision));
        let (old, new) = (shown(one.revision), shown(compiled.revision));
        tracing::info!(
            adapter = code,
            old,
            new,
            "a spec was exchanged: conversations begin with its new revision"
        );
        (one.texts, one.revision, one.since) = (texts, compiled.revision, telemetry::now());
        one.taken.increment(1);
        one.told(Vec::new());
        Ok(())
    }

    fn told(&self, code: &str, problems: Vec<String>) {
        self.lock().entry(code.to_owned()).and_modify(|one| one.told(problems));
    }

    /// Drops revisions that nothing can need any more: no calculation is as old as they are.
    async fn forget(&self) {
        let Ok(before) = telemetry::now().checked_sub(self.0.keep) else { return };
        let kept = async {
            self.0.store.forget_specs(before).await?;
            self.0.store.specs().await
        };
        match kept.await {
            Ok(kept) => {
                for (code, one) in &*self.lock() {
                    let of_it = kept.iter().filter(|row| row.adapter == *code).map(|row| row.revision);
                    one.speaker.remember_only(&of_it.collect::<Vec<_>>());
                }
            }
            Err(error) => tracing::error!(%error, "old revisions of specs could not be dropped"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Watched>> {
        self.0.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Watched ===

impl Watched {
    fn row(&self, code: &str) -> SpecRow {
        let Texts { manifest, spec } = self.texts.clone();
        SpecRow { adapter: code.to_owned(), revision: self.revision, manifest, spec }
    }

    fn told(&mut self, problems: Vec<String>) {
        self.refused.set(if problems.is_empty() { 0 } else { 1 });
        self.problems = problems;
    }

    fn manifest_changed(&self) -> bool {
        self.seen.found.as_ref().is_ok_and(|found| found.manifest != self.texts.manifest)
    }
}

/// An earlier revision, made again of its text. One that a newer program cannot read any more is gone.
fn again(compile: Compile, row: &SpecRow) -> Option<Revision> {
    let SpecRow { adapter, revision, manifest, spec } = row;
    match compile(manifest, spec) {
        Ok(compiled) if compiled.revision == *revision => {
            Some(Revision::of_spec(compiled.adapter, *revision))
        }
        Ok(_) | Err(_) => {
            let revision = shown(*revision);
            tracing::error!(adapter, revision, "an earlier revision of a spec cannot be made again");
            None
        }
    }
}

fn shown(revision: u32) -> String {
    format!("{revision:08x}")
}

fn join((place, rule): (String, String)) -> String {
    format!("{place}: {rule}")
}
