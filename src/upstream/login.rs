//! Logging in, by the adapter's own login flow.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::future::BoxFuture;
use veer_contract::{
    Lane, VehicleCodes,
    operation::{Login, Session},
};

use super::{
    budget::Budget,
    callbacks::Callbacks,
    driver::{self, Conversation, End, Journal, Point},
    error::CallError,
    insurer::Insurer,
    session::{Held, NoSession},
    timeline::Timeline,
    verdict::Verdict,
};

/// How long a refresh in the background may take.
const REFRESH: Duration = Duration::from_secs(60);

impl Insurer {
    /// The account's session; logs in where there is none.
    pub(super) async fn session(self: &Arc<Self>, budget: &Budget) -> Result<Held, CallError> {
        let life = self.session_life();
        let found = self.sessions.get(life, async || self.log_in(*budget).await);
        let found = tokio::time::timeout_at(budget.deadline(), found)
            .await
            .map_err(|_| CallError::OutOfBudget("a session was there"))?
            .map_err(Box::new)?;
        if found.ageing {
            let (insurer, stale) = (self.clone(), found.held.login);
            tokio::spawn(async move {
                let login = async || insurer.log_in(Budget::of(REFRESH)).await;
                insurer.sessions.refresh(stale, life, login).await;
            });
        }
        Ok(found.held)
    }

    fn session_life(&self) -> Duration {
        let seconds = self.adapter.manifest().session.map_or(600, |session| session.seconds);
        Duration::from_secs(seconds)
    }

    /// Boxed: a login is driven by the same driver as the call that needs it.
    fn log_in(self: &Arc<Self>, budget: Budget) -> BoxFuture<'_, Result<String, NoSession>> {
        Box::pin(async move {
            let Some(flow) = self.adapter.login() else {
                let detail = "the adapter's call needs a session, but the adapter has no login".to_owned();
                return Err(NoSession { verdict: Verdict::NotUnderstood, detail });
            };
            let opened = Opened::default();
            let timeline = Arc::new(Timeline::new());
            let conversation = Conversation::<Login> {
                insurer: self.clone(),
                flow,
                input: Arc::new(()),
                vehicle: Arc::new(VehicleCodes::default()),
                budget,
                timeline,
                callbacks: Arc::new(Callbacks::default()),
                stop: tokio_util::sync::CancellationToken::new(),
            };
            let end = driver::drive(conversation, None, &opened).await;
            let session = opened.0.into_inner().unwrap_or_else(PoisonError::into_inner);
            match (end, session) {
                (End::Done, Some(session)) => Ok(session.token),
                (End::Declined(decline), _) => {
                    Err(NoSession { verdict: Verdict::CredentialsRefused, detail: decline.message })
                }
                (End::Failed { verdict, detail }, _) => Err(NoSession { verdict, detail }),
                (End::Done | End::Parked, _) => {
                    let detail = "the login ended without a session".to_owned();
                    Err(NoSession { verdict: Verdict::NotUnderstood, detail })
                }
            }
        })
    }
}

/// Keeps the session that a login emits; there is nothing else to write down.
#[derive(Default)]
struct Opened(Mutex<Option<Session>>);

impl Journal<Login> for Opened {
    fn emitted(&self, results: Vec<Session>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = results.into_iter().next_back();
    }

    fn asking(&self, _: Lane) {}

    fn keep(&self, _: &Point) {}

    fn keep_creating<'a>(&'a self, _: &'a Point) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}
