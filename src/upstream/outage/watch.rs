//! What was heard of the registry, and when that is an incident: plain functions over who says what, and when.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use tokio::time::Instant;
use veer_contract::OperationKind;

use super::incident::{Affected, HowItEnded, Incident};
use crate::config::OutageConfig;

/// So many incidents are remembered.
const REMEMBERED: usize = 20;

/// Who says something of the registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Who {
    /// The account.
    pub insurer: String,
    /// Where it is: accounts at one address are one insurer.
    pub address: String,
    /// What it was to do. That it can do something else says nothing.
    pub operation: OperationKind,
}

/// What was heard.
#[derive(Debug)]
pub(super) struct Watch {
    config: OutageConfig,
    /// Who says that it is down, and has not succeeded since.
    down: BTreeMap<Who, Down>,
    current: Option<Incident>,
    recent: VecDeque<Incident>,
    numbers: u64,
}

#[derive(Debug, Clone, Copy)]
struct Down {
    first: Timestamp,
    last: Instant,
    last_at: Timestamp,
    failures: u64,
}

/// What changed by what was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Began(Incident),
    Ended(Incident),
}

// === impl Watch ===

impl Watch {
    pub(super) fn new(config: OutageConfig) -> Self {
        Self { config, down: BTreeMap::new(), current: None, recent: VecDeque::new(), numbers: 0 }
    }

    pub(super) fn current(&self) -> Option<&Incident> {
        self.current.as_ref()
    }

    /// The newest first.
    pub(super) fn recent(&self) -> impl Iterator<Item = &Incident> {
        self.recent.iter()
    }

    pub(super) fn down(&mut self, now: Instant, at: Timestamp, who: Who) -> Option<Change> {
        if self.current.is_none() {
            let window = self.config.window;
            self.down.retain(|_, down| now.duration_since(down.last) < window);
        }
        let entry = self.down.entry(who.clone());
        let down = entry.or_insert(Down { first: at, last: now, last_at: at, failures: 0 });
        (down.last, down.last_at, down.failures) = (now, at, down.failures + 1);
        let down = *down;
        if let Some(incident) = &mut self.current {
            incident.heard(&who, down);
            return None;
        }
        let insurers: BTreeSet<&str> = self.down.keys().map(|who| who.address.as_str()).collect();
        if insurers.len() < self.config.insurers as usize {
            return None;
        }
        self.numbers += 1;
        let mut insurers: Vec<Affected> = self.down.iter().map(|(who, down)| down.of(who)).collect();
        insurers.sort_by_key(|one| one.since);
        let since = insurers.first().map_or(at, |first| first.since);
        let incident = Incident { number: self.numbers, since, until: None, ended: None, insurers };
        self.current = Some(incident.clone());
        Some(Change::Began(incident))
    }

    /// A conversation that began before the insurer's last word of the outage may have passed the registry before: it
    /// says nothing.
    pub(super) fn up(&mut self, at: Timestamp, who: &Who, began: Instant) -> Option<Change> {
        self.down.get(who).filter(|down| began > down.last)?;
        self.down.remove(who);
        let incident = self.current.as_mut()?;
        if let Some(one) = incident.of(who) {
            one.recovered = Some(at);
        }
        if self.down.is_empty() { self.end(at, HowItEnded::Recovered) } else { None }
    }

    /// When the incident of that number is over, if nobody says anything more; none where it is over.
    pub(super) fn quiet_at(&self, number: u64) -> Option<Instant> {
        self.current.as_ref().filter(|incident| incident.number == number)?;
        let last = self.down.values().map(|down| down.last).max()?;
        Some(last + self.config.quiet)
    }

    pub(super) fn quiet(&mut self, now: Instant, at: Timestamp) -> Option<Change> {
        let quiet = self.config.quiet;
        self.current.as_ref()?;
        if self.down.values().any(|down| now.duration_since(down.last) < quiet) {
            return None;
        }
        self.down.clear();
        self.end(at, HowItEnded::Quiet)
    }

    fn end(&mut self, at: Timestamp, how: HowItEnded) -> Option<Change> {
        let mut incident = self.current.take()?;
        (incident.until, incident.ended) = (Some(at), Some(how));
        self.recent.push_front(incident.clone());
        self.recent.truncate(REMEMBERED);
        Some(Change::Ended(incident))
    }
}

// === impl Incident ===

impl Incident {
    fn of(&mut self, who: &Who) -> Option<&mut Affected> {
        self.insurers.iter_mut().find(|one| one.insurer == who.insurer && one.operation == who.operation)
    }

    fn heard(&mut self, who: &Who, down: Down) {
        match self.of(who) {
            Some(one) => {
                one.failures += 1;
                (one.last, one.recovered) = (down.last_at, None);
            }
            None => self.insurers.push(down.of(who)),
        }
    }
}

// === impl Down ===

impl Down {
    fn of(self, who: &Who) -> Affected {
        Affected {
            insurer: who.insurer.clone(),
            operation: who.operation,
            since: self.first,
            last: self.last_at,
            failures: self.failures,
            recovered: None,
        }
    }
}
