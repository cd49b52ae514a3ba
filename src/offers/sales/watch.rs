//! What a person should know of sales: alarms, gauges, accounts whose sales nobody confirms.
//!
//! Once a minute the sales are counted. A sale is an **alarm** when it is still not confirmed
//! `sales.alarm_after` after its payment, or when it is dead, which only a person can mend. While an account
//! has alarms, one line a day says how many; the first comes when the first alarm does, and after a restart.
//! An account whose sales wait for want of a `confirm` is named once a start.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::figures::Figures;
use crate::{
    store::{ConfirmationState, SaleCount, Store},
    telemetry,
};

/// Looks at all accounts' sales.
pub(super) struct Watch {
    store: Store,
    alarm_after: Duration,
    figures: Figures,
    news: News,
}

/// What was told already.
struct News {
    served: HashSet<Arc<str>>,
    alarmed: HashMap<Arc<str>, Timestamp>,
    idle: HashSet<Arc<str>>,
}

/// A line for a person.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// Sales need a person.
    Alarm { account: Arc<str>, late: u64, dead: u64 },
    /// Sales wait until the configuration says where they are confirmed.
    Unserved { account: Arc<str>, waiting: u64 },
}

/// One account's sales.
#[derive(Default)]
struct Tally {
    waiting: u64,
    late: u64,
    dead: u64,
}

const ROUND: Duration = Duration::from_secs(60);
const DAY: SignedDuration = SignedDuration::from_hours(24);

// === impl Watch ===

impl Watch {
    pub(super) fn new(
        store: Store,
        served: HashSet<Arc<str>>,
        alarm_after: Duration,
        figures: Figures,
    ) -> Self {
        let news = News { served, alarmed: HashMap::new(), idle: HashSet::new() };
        Self { store, alarm_after, figures, news }
    }

    pub(super) async fn run(mut self, stop: CancellationToken) {
        loop {
            self.look(telemetry::now()).await;
            let stopped = stop.run_until_cancelled(tokio::time::sleep(ROUND)).await.is_none();
            if stopped {
                break;
            }
        }
    }

    pub(super) async fn look(&mut self, now: Timestamp) {
        let alarm_after = SignedDuration::try_from(self.alarm_after).unwrap_or(SignedDuration::MAX);
        let before = now.saturating_sub(alarm_after).unwrap_or(Timestamp::MIN);
        match self.store.confirmations_counted(before).await {
            Ok(counts) => {
                self.figures
                    .set(ConfirmationState::ALL.map(|state| in_state(&counts, state)), alarms(&counts));
                if self.store.cluster().does_chores() {
                    self.news.lines(&counts, now).iter().for_each(Line::log);
                }
            }
            Err(error) => tracing::error!(%error, "sales could not be counted"),
        }
    }
}

fn in_state(counts: &[SaleCount], state: ConfirmationState) -> u64 {
    counts.iter().filter(|count| count.state == state).map(|count| count.all).sum()
}

fn alarms(counts: &[SaleCount]) -> u64 {
    tallies(counts).values().map(|tally| tally.late + tally.dead).sum()
}

fn tallies(counts: &[SaleCount]) -> BTreeMap<Arc<str>, Tally> {
    let mut tallies: BTreeMap<Arc<str>, Tally> = BTreeMap::new();
    for count in counts {
        let tally = tallies.entry(count.account.clone()).or_default();
        match count.state {
            ConfirmationState::Waiting => (tally.waiting, tally.late) = (count.all, count.old),
            ConfirmationState::Dead => tally.dead = count.all,
            ConfirmationState::Confirmed => {}
        }
    }
    tallies
}

// === impl News ===

impl News {
    /// What is to be told now.
    fn lines(&mut self, counts: &[SaleCount], now: Timestamp) -> Vec<Line> {
        let mut lines = Vec::new();
        for (account, Tally { waiting, late, dead }) in tallies(counts) {
            if waiting > 0 && !self.served.contains(&account) && self.idle.insert(account.clone()) {
                lines.push(Line::Unserved { account: account.clone(), waiting });
            }
            if late + dead == 0 {
                self.alarmed.remove(&account);
            } else if self.alarmed.get(&account).is_none_or(|last| now.duration_since(*last).abs() >= DAY) {
                self.alarmed.insert(account.clone(), now);
                lines.push(Line::Alarm { account, late, dead });
            }
        }
        lines
    }
}

// === impl Line ===

impl Line {
    fn log(&self) {
        match self {
            Line::Alarm { account, late, dead } => tracing::error!(
                %account,
                late,
                dead,
                "sales are not confirmed to the partner; `veer sales list` says why"
            ),
            Line::Unserved { account, waiting } => tracing::warn!(
                %account,
                waiting,
                "sales wait: set partner.accounts.{account}.confirm, where they are to be confirmed"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(account: &str, state: ConfirmationState, all: u64, old: u64) -> SaleCount {
        SaleCount { account: account.into(), state, all, old }
    }

    fn news() -> News {
        News { served: HashSet::from(["served".into()]), alarmed: HashMap::new(), idle: HashSet::new() }
    }

    fn hours(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[test]
    fn alarms_are_what_is_late_and_what_is_dead() {
        use ConfirmationState::{Confirmed, Dead, Waiting};
        let counts = [
            count("a", Waiting, 5, 2),
            count("a", Confirmed, 90, 90),
            count("b", Dead, 3, 0),
            count("b", Waiting, 1, 0),
        ];
        assert_eq!(alarms(&counts), 5);
        assert_eq!([Waiting, Confirmed, Dead].map(|state| in_state(&counts, state)), [6, 90, 3]);
    }

    #[test]
    fn an_alarm_is_told_once_a_day_and_anew_after_it_was_over() {
        let mut news = news();
        let late = [count("served", ConfirmationState::Waiting, 4, 2)];
        let told = vec![Line::Alarm { account: "served".into(), late: 2, dead: 0 }];
        assert_eq!(news.lines(&late, hours(0)), told);
        assert_eq!(news.lines(&late, hours(23)), []);
        assert_eq!(news.lines(&late, hours(24)), told);
        let well = [count("served", ConfirmationState::Waiting, 4, 0)];
        assert_eq!(news.lines(&well, hours(25)), []);
        let dead = [count("served", ConfirmationState::Dead, 1, 0)];
        assert_eq!(
            news.lines(&dead, hours(26)),
            [Line::Alarm { account: "served".into(), late: 0, dead: 1 }]
        );
    }

    #[test]
    fn an_account_without_confirm_is_named_once() {
        let mut news = news();
        let waiting = |account| [count(account, ConfirmationState::Waiting, 3, 0)];
        assert_eq!(news.lines(&waiting("served"), hours(0)), []);
        assert_eq!(
            news.lines(&waiting("other"), hours(0)),
            [Line::Unserved { account: "other".into(), waiting: 3 }]
        );
        assert_eq!(news.lines(&waiting("other"), hours(99)), []);
    }
}
