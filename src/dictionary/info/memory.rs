//! What sources said, for as long as it is remembered.
//!
//! Numbers of vehicles are personal data, so an answer lies under a hash of its number, salted anew in every
//! process. What is remembered are the source's own words: they are put into the catalogue's entries when they
//! are told, by the version that is served then.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use moka::{Expiry, future::Cache};
use sha2::{Digest, Sha256};
use veer_contract::operation::VehicleQuery;

use super::{LookUpError, told::Told};

/// The answers. Whoever asks what is being asked waits for that answer.
pub(super) struct Memory {
    salt: [u8; 32],
    answers: Cache<Key, Arc<Answer>>,
}

/// Where an answer lies.
pub(super) type Key = [u8; 32];

/// What the sources said of one number.
pub(super) struct Answer {
    /// None: nobody knows it. One, where it is good.
    pub told: Vec<Told>,
    /// Whether it was good when it came.
    pub good: bool,
    /// How long it is remembered.
    pub lasts: Duration,
}

/// Every answer lasts as long as it says.
struct Own;

// === impl Memory ===

impl Memory {
    /// For so many answers.
    pub fn new(most: u64) -> Self {
        let answers = Cache::builder().max_capacity(most).expire_after(Own).build();
        Self { salt: rand::random(), answers }
    }

    /// Where the answer to `question` lies.
    pub fn key(&self, question: &VehicleQuery) -> Key {
        let (kind, number) = match question {
            VehicleQuery::Vin(number) => ("vin", number),
            VehicleQuery::Plate(number) => ("plate", number),
        };
        let mut hash = Sha256::new();
        hash.update(self.salt);
        hash.update(kind);
        hash.update(number.as_str());
        hash.finalize().into()
    }

    /// The answer, where it is there.
    pub async fn get(&self, key: &Key) -> Option<Arc<Answer>> {
        self.answers.get(key).await
    }

    /// The answer, asked for where it is not there, and whether it is from `asking`. A failure is not kept.
    pub async fn get_or(
        &self,
        key: Key,
        asking: impl Future<Output = Result<Answer, LookUpError>>,
    ) -> Result<(Arc<Answer>, bool), LookUpError> {
        let asking = async { asking.await.map(Arc::new) };
        let entry = self.answers.entry(key).or_try_insert_with(asking).await.map_err(|error| *error)?;
        let is_new = entry.is_fresh();
        Ok((entry.into_value(), is_new))
    }

    /// Lets go of one answer.
    pub async fn forget(&self, key: &Key) {
        self.answers.invalidate(key).await;
    }

    /// Lets go of what is over: by itself the cache does so only when it is used.
    pub async fn tidy(&self) {
        self.answers.run_pending_tasks().await;
    }
}

impl Expiry<Key, Arc<Answer>> for Own {
    fn expire_after_create(&self, _: &Key, answer: &Arc<Answer>, _: Instant) -> Option<Duration> {
        Some(answer.lasts)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::future::join_all;

    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn by_plate(number: &str) -> VehicleQuery {
        VehicleQuery::Plate(number.into())
    }

    fn nobody_knows(lasts: Duration) -> Answer {
        Answer { told: Vec::new(), good: false, lasts }
    }

    #[tokio::test]
    async fn an_answer_is_remembered_for_as_long_as_it_lasts() {
        let memory = Memory::new(10);
        let (long, never) = (memory.key(&by_plate("А001АА77")), memory.key(&by_plate("А002АА77")));
        assert!(memory.get_or(long, async { Ok(nobody_knows(DAY)) }).await.unwrap().1);
        assert!(!memory.get_or(long, async { panic!("is remembered") }).await.unwrap().1);
        for _ in 0..2 {
            assert!(memory.get_or(never, async { Ok(nobody_knows(Duration::ZERO)) }).await.unwrap().1);
        }
        assert!(memory.get(&long).await.is_some() && memory.get(&never).await.is_none());
    }

    #[tokio::test]
    async fn what_is_forgotten_is_asked_for_again() {
        let memory = Memory::new(10);
        let key = memory.key(&by_plate("А001АА77"));
        for _ in 0..2 {
            assert!(memory.get_or(key, async { Ok(nobody_knows(DAY)) }).await.unwrap().1);
            memory.forget(&key).await;
        }
    }

    #[tokio::test]
    async fn a_failure_is_not_remembered() {
        let memory = Memory::new(10);
        let key = memory.key(&by_plate("А001АА77"));
        let failed = memory.get_or(key, async { Err(LookUpError::NoAnswer) }).await;
        assert_eq!(failed.err(), Some(LookUpError::NoAnswer));
        assert!(memory.get_or(key, async { Ok(nobody_knows(DAY)) }).await.unwrap().1);
    }

    #[tokio::test]
    async fn who_asks_the_same_at_the_same_time_shares_the_answer() {
        let (memory, asked) = (Memory::new(10), AtomicUsize::new(0));
        let key = memory.key(&by_plate("А001АА77"));
        let ask = async || {
            let asking = async {
                asked.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Ok(nobody_knows(Duration::ZERO))
            };
            memory.get_or(key, asking).await.unwrap().1
        };
        let new = join_all((0..20).map(|_| ask())).await;
        assert_eq!((asked.load(Ordering::Relaxed), new.iter().filter(|new| **new).count()), (1, 1));
    }

    #[test]
    fn keys_tell_numbers_kinds_and_processes_apart() {
        let memory = Memory::new(10);
        let key = memory.key(&by_plate("А001АА77"));
        assert_eq!(key, memory.key(&by_plate("А001АА77")));
        assert_ne!(key, memory.key(&by_plate("А002АА77")));
        assert_ne!(key, memory.key(&VehicleQuery::Vin("А001АА77".into())));
        assert_ne!(key, Memory::new(10).key(&by_plate("А001АА77")));
    }
}
