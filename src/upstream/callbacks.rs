//! What insurers tell by themselves, and the conversations that wait for it.
//!
//! A call is found by the insurer and the correlation that a flow names with `Await`. It may come before its
//! conversation waits, while the gateway is restarting, and to another replica: whoever takes it in writes it down first,
//! and hands it to the conversation if that waits here. Who begins to wait looks whether something is written down already
//! ([`KeptCalls`]), and what comes to other replicas is handed over as soon as they tell of it.
//!
//! A conversation that is kept takes its calls, each once, and says that it has one behind it only when it cannot
//! come back to that place. A question that only reads (is it paid?) leaves what it hears for the next question:
//! it may be asked again, and the insurer tells but once. What is nobody's is dropped after [`KEPT`].
//!
//! The same call that comes again is heard once. A call to the insurer that is sent again, with its id, may be answered
//! in the same words as before: that is another call of the insurer's, where its head names what it answers by an id of
//! the insurer's own, as buses do.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::future::BoxFuture;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::sync::Notify;
use veer_contract::Reply;

use crate::telemetry;

/// A call that nobody asks for is kept for so long.
pub const KEPT: Duration = Duration::from_secs(86_400);
/// How headers end that name what a call answers.
const ANSWERS: [&str; 2] = ["correlationid", "correlation-id"];
/// So many calls about one thing are kept at most: an insurer that tells more has run wild, and its oldest go.
pub(super) const MOST: usize = 64;
/// What was taken from here and is dealt with is known for so long: until that is durable, it is found in the store.
const SETTLED: Duration = Duration::from_secs(600);
/// Between tries to look into a store that does not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// Which call, of all. The same call that comes again has the same key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CallKey {
    /// The account's name in the configuration.
    pub insurer: String,
    /// What it is about.
    pub correlation: String,
    /// SHA-256 of its body, and of what its head says that it answers.
    pub digest: [u8; 32],
}

/// A call that has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// Which.
    pub key: CallKey,
    /// The call, as its adapter sees it.
    pub reply: Reply,
    /// When it came.
    pub at: Timestamp,
}

/// Where calls are written down.
pub trait KeptCalls: Send + Sync {
    /// The last `MOST` calls of `insurer` about `correlation` that nobody has behind him, in their order; none where
    /// they cannot be looked up now.
    fn about<'a>(&'a self, insurer: &'a str, correlation: &'a str) -> BoxFuture<'a, Option<Vec<Received>>>;
}

/// The calls that have come, and those who wait for some.
#[derive(Default)]
pub struct Callbacks {
    kept: Option<Arc<dyn KeptCalls>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    places: HashMap<(String, String), Place>,
    /// What was taken from here, and until when it may still be found in the store.
    taken: HashMap<CallKey, Timestamp>,
}

#[derive(Default)]
struct Place {
    calls: VecDeque<Received>,
    came: Arc<Notify>,
    waiting: usize,
}

/// Somebody waits at a place.
struct Waiting<'a> {
    callbacks: &'a Callbacks,
    place: (String, String),
    came: Arc<Notify>,
}

// === impl Received ===

impl Received {
    /// A call of `insurer` about `correlation` that came at `at`.
    pub fn new(insurer: &str, correlation: &str, reply: Reply, at: Timestamp) -> Self {
        let digest = digest(&reply);
        let key = CallKey { insurer: insurer.to_owned(), correlation: correlation.to_owned(), digest };
        Self { key, reply, at }
    }
}

/// Other headers are as good as random: dates, ids of proxies on the way.
fn digest(reply: &Reply) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(&reply.body);
    let names_it = |name: &str| ANSWERS.iter().any(|end| name.to_ascii_lowercase().ends_with(end));
    for (_, value) in reply.headers.iter().filter(|(name, _)| names_it(name)) {
        hash.update([0]);
        hash.update(value);
    }
    hash.finalize().into()
}

// === impl CallKey ===

/// A correlation may be a name or a number of somebody's.
impl std::fmt::Debug for CallKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CallKey({})", self.insurer)
    }
}

// === impl Callbacks ===

impl Callbacks {
    /// Calls are written down there before they come here.
    pub fn kept_by(kept: Arc<dyn KeptCalls>) -> Self {
        Self { kept: Some(kept), state: Mutex::default() }
    }

    /// Takes the next call about `correlation`, as soon as there is one. Dropping the future ends the wait and
    /// takes nothing.
    pub async fn take(&self, insurer: &str, correlation: &str) -> Received {
        self.wait(insurer, correlation, VecDeque::pop_front).await
    }

    /// Hears the next call about `correlation` that is not among `heard`, as soon as there is one, and leaves it
    /// there.
    pub async fn hear(&self, insurer: &str, correlation: &str, heard: &[CallKey]) -> Received {
        let new = |calls: &mut VecDeque<Received>| calls.iter().find(|it| !heard.contains(&it.key)).cloned();
        self.wait(insurer, correlation, new).await
    }

    async fn wait(
        &self,
        insurer: &str,
        correlation: &str,
        mut look: impl FnMut(&mut VecDeque<Received>) -> Option<Received>,
    ) -> Received {
        let waiting = Waiting::new(self, insurer, correlation);
        // Somebody waits now, so what is written down from here on is handed over; what was before is looked for.
        let mut to_look = self.kept.clone();
        loop {
            let mut came = std::pin::pin!(waiting.came.notified());
            // Before the look, so that nothing comes in between.
            came.as_mut().enable();
            if let Some(call) = waiting.look(&mut look) {
                return call;
            }
            let Some(kept) = &to_look else {
                came.await;
                continue;
            };
            tokio::select! {
                () = came => {}
                found = kept.about(insurer, correlation) => match found {
                    Some(found) => {
                        to_look = None;
                        found.into_iter().for_each(|call| drop(self.deliver(call)));
                    }
                    None => tokio::time::sleep(AGAIN).await,
                },
            }
        }
    }

    /// A call has come. Returns the one that had to go for it, where there were too many about the same. One that was
    /// here before changes nothing.
    pub fn deliver(&self, call: Received) -> Option<CallKey> {
        let State { places, taken } = &mut *self.lock();
        if taken.contains_key(&call.key) {
            return None;
        }
        let place = places.entry((call.key.insurer.clone(), call.key.correlation.clone())).or_default();
        if place.calls.iter().any(|there| there.key == call.key) {
            return None;
        }
        let gone = (place.calls.len() >= MOST).then(|| place.calls.pop_front()).flatten();
        place.calls.push_back(call);
        place.came.notify_waiters();
        gone.map(|gone| gone.key)
    }

    /// The same of a call that is written down: where nobody waits for it, it is left to be found.
    pub fn hand_over(&self, call: Received) -> Option<CallKey> {
        let is_waited_for = self.is_waited_for(&call.key.insurer, &call.key.correlation);
        if is_waited_for || self.kept.is_none() { self.deliver(call) } else { None }
    }

    /// Whether somebody waits for calls about `correlation`.
    pub fn is_waited_for(&self, insurer: &str, correlation: &str) -> bool {
        let place = (insurer.to_owned(), correlation.to_owned());
        self.lock().places.get(&place).is_some_and(|place| place.waiting > 0)
    }

    /// Whether somebody waits at all.
    pub fn is_anything_waited_for(&self) -> bool {
        self.lock().places.values().any(|place| place.waiting > 0)
    }

    /// Hands over what is written down about `correlation`, where somebody waits for it. Returns what had to go.
    pub async fn look(&self, insurer: &str, correlation: &str) -> Vec<CallKey> {
        let Some(kept) = self.kept.as_ref().filter(|_| self.is_waited_for(insurer, correlation)) else {
            return Vec::new();
        };
        let found = kept.about(insurer, correlation).await.unwrap_or_default();
        found.into_iter().filter_map(|call| self.hand_over(call)).collect()
    }

    /// It is being written down that a conversation has that call behind it.
    pub fn settled(&self, key: &CallKey) {
        if let Some(until) = self.lock().taken.get_mut(key) {
            *until = after(SETTLED);
        }
    }

    /// Drops what came before `before` and was not asked for; how many calls that were here.
    pub fn forget(&self, before: Timestamp) -> usize {
        let (State { places, taken }, mut dropped) = (&mut *self.lock(), 0);
        places.retain(|_, place| {
            let there = place.calls.len();
            place.calls.retain(|call| call.at >= before);
            dropped += there - place.calls.len();
            place.is_used()
        });
        let now = telemetry::now();
        taken.retain(|_, until| *until > now);
        dropped
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn after(time: Duration) -> Timestamp {
    telemetry::now().checked_add(time).unwrap_or(Timestamp::MAX)
}

/// Correlations are not shown: see [`CallKey`].
impl std::fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Callbacks(about {} things)", self.lock().places.len())
    }
}

// === impl Place ===

impl Place {
    fn is_used(&self) -> bool {
        self.waiting > 0 || !self.calls.is_empty()
    }
}

// === impl Waiting ===

impl<'a> Waiting<'a> {
    fn new(callbacks: &'a Callbacks, insurer: &str, correlation: &str) -> Self {
        let place = (insurer.to_owned(), correlation.to_owned());
        let came = {
            let mut state = callbacks.lock();
            let there = state.places.entry(place.clone()).or_default();
            there.waiting += 1;
            there.came.clone()
        };
        Self { callbacks, place, came }
    }

    fn look(&self, look: impl FnOnce(&mut VecDeque<Received>) -> Option<Received>) -> Option<Received> {
        let State { places, taken } = &mut *self.callbacks.lock();
        let calls = &mut places.get_mut(&self.place)?.calls;
        let before = calls.len();
        let call = look(calls)?;
        if calls.len() < before && self.callbacks.kept.is_some() {
            // It stands in the store until the conversation has it behind it.
            taken.insert(call.key.clone(), after(KEPT));
        }
        Some(call)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.callbacks.lock();
        if let Some(there) = state.places.get_mut(&self.place) {
            there.waiting -= 1;
            if !there.is_used() {
                state.places.remove(&self.place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(correlation: &str, body: &str, second: i64) -> Received {
        let reply = Reply {
            tag: "callback".into(),
            status: 200,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        Received::new("vsk", correlation, reply, Timestamp::from_second(second).unwrap())
    }

    #[tokio::test]
    async fn a_call_finds_its_conversation() {
        let callbacks = Callbacks::default();
        let waits = callbacks.take("vsk", "c-1");
        let comes = async {
            callbacks.deliver(call("c-2", "for another", 1));
            callbacks.deliver(call("c-1", "for it", 1));
        };
        let (received, ()) = tokio::join!(waits, comes);
        assert_eq!(received, call("c-1", "for it", 1));
    }

    #[tokio::test]
    async fn calls_that_come_first_wait_for_their_conversation_in_their_order() {
        let callbacks = Callbacks::default();
        callbacks.deliver(call("c-1", "one", 1));
        callbacks.deliver(call("c-1", "two", 2));
        assert_eq!(callbacks.take("vsk", "c-1").await.reply.body, b"one");
        assert_eq!(callbacks.take("vsk", "c-1").await.reply.body, b"two");
        assert!(callbacks.lock().places.is_empty(), "nothing is left behind");
    }

    #[tokio::test]
    async fn who_gives_up_takes_nothing_and_leaves_nothing() {
        let callbacks = Callbacks::default();
        {
            let waits = std::pin::pin!(callbacks.take("vsk", "c-1"));
            assert!(futures::poll!(waits).is_pending());
            callbacks.deliver(call("c-1", "x", 1));
        }
        assert_eq!(callbacks.take("vsk", "c-1").await.reply.body, b"x");
        drop(callbacks.take("vsk", "c-1"));
        assert!(callbacks.lock().places.is_empty());
    }

    #[tokio::test]
    async fn who_only_hears_leaves_calls_for_the_next() {
        let callbacks = Callbacks::default();
        callbacks.deliver(call("c-1", "one", 1));
        callbacks.deliver(call("c-1", "two", 2));
        for _ in 0..2 {
            let first = callbacks.hear("vsk", "c-1", &[]).await;
            let second = callbacks.hear("vsk", "c-1", std::slice::from_ref(&first.key)).await;
            assert_eq!((first.reply.body, second.reply.body), (b"one".to_vec(), b"two".to_vec()));
        }
    }

    #[tokio::test]
    async fn an_insurer_that_runs_wild_fills_one_place_and_no_more() {
        let callbacks = Callbacks::default();
        for number in 0..MOST {
            assert_eq!(callbacks.deliver(call("c-1", &number.to_string(), 1)), None);
        }
        let gone = callbacks.deliver(call("c-1", "one more", 1));
        assert_eq!(gone, Some(call("c-1", "0", 1).key), "the oldest");
        assert_eq!(callbacks.take("vsk", "c-1").await.reply.body, b"1");
        assert_eq!(callbacks.deliver(call("c-2", "about another", 1)), None);
    }

    #[test]
    fn what_is_nobodys_is_forgotten_after_its_age() {
        let callbacks = Callbacks::default();
        callbacks.deliver(call("c-1", "old", 1));
        callbacks.deliver(call("c-1", "new", 9));
        callbacks.deliver(call("c-2", "old", 1));
        assert_eq!(callbacks.forget(Timestamp::from_second(5).unwrap()), 2);
        assert_eq!(callbacks.lock().places.len(), 1);
    }

    #[test]
    fn the_same_call_has_the_same_key_and_shows_nothing() {
        assert_eq!(call("c-1", "x", 1).key, call("c-1", "x", 2).key);
        assert_ne!(call("c-1", "x", 1).key, call("c-1", "y", 1).key);
        assert_eq!(format!("{:?}", call("c-1", "x", 1).key), "CallKey(vsk)");
    }

    #[test]
    fn the_same_words_in_answer_to_another_sending_are_another_call() {
        let answers = |name: &str, id: &str| {
            let headers = vec![("date".to_owned(), id.to_owned()), (name.to_owned(), id.to_owned())];
            let reply = Reply { headers, ..call("c-1", "x", 1).reply };
            Received::new("vsk", "c-1", reply, Timestamp::from_second(1).unwrap()).key
        };
        for name in ["x-vsk-correlationid", "X-Correlation-ID"] {
            assert_eq!(answers(name, "1"), answers(name, "1"), "it came again");
            assert_ne!(answers(name, "1"), answers(name, "2"), "{name}");
        }
        assert_eq!(answers("x-request-id", "1"), answers("x-request-id", "2"), "a proxy's");
    }

    /// A store for calls, that does not answer at first.
    #[derive(Default)]
    struct Shelf {
        calls: Mutex<Vec<Received>>,
        is_back: std::sync::atomic::AtomicBool,
    }

    impl KeptCalls for Shelf {
        fn about<'a>(
            &'a self,
            insurer: &'a str,
            correlation: &'a str,
        ) -> BoxFuture<'a, Option<Vec<Received>>> {
            let is_back = self.is_back.swap(true, std::sync::atomic::Ordering::Relaxed);
            let about = |it: &&Received| it.key.insurer == insurer && it.key.correlation == correlation;
            let found = self.calls.lock().unwrap().iter().filter(about).cloned().collect();
            Box::pin(async move { is_back.then_some(found) })
        }
    }

    fn shelf() -> (Arc<Shelf>, Callbacks) {
        let shelf = Arc::new(Shelf::default());
        (shelf.clone(), Callbacks::kept_by(shelf))
    }

    #[tokio::test(start_paused = true)]
    async fn who_begins_to_wait_finds_what_was_written_down_before_each_call_once() {
        let (shelf, callbacks) = shelf();
        for (body, second) in [("one", 1), ("two", 2)] {
            let call = call("c-1", body, second);
            shelf.calls.lock().unwrap().push(call.clone());
            assert_eq!(callbacks.hand_over(call), None);
        }
        assert!(callbacks.lock().places.is_empty(), "nobody waits: they are in the store");
        assert_eq!(callbacks.take("vsk", "c-1").await.reply.body, b"one");
        // It is not known yet that it was taken.
        assert_eq!(callbacks.take("vsk", "c-1").await.reply.body, b"two");
        let mut third = std::pin::pin!(callbacks.take("vsk", "c-1"));
        let asked = tokio::time::timeout(Duration::from_secs(60), &mut third).await;
        assert!(asked.is_err(), "both were taken: {asked:?}");
        assert!(callbacks.look("vsk", "c-1").await.is_empty());
        assert!(futures::poll!(&mut third).is_pending());
        // One comes to another replica, which tells of it.
        shelf.calls.lock().unwrap().push(call("c-1", "three", 3));
        callbacks.look("vsk", "c-1").await;
        assert_eq!(third.await.reply.body, b"three");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_dealt_with_is_known_until_that_is_durable() {
        let (shelf, callbacks) = shelf();
        shelf.calls.lock().unwrap().push(call("c-1", "one", 1));
        let taken = callbacks.take("vsk", "c-1").await;
        callbacks.settled(&taken.key);
        callbacks.forget(Timestamp::MAX);
        assert!(callbacks.lock().taken.contains_key(&taken.key));
        assert_eq!(callbacks.deliver(taken), None);
        assert!(callbacks.lock().places.is_empty());
    }
}
