//! Calculations: how long one may take and how long its answer is kept.

use std::time::Duration;

use super::{CompleteConfig, section::Section};

/// The partner's window: after it Yandex asks no more.
const WINDOW: Duration = Duration::from_secs(180);

/// `[calculation]`.
#[derive(Debug, Clone, PartialEq)]
pub struct CalculationConfig {
    /// From the partner's request to the finished answer; every wait draws on it.
    pub budget: Duration,
    /// An adapter's single step that runs longer counts as stuck (verdict 502). A step computes and waits
    /// for nothing, so this is not the time of a call.
    pub step_limit: Duration,
    /// How long a finished answer stays in memory.
    pub keep_answers: Duration,
    /// How long a calculation stays in the store.
    pub keep: Duration,
    /// When it is complete enough to be called finished.
    pub complete: CompleteConfig,
}

// === impl CalculationConfig ===

impl CalculationConfig {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let budget = section.or("budget", Duration::from_secs(175));
        let config = Self {
            budget,
            step_limit: section.or("step_limit", Duration::from_secs(2)),
            keep_answers: section.or("keep_answers", Duration::from_secs(10 * 60)),
            keep: section.or("keep", Duration::from_secs(30 * 86_400)),
            complete: section.child("complete", |section| CompleteConfig::read(section, budget)),
        };
        section.rule(
            config.budget <= WINDOW,
            "budget",
            "must be at most 180s: the partner asks no longer; leave a margin, as in \"175s\"",
        );
        section.rule(config.budget >= Duration::from_millis(100), "budget", "must be at least 100ms");
        section.rule(!config.step_limit.is_zero(), "step_limit", "must be longer than nothing");
        section.rule(
            config.keep >= config.keep_answers && config.keep >= config.budget,
            "keep",
            "must be at least `keep_answers` and `budget`: what is in memory is in the store too",
        );
        config
    }
}
