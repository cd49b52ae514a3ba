//! Whether a calculation is complete enough to be called finished, so that users do not wait for the slowest.
//!
//! What is called finished goes on: conversations end by themselves or with the budget, and what they bring joins the
//! answer while the partner polls. A status never goes back, therefore:
//!
//! * Nothing is called finished without an offer, except where nobody is left who could bring one.
//! * What was said is durable before it is shown, and stays, whatever comes after it.
//!
//! An insurer in the shadow is nothing to the partner: no rule counts it, and nobody waits for it.

use std::time::Duration;

use metrics::{Counter, Label};
use serde::Serialize;
use tokio::time::Instant;

use crate::{config::CompleteConfig, telemetry::Metrics};

/// Why a calculation is called finished while insurers are still being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// All whose offers are shown have ended; who is still asked is in the shadow. It needs no setting.
    ShownAnswered,
    /// All that are not marked as slow have ended.
    FastAnswered,
    /// Enough insurers have an offer.
    Offers,
    /// The soft deadline has passed.
    After,
}

/// That a calculation was called finished before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Early {
    /// Why.
    pub rule: Rule,
    /// Milliseconds from the beginning.
    pub after_ms: u64,
}

/// What rules look at in one insurer that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// It has its verdict.
    pub ended: bool,
    /// Its offers with a price that stand; an aggregator has several.
    pub offers: u32,
    /// It is marked as slow.
    pub slow: bool,
}

/// The rules of one calculation.
#[derive(Debug)]
pub struct Completeness {
    config: CompleteConfig,
    start: Instant,
}

/// How often calculations were called finished early, and what came after it.
pub struct EarlyFigures {
    finishes: [Counter; Rule::ALL.len()],
    late_offers: Counter,
}

// === impl Completeness ===

impl Completeness {
    /// For a calculation that began at `start`.
    pub fn new(config: &CompleteConfig, start: Instant) -> Self {
        Self { config: config.clone(), start }
    }

    /// Whether no rule is set.
    pub fn is_off(&self) -> bool {
        self.config == CompleteConfig::default()
    }

    /// The rule that is met, where `seen` are the insurers that are shown.
    pub fn rule(&self, seen: impl Iterator<Item = Seen>) -> Option<Rule> {
        let (mut all, mut fast, mut offers) = (true, true, 0_u32);
        for one in seen {
            all &= one.ended;
            fast &= one.ended || one.slow;
            offers += one.offers;
        }
        if all {
            return Some(Rule::ShownAnswered);
        }
        if offers == 0 {
            return None;
        }
        if self.config.fast_answered && fast {
            return Some(Rule::FastAnswered);
        }
        if self.config.offers.is_some_and(|enough| offers >= enough) {
            return Some(Rule::Offers);
        }
        self.config.after.is_some_and(|after| self.start.elapsed() >= after).then_some(Rule::After)
    }

    /// Returns at the soft deadline; never, where there is none or it has passed.
    pub async fn soft_deadline(&self) {
        match self.config.after.and_then(|after| self.start.checked_add(after)) {
            Some(deadline) if Instant::now() < deadline => tokio::time::sleep_until(deadline).await,
            _ => std::future::pending().await,
        }
    }

    /// `rule` is met now.
    pub fn early(&self, rule: Rule) -> Early {
        Early { rule, after_ms: millis(self.start.elapsed()) }
    }
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

// === impl Rule ===

impl Rule {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::ShownAnswered, Self::FastAnswered, Self::Offers, Self::After];

    /// Its name in metrics and timelines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ShownAnswered => "shown_answered",
            Self::FastAnswered => "fast_answered",
            Self::Offers => "offers",
            Self::After => "after",
        }
    }
}

// === impl EarlyFigures ===

impl EarlyFigures {
    /// All at zero.
    pub fn new(metrics: &Metrics) -> Self {
        let counter = |rule: Rule| {
            let text = "Calculations that were called finished while insurers were still being asked";
            metrics.counter("veer_early_finishes_total", text, vec![Label::new("rule", rule.name())])
        };
        let text = "Insurers whose first offer came after its calculation was called finished";
        Self {
            finishes: Rule::ALL.map(counter),
            late_offers: metrics.counter("veer_late_offers_total", text, Vec::new()),
        }
    }

    /// A calculation is called finished by `rule`.
    pub fn finished(&self, rule: Rule) {
        if let Some(counter) = self.finishes.get(rule as usize) {
            counter.increment(1);
        }
    }

    /// An insurer's first offer came after that.
    pub fn late_offer(&self) {
        self.late_offers.increment(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNNING: Seen = Seen { ended: false, offers: 0, slow: false };
    const ENDED: Seen = Seen { ended: true, ..RUNNING };
    const OFFERED: Seen = Seen { offers: 1, ..ENDED };
    const SLOW: Seen = Seen { slow: true, ..RUNNING };

    fn met(config: &CompleteConfig, seen: &[Seen]) -> Option<Rule> {
        Completeness::new(config, Instant::now()).rule(seen.iter().copied())
    }

    #[test]
    fn without_a_rule_all_are_waited_for() {
        let off = CompleteConfig::default();
        assert_eq!(met(&off, &[OFFERED, OFFERED, SLOW]), None);
        assert_eq!(met(&off, &[OFFERED, ENDED]), Some(Rule::ShownAnswered));
        assert_eq!(met(&off, &[]), Some(Rule::ShownAnswered), "all are in the shadow");
    }

    #[test]
    fn the_fast_ones_are_waited_for_and_the_slow_ones_are_not() {
        let config = CompleteConfig { fast_answered: true, ..CompleteConfig::default() };
        assert_eq!(met(&config, &[OFFERED, RUNNING, SLOW]), None);
        assert_eq!(met(&config, &[OFFERED, ENDED, SLOW]), Some(Rule::FastAnswered));
        // What a slow one offers while it goes on is an offer too.
        assert_eq!(met(&config, &[ENDED, Seen { offers: 1, ..SLOW }]), Some(Rule::FastAnswered));
    }

    #[test]
    fn so_many_offers_are_enough() {
        let config = CompleteConfig { offers: Some(2), ..CompleteConfig::default() };
        assert_eq!(met(&config, &[OFFERED, ENDED, RUNNING]), None);
        assert_eq!(met(&config, &[OFFERED, OFFERED, RUNNING]), Some(Rule::Offers));
    }

    #[test]
    fn without_an_offer_nothing_is_complete() {
        let all =
            CompleteConfig { fast_answered: true, offers: Some(1), after: Some(Duration::from_nanos(1)) };
        assert_eq!(met(&all, &[ENDED, ENDED, SLOW]), None);
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_soft_deadline_one_offer_is_enough() {
        let config = CompleteConfig { after: Some(Duration::from_secs(45)), ..CompleteConfig::default() };
        let complete = Completeness::new(&config, Instant::now());
        let rule = |seen: &[Seen]| complete.rule(seen.iter().copied());
        let start = Instant::now();
        tokio::time::advance(Duration::from_millis(44_999)).await;
        assert_eq!(rule(&[OFFERED, RUNNING]), None);
        complete.soft_deadline().await;
        assert_eq!(start.elapsed(), Duration::from_secs(45));
        assert_eq!(rule(&[OFFERED, RUNNING]), Some(Rule::After));
        assert_eq!(complete.early(Rule::After), Early { rule: Rule::After, after_ms: 45_000 });
        // Nobody has offered yet: the first offer completes it.
        assert_eq!(rule(&[ENDED, RUNNING]), None);
        let again = tokio::time::timeout(Duration::from_secs(3600), complete.soft_deadline()).await;
        assert!(again.is_err(), "it comes once");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_soft_deadline_none_comes() {
        let complete = Completeness::new(&CompleteConfig::default(), Instant::now());
        assert!(tokio::time::timeout(Duration::from_secs(3600), complete.soft_deadline()).await.is_err());
    }
}
