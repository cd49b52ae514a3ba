//! Sales are confirmed to the partner, each until it is credited.
//!
//! A sale is written into the store in the transaction of its payment, so there is none without the other.
//! What is here empties that outbox: every account that has a `confirm` in the configuration has a task of
//! its own, so a slow or failing partner holds up nobody else's sales. A task sleeps until its next sale is
//! due or until it is woken, never longer than a minute; it takes what is due, sends it, writes down what
//! became of it, and looks again. Sales of an account without `confirm` wait.
//!
//! **Credited exactly once.** An attempt is written down after its answer. Whoever dies between the two, or
//! never hears the answer, sends the same `request_id` and `offer_id` again, and the partner counts these
//! once; a sale that was never sent is still due. So no sale is lost, and sending one again changes nothing.
//! There is one task an account, its rounds follow each other, and a sale stands once in a round: no sale is
//! on its way twice at the same time.
//!
//! **What is tried again.** Whatever an operator or the partner may mend (no answer, 401, 403, 404, 429, 5xx,
//! redirects): with growing, jittered pauses, until `sales.give_up_after` after the payment. A refusal of the
//! sale itself (400, 409, 413, 422) is final. What is given up or refused is kept as `dead` until a person
//! repeats it. After a failure the partner as a whole is left alone for up to a minute, longer only where it
//! asks for that by `Retry-After`, and not when a person repeats a sale: however many sales wait, a partner
//! that is down sees a few calls a minute.
//!
//! **In bulk** goes what was never sent. A bulk that is refused is sent again at once, sale by sale; the
//! sales of one that failed go one by one from then on, because one sale at which the partner stumbles is
//! enough for it to fail.
//!
//! **What is taken as a yes.** A GET is answered by a JSON object, as documented; where that names a
//! calculation, it is the sale's. A POST may be answered by nothing. A page of something that stands between
//! is a failure, whatever its status.
//!
//! **When the clock is set back**, sales wait for times that are far ahead. Those further ahead than any
//! pause is long are due; the others wait no longer than `sales.longest_pause` and a fifth. When it is set
//! forward, sales are due sooner; what is beyond `sales.give_up_after` then is sent once more before it is
//! given up.
//!
//! **On a stop** attempts under way finish and are written down, no other begins, and the tasks end; when
//! calls under way are given up, so are these, and the next start sends them again.
//!
//! **Of several replicas** one confirms the sales of all ([`cluster`](crate::cluster)); it looks for new ones once a second.
//!
//! | module | what is in it |
//! |---|---|
//! | `schedule` | when a sale is sent again, and until when |
//! | `wire` | how a sale is written, and what an answer means |
//! | `partner` | the HTTP client of one account |
//! | `confirmer` | one account's task |
//! | `watch` | alarms, gauges, and accounts whose sales nobody confirms |
//! | `figures` | the series |

mod confirmer;
mod figures;
mod partner;
mod schedule;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod trial;
mod watch;
mod wire;

use std::{collections::HashSet, sync::Arc};

use tokio::sync::{Notify, watch as signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use self::{
    confirmer::Confirmer,
    figures::{AccountFigures, Figures},
    partner::Partner,
    schedule::Schedule,
    watch::Watch,
};
use crate::{
    config::{AccountConfig, SalesConfig},
    store::{ConfirmationState, SaleConfirmation, Store, StoreError},
    telemetry::Metrics,
};

/// The sales and the tasks that confirm them. Cheap to clone.
#[derive(Clone)]
pub struct Sales(Arc<Inner>);

struct Inner {
    store: Store,
    served: HashSet<Arc<str>>,
    /// Wakes the tasks; how often a person wanted sales repeated.
    wake: signal::Sender<u64>,
}

/// What the tasks live and end with.
#[derive(Debug, Clone)]
pub struct Lifetime {
    /// Counts them.
    pub tracker: TaskTracker,
    /// No attempt begins any more; those under way finish.
    pub stop: CancellationToken,
    /// Attempts under way are given up.
    pub abort: CancellationToken,
}

/// What became of the wish to repeat a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeated {
    /// It is sent again at once.
    Now,
    /// The partner has it already.
    Confirmed,
    /// There is no such sale.
    Unknown,
}

/// An account's sales cannot be confirmed as it is configured.
#[derive(Debug, thiserror::Error)]
#[error("partner.accounts.{account}.confirm: {problem}")]
pub struct SalesError {
    /// Which account.
    pub account: String,
    /// What is wrong.
    pub problem: String,
}

/// Dead sales that are repeated by one wish.
const REPEATED_AT_ONCE: u32 = 10_000;

// === impl Sales ===

impl Sales {
    /// Starts the tasks, on the runtime that this is called on, and makes their series. `sold` is told by
    /// whoever writes a sale.
    pub fn start(
        config: &SalesConfig,
        accounts: &[AccountConfig],
        store: &Store,
        metrics: &Metrics,
        sold: Arc<Notify>,
        lifetime: &Lifetime,
    ) -> Result<Self, SalesError> {
        let (wake, woken) = signal::channel(0);
        let mut confirmers = Vec::new();
        for account in accounts {
            let Some(confirm) = &account.confirm else { continue };
            let partner = Partner::new(confirm, config.timeout)
                .map_err(|problem| SalesError { account: account.name.clone(), problem })?;
            confirmers.push(Confirmer {
                account: account.name.as_str().into(),
                partner,
                method: confirm.method,
                bulk: config.bulk,
                schedule: Schedule::new(config),
                store: store.clone(),
                figures: AccountFigures::new(metrics, &account.name),
                stop: lifetime.stop.clone(),
                woken: woken.clone(),
            });
        }
        let served: HashSet<Arc<str>> =
            confirmers.iter().map(|confirmer| confirmer.account.clone()).collect();
        let watch = Watch::new(store.clone(), served.clone(), config.alarm_after, Figures::new(metrics));
        lifetime.tracker.spawn(watch.run(lifetime.stop.clone()));
        for confirmer in confirmers {
            let abort = lifetime.abort.clone();
            lifetime.tracker.spawn(async move { abort.run_until_cancelled(confirmer.run()).await });
        }
        let sales = Self(Arc::new(Inner { store: store.clone(), served, wake }));
        lifetime.tracker.spawn(sales.clone().pass_on(sold, lifetime.stop.clone()));
        Ok(sales)
    }

    /// Wakes every account's task when a sale was written; whose it is they see in the store.
    async fn pass_on(self, sold: Arc<Notify>, stop: CancellationToken) {
        while stop.run_until_cancelled(sold.notified()).await.is_some() {
            self.0.wake.send_modify(|_| {});
        }
    }

    /// Whether the sales of `account` are confirmed; else they wait for its `confirm`.
    pub fn serves(&self, account: &str) -> bool {
        self.0.served.contains(account)
    }

    /// Sales in that state or in any, the newest first.
    pub async fn list(
        &self,
        state: Option<ConfirmationState>,
        most: u32,
    ) -> Result<Vec<SaleConfirmation>, StoreError> {
        self.0.store.confirmations(state, most).await
    }

    /// Sends one sale again, whatever became of it, unless the partner has it.
    pub async fn repeat(&self, request_id: Uuid, offer_id: &str) -> Result<Repeated, StoreError> {
        let Some(found) = self.0.store.confirmation(request_id, offer_id).await? else {
            return Ok(Repeated::Unknown);
        };
        if found.state == ConfirmationState::Confirmed {
            return Ok(Repeated::Confirmed);
        }
        self.0.store.repeat_confirmation(found.sale.offer).await?;
        self.hurry();
        Ok(Repeated::Now)
    }

    /// Sends dead sales again, up to ten thousand, the newest; how many, and whether there are more.
    pub async fn repeat_dead(&self) -> Result<(usize, bool), StoreError> {
        let mut dead =
            self.0.store.confirmations(Some(ConfirmationState::Dead), REPEATED_AT_ONCE + 1).await?;
        let more = dead.len() > REPEATED_AT_ONCE as usize;
        dead.truncate(REPEATED_AT_ONCE as usize);
        let count = dead.len();
        // All at once, because the store commits together what has gathered.
        let repeat = |sale: SaleConfirmation| self.0.store.repeat_confirmation(sale.sale.offer);
        futures::future::try_join_all(dead.into_iter().map(repeat)).await?;
        self.hurry();
        Ok((count, more))
    }

    /// Wakes also whoever leaves a failing partner alone: a person knows better.
    fn hurry(&self) {
        self.0.wake.send_modify(|repeats| *repeats = repeats.wrapping_add(1));
    }
}
