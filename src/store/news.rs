//! What other gateways on the same store did, told at once.
//!
//! A change and the word of it are one transaction on a PostgreSQL server (`postgres::listener`), so nobody hears of what
//! is not durable, and in the order of the commits. What is told is a hint: whoever hears it looks into the store. Words
//! can be missed, while a connection is broken or a listener is slow; then [`News::Everything`] is told instead, and
//! whoever needs to know looks now and then besides. In a file there is one gateway, and nothing is told.

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

/// Words that may wait for a slow listener before it is told to look at everything.
const ROOM: usize = 256;

/// What another gateway did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum News {
    /// Something may have been missed.
    Everything,
    /// Operators' settings have a new revision.
    Tuning,
    /// The vehicle dictionary has a new version, or insurers' names in it changed.
    Dictionary,
    /// An insurer called by itself.
    InsurerCall(CallAbout),
}

/// What an insurer's own call is about.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallAbout {
    /// The account's name in the configuration.
    pub insurer: String,
    /// What it names.
    pub correlation: String,
}

/// Hears what other gateways did.
pub struct Newsreader(broadcast::Receiver<News>);

/// Where a store's news come from.
#[derive(Debug, Clone)]
pub(super) struct NewsDesk(broadcast::Sender<News>);

/// A correlation may be a name or a number of somebody's.
impl std::fmt::Debug for CallAbout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CallAbout({})", self.insurer)
    }
}

// === impl Newsreader ===

impl Newsreader {
    /// What happened next; never returns where nothing is ever told. Dropping the future loses nothing.
    pub async fn next(&mut self) -> News {
        match self.0.recv().await {
            Ok(news) => news,
            Err(broadcast::error::RecvError::Lagged(_)) => News::Everything,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

// === impl NewsDesk ===

impl Default for NewsDesk {
    fn default() -> Self {
        Self(broadcast::channel(ROOM).0)
    }
}

impl NewsDesk {
    pub(super) fn tell(&self, news: News) {
        // Where nobody listens nobody needs to know.
        let _ = self.0.send(news);
    }

    pub(super) fn subscribe(&self) -> Newsreader {
        Newsreader(self.0.subscribe())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_is_slow_is_told_to_look_at_everything() {
        let desk = NewsDesk::default();
        let mut reader = desk.subscribe();
        desk.tell(News::Tuning);
        assert_eq!(reader.next().await, News::Tuning);
        for _ in 0..=ROOM {
            desk.tell(News::Dictionary);
        }
        assert_eq!(reader.next().await, News::Everything);
        assert_eq!(reader.next().await, News::Dictionary, "and what is still there");
    }

    #[test]
    fn what_a_call_is_about_is_not_shown() {
        let about = CallAbout { insurer: "vsk".into(), correlation: "XXX 0123456789".into() };
        assert_eq!(format!("{:?}", News::InsurerCall(about)), "InsurerCall(CallAbout(vsk))");
    }
}
