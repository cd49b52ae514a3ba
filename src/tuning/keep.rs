//! What goes on by itself: the watched file, the ends of overrides, what other replicas wrote.
//!
//! The file is looked at instead of asking the system to tell of changes, as specs are: a look sees what such notices
//! miss. A new text is taken in when two looks in a row found the same, so that a file is not read while it is being
//! written; both together take less than a second.
//!
//! An override stops to hold at its moment, whether or not its end can be written down then: the revision follows as
//! soon as the store takes it.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    file::{self, FileSaid, Found},
    refused::Refused,
    revision::{Through, Who},
    service::Tuning,
};
use crate::{blocking, telemetry};

/// Between two looks.
const LOOK: Duration = Duration::from_millis(300);
/// Looks between two questions what other replicas wrote.
const LOOKS_BEFORE_ASKING: u32 = 3;

/// How the file is.
#[derive(Debug, Default)]
pub(super) struct Watched {
    /// When it was taken in last.
    pub read: Option<Timestamp>,
    /// What is wrong with it.
    pub problems: Vec<String>,
    /// What the last look found.
    seen: Option<Found>,
    is_judged: bool,
    /// The ends of overrides could not be written down, and that was told.
    is_late: bool,
}

// === impl Tuning ===

impl Tuning {
    /// Looks for ever.
    pub async fn keep(self) {
        tokio::join!(self.stop_in_time(), self.look_on());
    }

    /// Engines hear of the end of an override at its moment, however long a store or a disk takes meanwhile.
    async fn stop_in_time(&self) {
        loop {
            tokio::time::sleep(LOOK).await;
            let now = telemetry::now();
            let mut state = self.state();
            if !state.book.over_at(now).is_empty() {
                self.settle(&mut state, now);
            }
        }
    }

    async fn look_on(&self) {
        let mut round = 0u32;
        loop {
            tokio::time::sleep(LOOK).await;
            self.end_overrides(telemetry::now()).await;
            let path = self.0.file.clone();
            if let Ok(found) = blocking::run(move || file::look(&path)).await {
                self.look(found).await;
            }
            round = round.wrapping_add(1);
            if round.is_multiple_of(LOOKS_BEFORE_ASKING)
                && let Err(error) = self.refresh().await
            {
                tracing::debug!(%error, "what other replicas changed is not known");
            }
        }
    }

    /// What is to be done once, at the start.
    pub(super) async fn begin(&self) {
        self.end_overrides(telemetry::now()).await;
        let path = self.0.file.clone();
        if let Ok(found) = blocking::run(move || file::look(&path)).await {
            self.state().watched.seen = Some(found.clone());
            self.look(found).await;
        }
    }

    /// Ends overrides whose time is over at `now`: for the engines at once, then in the store.
    pub(super) async fn end_overrides(&self, now: Timestamp) {
        let over = {
            let mut state = self.state();
            let over = state.book.over_at(now);
            if over.is_empty() {
                return;
            }
            self.settle(&mut state, now);
            over
        };
        let who = Who {
            author: "veer".to_owned(),
            reason: "its time was over".to_owned(),
            through: Through::Expiry,
        };
        let written = self.write_ends(over, &who).await;
        let was_late = std::mem::replace(&mut self.state().watched.is_late, written.is_err());
        if let (Err(error), false) = (written, was_late) {
            tracing::error!(%error, "an override has ended, and that could not be written down yet");
        }
    }

    /// Deals with what a look at the file found.
    pub(super) async fn look(&self, found: Found) {
        if !self.is_new(&found) {
            return;
        }
        match self.read(found).await {
            Ok(problems) => self.told(problems),
            Err(error) => {
                // The next look tries again.
                let problem = vec![format!("{}: {error}", self.0.file.display())];
                self.state().watched.is_judged = false;
                if self.state().watched.problems != problem {
                    self.told(problem);
                }
            }
        }
    }

    /// Whether what was found is to be judged now: it is new, and was found twice.
    fn is_new(&self, found: &Found) -> bool {
        let watched = &mut self.state().watched;
        if watched.seen.as_ref() != Some(found) {
            (watched.seen, watched.is_judged) = (Some(found.clone()), false);
            return false;
        }
        !std::mem::replace(&mut watched.is_judged, true)
    }

    /// Takes in what was found; what is wrong with it.
    async fn read(&self, found: Found) -> Result<Vec<String>, Refused> {
        let path = &self.0.file;
        let text = match found {
            Ok(Some(text)) => text,
            Ok(None) if self.0.store.tuning_file().await?.is_empty() => return Ok(Vec::new()),
            Ok(None) => {
                return Ok(vec![format!(
                    "{} is not there; what it said last still holds: put it back, or make it an empty file to take \
                     everything in it back",
                    path.display()
                )]);
            }
            Err(problem) => return Ok(vec![problem]),
        };
        let said = match FileSaid::read(&text, path, &self.0.known) {
            Ok(said) => said,
            Err(problems) => return Ok(problems),
        };
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let who = Who { author: name, reason: "the file changed".to_owned(), through: Through::File };
        self.take_file(&said, &who).await?;
        self.state().watched.read = Some(telemetry::now());
        Ok(Vec::new())
    }

    fn told(&self, problems: Vec<String>) {
        for problem in &problems {
            tracing::error!(problem, "the limits' file is not taken in; everything stays as it is");
        }
        self.state().watched.problems = problems;
    }
}
