//! One account's task: rounds of what is due, each sent and written down before the next begins.

use std::{
    slice,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{StreamExt, stream};
use jiff::Timestamp;
use tokio::{sync::watch as signal, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    figures::{AccountFigures, Outcome},
    partner::Partner,
    schedule::Schedule,
    wire::Answer,
};
use crate::{
    config::ConfirmMethod,
    store::{ConfirmationAttempt, ConfirmationState, SaleConfirmation, Store, StoreError},
    telemetry,
};

/// Confirms the sales of one account.
pub(super) struct Confirmer {
    pub(super) account: Arc<str>,
    pub(super) partner: Partner,
    pub(super) method: ConfirmMethod,
    pub(super) bulk: u32,
    pub(super) schedule: Schedule,
    pub(super) store: Store,
    pub(super) figures: AccountFigures,
    pub(super) stop: CancellationToken,
    pub(super) woken: signal::Receiver<u64>,
}

/// How a round ended.
enum Round {
    /// All went well; there may be more.
    Went,
    /// Nothing is due for so long.
    Idle(Duration),
    /// The partner or the store failed; the partner may have asked to be left alone.
    Troubled(Option<Duration>),
}

/// Whether the partner failed in this round: then no further attempt begins.
#[derive(Default)]
struct Trouble(Mutex<Option<Option<Duration>>>);

/// Sales that are on their way at once.
const AT_ONCE: usize = 4;
/// Sales in one round of single calls.
const ROUND: u32 = 100;
/// The same where other replicas may have written a sale.
const LOOK: Duration = Duration::from_secs(1);
/// The longest sleep.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

// === impl Confirmer ===

impl Confirmer {
    /// Runs until it is stopped.
    pub(super) async fn run(mut self) {
        let stop = self.stop.clone();
        let mut failures = 0_u32;
        while !stop.is_cancelled() {
            // One replica confirms the sales of all.
            if stop.run_until_cancelled(self.store.cluster().until_chores()).await.is_none() {
                break;
            }
            let repeats = *self.woken.borrow_and_update();
            match self.round().await {
                Round::Went => failures = 0,
                Round::Idle(sleep) => {
                    let woken = self.woken(|_| true);
                    // Woken or not, the next round finds out what is due.
                    let _ = stop.run_until_cancelled(timeout(sleep, woken)).await;
                }
                Round::Troubled(asked) => {
                    failures = failures.saturating_add(1);
                    let rest = self.schedule.rest(failures, asked, rand::random());
                    let repeated = self.woken(|now| now != repeats);
                    let _ = stop.run_until_cancelled(timeout(rest, repeated)).await;
                }
            }
        }
    }

    /// Returns when it is woken and the count of repetitions is `wanted`.
    async fn woken(&mut self, wanted: impl Fn(u64) -> bool) {
        while self.woken.changed().await.is_ok() {
            if wanted(*self.woken.borrow()) {
                return;
            }
        }
        // Nobody is left to wake it.
        std::future::pending().await
    }

    async fn round(&self) -> Round {
        let due = match self.due().await {
            Ok(Ok(due)) => due,
            Ok(Err(sleep)) => return Round::Idle(sleep),
            Err(error) => {
                tracing::error!(account = %self.account, %error, "sales that are due could not be read");
                return Round::Troubled(None);
            }
        };
        let trouble = Trouble::default();
        match self.method {
            ConfirmMethod::Get => self.each(&due, &trouble).await,
            ConfirmMethod::Post => self.in_bulk(due, &trouble).await,
        }
        match trouble.met() {
            Some(asked) => Round::Troubled(asked),
            None => Round::Went,
        }
    }

    /// The sales of one round, or how long there are none.
    async fn due(&self) -> Result<Result<Vec<SaleConfirmation>, Duration>, StoreError> {
        let most = match self.method {
            ConfirmMethod::Get => ROUND,
            ConfirmMethod::Post => self.bulk,
        };
        let now = telemetry::now();
        let farthest = self.schedule.farthest(now);
        let due = self.store.confirmations_due(&self.account, now, farthest, most).await?;
        if !due.is_empty() {
            return Ok(Ok(due));
        }
        let next = self.store.next_confirmation(&self.account).await?;
        let until = |next: Timestamp| Duration::try_from(next.duration_since(now)).unwrap_or_default();
        // Another replica writes sales too, and nobody here is woken by those.
        let longest = if self.store.cluster().me().is_some() { LOOK } else { LONGEST_SLEEP };
        Ok(Err(next.map_or(longest, |next| until(next).min(longest))))
    }

    /// Sends each by a call of its own, a few at a time.
    async fn each(&self, sales: &[SaleConfirmation], trouble: &Trouble) {
        stream::iter(sales).for_each_concurrent(AT_ONCE, |sale| self.alone(sale, trouble)).await;
    }

    async fn alone(&self, sale: &SaleConfirmation, trouble: &Trouble) {
        if trouble.met().is_some() || self.stop.is_cancelled() || !self.store.cluster().does_chores() {
            return;
        }
        let answer = match self.method {
            ConfirmMethod::Get => self.partner.confirm(&sale.sale).await,
            ConfirmMethod::Post => self.partner.confirm_all([&sale.sale].into_iter()).await,
        };
        self.keep(slice::from_ref(sale), answer, trouble).await;
    }

    /// Sends those that were never sent by one call, then each other alone: one sale at which the partner
    /// stumbles would fail every bulk that it is in, and its neighbours with it.
    async fn in_bulk(&self, mut sales: Vec<SaleConfirmation>, trouble: &Trouble) {
        let tried: Vec<_> = sales.extract_if(.., |sale| sale.attempts > 0).collect();
        if !sales.is_empty() {
            self.together(&sales, trouble).await;
        }
        self.each(&tried, trouble).await;
    }

    /// Sends them all by one call. Where that is refused, one bad sale is enough to be the reason: each then
    /// goes alone, and only the bad ones are refused.
    async fn together(&self, sales: &[SaleConfirmation], trouble: &Trouble) {
        match self.partner.confirm_all(sales.iter().map(|sale| &sale.sale)).await {
            Answer::Refused(problem) if sales.len() > 1 => {
                let (account, bulk) = (&self.account, sales.len());
                tracing::warn!(%account, bulk, problem, "a bulk is refused; its sales go one by one");
                self.each(sales, trouble).await;
            }
            answer => self.keep(sales, answer, trouble).await,
        }
    }

    /// Writes down what became of an attempt for each of its sales.
    async fn keep(&self, sales: &[SaleConfirmation], answer: Answer, trouble: &Trouble) {
        if let Answer::Failed { asked, .. } = &answer {
            trouble.meet(*asked);
        }
        let now = telemetry::now();
        let (attempts, outcomes): (Vec<_>, Vec<_>) =
            sales.iter().map(|sale| self.outcome(sale, &answer, now)).unzip();
        if let Err(error) = self.store.keep_attempts(attempts.clone()).await {
            tracing::error!(account = %self.account, %error, "an attempt to confirm sales was not kept");
            trouble.meet(None);
            return;
        }
        for (attempt, outcome) in attempts.iter().zip(outcomes) {
            self.figures.attempt(outcome);
            log(attempt, outcome);
        }
    }

    fn outcome(
        &self,
        sale: &SaleConfirmation,
        answer: &Answer,
        now: Timestamp,
    ) -> (ConfirmationAttempt, Outcome) {
        let attempts = sale.attempts.saturating_add(1);
        let kept = |state, next, problem: Option<&String>| ConfirmationAttempt {
            offer: sale.sale.offer.clone(),
            state,
            attempts,
            next,
            confirmed: (state == ConfirmationState::Confirmed).then_some(now),
            problem: problem.cloned(),
        };
        match answer {
            Answer::Confirmed => (kept(ConfirmationState::Confirmed, now, None), Outcome::Confirmed),
            Answer::Refused(problem) => (kept(ConfirmationState::Dead, now, Some(problem)), Outcome::Refused),
            Answer::Failed { problem, asked } => {
                match self.schedule.next(sale.sale.paid, attempts, *asked, now, rand::random()) {
                    Some(next) => (kept(ConfirmationState::Waiting, next, Some(problem)), Outcome::Failed),
                    None => (kept(ConfirmationState::Dead, now, Some(problem)), Outcome::GivenUp),
                }
            }
        }
    }
}

fn log(attempt: &ConfirmationAttempt, outcome: Outcome) {
    let ConfirmationAttempt { offer, attempts, next, .. } = attempt;
    let (account, request_id, offer_id) = (&offer.account, offer.request_id, &offer.offer_id);
    let problem = attempt.problem.as_deref().unwrap_or_default();
    match outcome {
        Outcome::Confirmed => {
            tracing::info!(%account, %request_id, %offer_id, attempts, "a sale is confirmed to the partner");
        }
        Outcome::Failed => tracing::warn!(
            %account, %request_id, %offer_id, attempts, %next, problem, "a sale is not confirmed yet"
        ),
        Outcome::Refused => tracing::error!(
            %account, %request_id, %offer_id, attempts, problem,
            "the partner refuses a sale; it is kept, `veer sales repeat` sends it again"
        ),
        Outcome::GivenUp => tracing::error!(
            %account, %request_id, %offer_id, attempts, problem,
            "a sale is given up after sales.give_up_after; it is kept, `veer sales repeat` sends it again"
        ),
    }
}

// === impl Trouble ===

impl Trouble {
    fn meet(&self, asked: Option<Duration>) {
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *met = Some(met.flatten().max(asked));
    }

    /// None where there was none.
    fn met(&self) -> Option<Option<Duration>> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
