//! Saying that a calculation is finished, before it is.
//!
//! What is to be said is handed to the store behind the offers that it rests on, and shown once it is durable: a crash
//! takes nothing back that a partner has seen.

use futures::future::BoxFuture;

use super::{
    CalculationStatus, Collector, Party,
    complete::{Rule, Seen},
};
use crate::{store::StoreError, upstream::timeline::What};

/// What is being written down: why, and when it is durable.
pub(super) type Saying = (Rule, BoxFuture<'static, Result<(), StoreError>>);

// === impl Collector ===

impl Collector {
    /// Why the calculation is to be called finished now, where it is and was not yet.
    pub(super) fn rule(&self) -> Option<Rule> {
        let parties = self.live.parties();
        if self.said.is_some() || (self.complete.is_off() && !parties.iter().any(Party::is_shadow)) {
            return None;
        }
        self.live.with(|public| {
            let shown = parties.iter().enumerate().filter(|(_, party)| !party.is_shadow());
            self.complete.rule(shown.map(|(index, party)| Seen {
                ended: party.ended.get().is_some(),
                offers: public.board.standing_offers(index),
                slow: self.services.insurers[index].config.slow,
            }))
        })
    }

    /// Has it written down that the calculation is finished to whoever asks, behind everything that it rests on.
    pub(super) fn say(&mut self, rule: Rule) -> Option<Saying> {
        let status = self.final_status();
        self.said = Some(status);
        let written = self.services.store.say(self.record().said(status));
        let written = written.map_err(|error| self.report(Err(error))).ok()?;
        Some((rule, Box::pin(written)))
    }

    /// It is durable: it is shown from now on, whatever still comes.
    pub(super) fn has_said(&self, rule: Rule, written: Result<(), StoreError>) -> bool {
        let (Ok(()), Some(status)) = (&written, self.said) else {
            self.report(written);
            return false;
        };
        let early = self.complete.early(rule);
        // It is said once.
        let _ = self.live.early.set(early);
        self.live.with(|public| public.asking = status);
        for party in self.live.parties().iter().filter(|party| party.ended.get().is_none()) {
            party.timeline.note(What::Complete { rule: rule.name() });
        }
        self.services.early.finished(rule);
        let (request_id, after_ms) = (self.live.request_id, early.after_ms);
        tracing::debug!(%request_id, status = status.as_str(), rule = rule.name(), after_ms, "called finished early");
        true
    }

    /// What the calculation comes to, where nothing more happens.
    pub(super) fn final_status(&self) -> CalculationStatus {
        let shown = self.live.parties().iter().filter(|party| !party.is_shadow());
        self.live.with(|public| public.board.final_status(shown.filter_map(Party::verdict)))
    }
}

/// Returns when what is being written is durable; never, where nothing is.
pub(super) async fn written(saying: &mut Option<Saying>) -> (Rule, Result<(), StoreError>) {
    match saying {
        Some((rule, durable)) => (*rule, durable.await),
        None => std::future::pending().await,
    }
}
