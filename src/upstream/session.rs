//! One insurer's session: opened once however many calls wait for it, refreshed before it ends.
//!
//! On a cold start there is none: the first call that needs it logs in, the others wait for that login
//! and share its result, good or bad. A little before its end (at a random point of its last fifth, so
//! that replicas do not log in together) a call still gets it, and a login in the background replaces it.
//! A reply that says "expired" drops the session it was made with, never a newer one.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::verdict::Verdict;
use crate::chance;

/// The session of one account.
#[derive(Debug, Default)]
pub struct SessionKeeper {
    kept: Mutex<Kept>,
    /// Held by whoever logs in: there is one login at a time.
    login: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Kept {
    session: Option<Held>,
    logins: u64,
    failure: Option<(Instant, NoSession)>,
}

/// After a login that failed there is no other for this long.
const PAUSE: Duration = Duration::from_secs(5);

/// What a login brought.
#[derive(Clone)]
pub struct Opened {
    /// The token.
    pub token: String,
    /// How long the insurer remembers it.
    pub life: Duration,
}

/// A session is used for so long at least, whatever the insurer says: one that ends at once would be opened again
/// for every call.
const SHORTEST_LIFE: Duration = Duration::from_secs(5);
/// And for so long at most: who knows for how long a token is good that never ends.
const LONGEST_LIFE: Duration = Duration::from_secs(86_400);

/// A session as a call uses it.
#[derive(Clone)]
pub struct Held {
    /// The token.
    pub token: String,
    /// Which login it came from.
    pub login: u64,
    refresh_at: Instant,
    expires_at: Instant,
}

/// Why there is no session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct NoSession {
    /// The verdict of whoever needed it.
    pub verdict: Verdict,
    /// What happened at the login.
    pub detail: String,
}

/// What [`SessionKeeper::get`] found.
#[derive(Debug)]
pub struct Found {
    /// The session.
    pub held: Held,
    /// It ends soon: the caller should have it replaced.
    pub ageing: bool,
}

// === impl SessionKeeper ===

impl SessionKeeper {
    /// The session, where there is one.
    pub fn current(&self) -> Option<Found> {
        let (kept, now) = (self.lock(), Instant::now());
        let held = kept.session.as_ref().filter(|held| now < held.expires_at)?;
        Some(Found { held: held.clone(), ageing: now >= held.refresh_at })
    }

    /// The session, or what `login` brings. Calls that come while a login is under way wait for it and
    /// get what it brought.
    pub async fn get<L>(&self, login: L) -> Result<Found, NoSession>
    where
        L: AsyncFnOnce() -> Result<Opened, NoSession>,
    {
        if let Some(found) = self.current() {
            return Ok(found);
        }
        let arrived = Instant::now();
        let _one_at_a_time = self.login.lock().await;
        if let Some(found) = self.current() {
            return Ok(found);
        }
        if let Some(failure) = self.lock().failed_since(arrived) {
            return Err(failure);
        }
        let brought = login().await;
        self.lock().take(brought)
    }

    /// Logs in again unless somebody already did since the login `stale`, or is doing it. Whoever asks
    /// meanwhile gets the old session, which is good until its end.
    pub async fn refresh<L>(&self, stale: u64, login: L)
    where
        L: AsyncFnOnce() -> Result<Opened, NoSession>,
    {
        let Ok(_one_at_a_time) = self.login.try_lock() else { return };
        if self.lock().logins != stale || self.lock().failed_since(Instant::now()).is_some() {
            return;
        }
        // One that fails leaves the old session, which is good until its end.
        let brought = login().await;
        let _ = self.lock().take(brought);
    }

    /// The insurer said that the session of that login is over.
    pub fn expired(&self, login: u64) {
        let mut kept = self.lock();
        if kept.logins == login {
            kept.session = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Kept ===

impl Kept {
    /// The failure of a login that somebody who came at `arrived` waited for, or of one so fresh that
    /// another would only tell the same: an insurer locks an account that fails too often.
    fn failed_since(&self, arrived: Instant) -> Option<NoSession> {
        let (at, failure) = self.failure.as_ref()?;
        (*at > arrived || at.elapsed() < PAUSE).then(|| failure.clone())
    }

    fn take(&mut self, brought: Result<Opened, NoSession>) -> Result<Found, NoSession> {
        match brought {
            Ok(opened) => Ok(Found { held: self.install(opened), ageing: false }),
            Err(failure) => {
                self.failure = Some((Instant::now(), failure.clone()));
                Err(failure)
            }
        }
    }

    fn install(&mut self, Opened { token, life }: Opened) -> Held {
        let life = life.clamp(SHORTEST_LIFE, LONGEST_LIFE);
        self.logins += 1;
        let now = Instant::now();
        let share = chance::between(0.8..0.95);
        let (refresh_at, expires_at) = (now + life.mul_f64(share), now + life);
        let held = Held { token, login: self.logins, refresh_at, expires_at };
        self.session = Some(held.clone());
        held
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened(for {:?})", self.life)
    }
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Held(login {})", self.login)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::future::join_all;

    use super::*;

    const LIFE: Duration = Duration::from_secs(1200);

    async fn slow(logins: &AtomicU32) -> Result<Opened, NoSession> {
        slow_for(logins, LIFE).await
    }

    async fn slow_for(logins: &AtomicU32, life: Duration) -> Result<Opened, NoSession> {
        let count = logins.fetch_add(1, Ordering::Relaxed) + 1;
        tokio::time::sleep(Duration::from_secs(2)).await;
        Ok(Opened { token: format!("s-{count}"), life })
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_that_ends_at_once_is_used_for_some_seconds_and_one_without_end_for_a_day() {
        for (life, used) in [(Duration::ZERO, SHORTEST_LIFE), (Duration::MAX, LONGEST_LIFE)] {
            let (keeper, logins) = (SessionKeeper::default(), AtomicU32::new(0));
            let login = async || slow_for(&logins, life).await;
            keeper.get(login).await.unwrap();
            tokio::time::advance(used.mul_f64(0.7)).await;
            assert!(!keeper.get(login).await.unwrap().ageing);
            tokio::time::advance(used.mul_f64(0.4)).await;
            assert_eq!(keeper.get(login).await.unwrap().held.token, "s-2");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn many_callers_share_one_login() {
        let (keeper, logins) = (SessionKeeper::default(), AtomicU32::new(0));
        let found = join_all((0..50).map(|_| keeper.get(async || slow(&logins).await))).await;
        assert!(found.iter().all(|found| found.as_ref().unwrap().held.token == "s-1"));
        assert_eq!(logins.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_login_is_shared_by_those_who_waited_for_it() {
        let (keeper, logins) = (SessionKeeper::default(), AtomicU32::new(0));
        let failing = async || {
            slow(&logins).await.ok();
            Err(NoSession { verdict: Verdict::CredentialsRefused, detail: "refused".into() })
        };
        let found = join_all((0..9).map(|_| keeper.get(failing))).await;
        assert!(found.iter().all(Result::is_err));
        assert_eq!(logins.load(Ordering::Relaxed), 1);
        let soon = keeper.get(async || slow(&logins).await).await;
        assert!(soon.is_err() && logins.load(Ordering::Relaxed) == 1);
        tokio::time::advance(PAUSE).await;
        assert!(keeper.get(async || slow(&logins).await).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn an_old_reply_does_not_drop_a_new_session() {
        let (keeper, logins) = (SessionKeeper::default(), AtomicU32::new(0));
        let first = keeper.get(async || slow(&logins).await).await.unwrap().held;
        keeper.expired(first.login);
        let second = keeper.get(async || slow(&logins).await).await.unwrap().held;
        keeper.expired(first.login);
        let third = keeper.get(async || slow(&logins).await).await.unwrap().held;
        assert_eq!((second.token.as_str(), third.token.as_str()), ("s-2", "s-2"));
    }

    #[tokio::test(start_paused = true)]
    async fn it_ages_before_it_ends() {
        let (keeper, logins) = (SessionKeeper::default(), AtomicU32::new(0));
        let login = async || slow(&logins).await;
        assert!(!keeper.get(login).await.unwrap().ageing);
        tokio::time::advance(LIFE.mul_f64(0.96)).await;
        let ageing = keeper.get(login).await.unwrap();
        assert!(ageing.ageing);
        let asked_meanwhile = async {
            let since = Instant::now();
            let token = keeper.get(login).await.unwrap().held.token;
            (token, since.elapsed())
        };
        let (_, meanwhile) = tokio::join!(keeper.refresh(ageing.held.login, login), asked_meanwhile);
        assert_eq!(meanwhile, ("s-1".to_owned(), Duration::ZERO));
        assert_eq!(keeper.get(login).await.unwrap().held.token, "s-2");
        tokio::time::advance(LIFE + Duration::from_secs(5)).await;
        assert_eq!(keeper.get(login).await.unwrap().held.token, "s-3");
    }
}
