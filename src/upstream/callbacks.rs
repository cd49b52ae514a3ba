//! Conversations that wait for the insurer's own call.
//!
//! A flow that says `Await` is found again by the insurer and the correlation that it named. A callback
//! that comes before its conversation waits, or after it is over, is refused here; whoever receives it
//! decides what to answer.

use std::sync::Arc;

use dashmap::DashMap;
use tokio::sync::oneshot;
use veer_contract::Reply;

type Key = (String, String);

/// The conversations that wait.
#[derive(Debug, Default)]
pub struct Callbacks {
    waiting: DashMap<Key, oneshot::Sender<Reply>>,
}

/// No conversation waits under that correlation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no conversation waits for this callback")]
pub struct NotAwaited;

// === impl Callbacks ===

impl Callbacks {
    /// Waits for the callback; `None` when another conversation took the correlation over. Dropping the
    /// future ends the wait.
    pub fn expect(
        self: &Arc<Self>,
        insurer: &str,
        correlation: &str,
    ) -> impl Future<Output = Option<Reply>> + Send + use<> {
        let key = (insurer.to_owned(), correlation.to_owned());
        let (sender, receiver) = oneshot::channel();
        self.waiting.insert(key.clone(), sender);
        let forget = Forget { callbacks: self.clone(), key };
        async move {
            let reply = receiver.await.ok();
            drop(forget);
            reply
        }
    }

    /// Hands a callback to the conversation that waits for it.
    pub fn deliver(&self, insurer: &str, correlation: &str, reply: Reply) -> Result<(), NotAwaited> {
        let key = (insurer.to_owned(), correlation.to_owned());
        let (_, waiting) = self.waiting.remove(&key).ok_or(NotAwaited)?;
        waiting.send(reply).map_err(|_| NotAwaited)
    }
}

struct Forget {
    callbacks: Arc<Callbacks>,
    key: Key,
}

impl Drop for Forget {
    fn drop(&mut self) {
        self.callbacks.waiting.remove_if(&self.key, |_, sender| sender.is_closed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply() -> Reply {
        Reply { tag: "paid".into(), status: 200, headers: Vec::new(), body: b"x".to_vec() }
    }

    #[tokio::test]
    async fn a_callback_finds_its_conversation() {
        let callbacks = Arc::new(Callbacks::default());
        let awaited = callbacks.expect("vsk", "c-1");
        assert_eq!(callbacks.deliver("vsk", "c-2", reply()), Err(NotAwaited));
        assert_eq!(callbacks.deliver("vsk", "c-1", reply()), Ok(()));
        assert_eq!(awaited.await, Some(reply()));
        assert_eq!(callbacks.deliver("vsk", "c-1", reply()), Err(NotAwaited));
    }

    #[tokio::test]
    async fn a_wait_that_is_given_up_is_forgotten() {
        let callbacks = Arc::new(Callbacks::default());
        drop(callbacks.expect("vsk", "c-1"));
        assert_eq!(callbacks.deliver("vsk", "c-1", reply()), Err(NotAwaited));
    }
}
