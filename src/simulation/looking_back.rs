//! What must hold when a gateway begins, and when all is over: read where it is kept.

use super::{asking::ACCOUNT, life::Hands};
use crate::store::Store;

// === impl Hands ===

impl Hands {
    /// Everything has come to its end, as far as it can.
    pub(super) fn is_over(&self) -> bool {
        // What was called finished early goes on.
        let is_quiet = self.calculations.services().live.running() == 0;
        is_quiet && self.stage.world().partner.asked.iter().all(|asked| asked.is_over() && asked.is_settled())
    }

    /// A verdict that is durable stays what it is.
    pub(super) async fn look_at_verdicts(&self) {
        let services = self.calculations.services();
        for number in 0..self.plan.asked.len() {
            for (insurer, verdict) in self.verdicts(&services.store, number).await {
                let now = self.stage.now();
                let mut world = self.stage.world();
                let known = world.partner.asked[number].verdicts.insert(insurer.clone(), verdict);
                if known.is_some_and(|known| known != verdict) {
                    world.broken(now, format!("{insurer} in {number}: verdict {known:?} became {verdict}"));
                }
            }
        }
    }

    async fn verdicts(&self, store: &Store, number: usize) -> Vec<(String, u16)> {
        let id = self.stage.world().partner.asked[number].id;
        let mut verdicts = Vec::new();
        for operation in ["quote", "shadow"] {
            let rows = store.conversations(&ACCOUNT.into(), id, operation).await.unwrap();
            verdicts.extend(rows.iter().filter_map(|row| Some((row.insurer.to_string(), row.verdict?))));
        }
        verdicts
    }

    /// What must hold when all is over.
    pub(super) async fn look_back(&self) {
        let services = self.calculations.services();
        if let Err(error) = services.store.flush().await {
            self.broken(format!("a disk that is well takes nothing: {error}"));
        }
        self.look_at_verdicts().await;
        for number in 0..self.plan.asked.len() {
            let asked = self.stage.world().partner.asked[number].clone();
            if !asked.is_over() {
                self.broken(format!("calculation {number} does not end: {:?}", asked.shown));
            }
            if !asked.is_settled() {
                self.broken(format!(
                    "calculation {number} is paid, and that is not learnt: {:?}",
                    asked.shown
                ));
            }
            let verdicts = self.verdicts(&services.store, number).await;
            for account in &self.plan.insurers {
                let of = verdicts.iter().filter(|(code, _)| code == account.code);
                if of.count() != 1 {
                    self.broken(format!("{} in {number}: not one verdict: {verdicts:?}", account.code));
                }
            }
            match services.store.calculation(ACCOUNT, asked.id).await {
                Ok(Some(stored)) if stored.finished.is_some() => {}
                Ok(Some(_)) => self.broken(format!("the end of calculation {number} is not written down")),
                lost => self.broken(format!("calculation {number} is lost: {:?}", lost.map(drop))),
            }
            let now = self.stage.now();
            let line = format!(
                "calculation {number}: {:?} {verdicts:?} {:?}",
                asked.shown.status, asked.shown.offers
            );
            self.stage.world().note(now, line);
        }
    }
}
