//! Logging in, by the adapter's own login flow.

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use veer_contract::{
    OperationKind,
    manifest::SessionLife,
    operation::{Login, Session},
};

use super::{
    aside,
    budget::{Budget, Class},
    driver::End,
    error::CallError,
    insurer::Insurer,
    isolate::StepLost,
    session::{Held, NoSession, Opened},
    verdict::Verdict,
};

/// A login has a budget of its own: many calls wait for it, and the one that happens to begin it may be
/// in a hurry.
const LOGIN: Duration = Duration::from_secs(60);
/// So long a session lives where nobody says.
const USUAL_LIFE: Duration = Duration::from_secs(600);

impl Insurer {
    /// The account's session; logs in where there is none.
    pub(super) async fn session(self: &Arc<Self>, budget: &Budget) -> Result<Held, CallError> {
        if let Some(found) = self.sessions.current() {
            if found.ageing {
                let insurer = self.clone();
                tokio::spawn(async move {
                    insurer.sessions.refresh(found.held.login, async || insurer.log_in().await).await;
                });
            }
            return Ok(found.held);
        }
        // In a task of its own: a caller that gives up leaves the login to the others.
        let insurer = self.clone();
        let login = tokio::spawn(async move { insurer.sessions.get(async || insurer.log_in().await).await });
        match tokio::time::timeout_at(budget.deadline(), login).await {
            Ok(Ok(found)) => Ok(found.map_err(Box::new)?.held),
            Ok(Err(_)) => Err(CallError::Adapter(StepLost::Panicked)),
            Err(_) => Err(CallError::OutOfBudget("a session was there")),
        }
    }

    /// Boxed: a login is driven by the same driver as the call that needs it.
    fn log_in(self: &Arc<Self>) -> BoxFuture<'_, Result<Opened, NoSession>> {
        Box::pin(async move {
            let begun = Instant::now();
            if !self.can::<Login>() {
                let detail = "the adapter's call needs a session, but the adapter has no login".to_owned();
                return Err(NoSession { verdict: Verdict::NotUnderstood, detail });
            }
            // Everybody waits for it, also who pays.
            let budget = Budget::of(LOGIN).for_class(Class::Payment);
            let (end, sessions) =
                aside::converse::<Login>(self, Arc::new(()), budget, CancellationToken::new()).await;
            let session = sessions.into_iter().next_back();
            let opened = match (end, session) {
                (End::Done, Some(session)) => {
                    let life = life(&session, self.manifest.session);
                    Ok(Opened { token: session.token, life })
                }
                // The insurer's words may name the account's owner: they stay out of logs.
                (End::Declined(_), _) => Err(NoSession {
                    verdict: Verdict::CredentialsRefused,
                    detail: "the insurer declined the login; check the insurer's settings".into(),
                }),
                (End::Failed { verdict, detail }, _) => Err(NoSession { verdict, detail }),
                (End::Done | End::Parked, _) => Err(NoSession {
                    verdict: Verdict::NotUnderstood,
                    detail: "the login ended without a session".into(),
                }),
            };
            let verdict = opened.as_ref().map_or_else(|none| none.verdict, |_| Verdict::Offered);
            self.metrics.verdict(self.code(), OperationKind::Login, verdict.label(), begun.elapsed());
            if let Err(none) = &opened {
                tracing::warn!(
                    insurer = self.code(),
                    verdict = none.verdict.code(),
                    detail = none.detail,
                    "login failed"
                );
            }
            opened
        })
    }
}

/// How long a session lives: what the insurer says of this very one wins over what its manifest says of all.
fn life(session: &Session, usual: Option<SessionLife>) -> Duration {
    let usual = || usual.map_or(USUAL_LIFE, |usual| Duration::from_secs(usual.seconds));
    session.seconds.map_or_else(usual, Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_insurers_word_about_a_session_wins_over_the_manifests() {
        let session = |seconds| Session { token: "t".into(), seconds };
        let manifest = Some(SessionLife { seconds: 1200 });
        assert_eq!(life(&session(Some(30)), manifest), Duration::from_secs(30));
        assert_eq!(life(&session(None), manifest), Duration::from_secs(1200));
        assert_eq!(life(&session(None), None), USUAL_LIFE);
    }
}
