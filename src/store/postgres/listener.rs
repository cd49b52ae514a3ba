//! Hearing and telling what gateways on one server do, over a channel of this schema.
//!
//! One connection listens. It is looked after by a question now and then, because a machine that vanishes leaves a
//! connection that is silent for ever; when it breaks it is made again, and whoever listens is told to look at everything.
//! What this gateway told itself is not told to it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::{
    PgConnection,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio_util::sync::CancellationToken;

use super::CONNECT;
use crate::store::{
    StoreError,
    news::{News, NewsDesk},
    sql::patiently,
};

/// The channel's name, as the server makes it: words are told to a whole database, and schemas are apart.
const CHANNEL: &str = "'veer_' || md5(coalesce(current_schema(), ''))";
/// Between looks at a connection that is silent.
const LOOK: Duration = Duration::from_secs(10);
/// Between tries to make one.
const PAUSE: Duration = Duration::from_millis(500);
/// The server takes 7,999 bytes.
const MOST_BYTES: usize = 7_000;

/// A gateway's voice: by it a gateway knows its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct Voice(u64);

/// What is told, as it is written.
#[derive(Serialize, Deserialize)]
struct Word {
    by: Voice,
    #[serde(flatten)]
    news: News,
}

// === impl Voice ===

impl Voice {
    /// A voice that nobody else has.
    pub(super) fn new() -> Self {
        Self(rand::random())
    }

    /// Tells `news` in the transaction that `connection` is in: they are heard when it is committed.
    pub(in crate::store) async fn tell(
        self,
        connection: &mut PgConnection,
        news: &News,
    ) -> Result<(), StoreError> {
        let sql = format!("SELECT pg_notify({CHANNEL}, $1)");
        let telling = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(self.word(news)).execute(connection);
        patiently(telling).await?;
        Ok(())
    }

    fn word(self, news: &News) -> String {
        let written = |news: &News| serde_json::to_string(&Word { by: self, news: news.clone() });
        match written(news) {
            Ok(word) if word.len() <= MOST_BYTES => word,
            // Somebody's correlation is as long as a book: everybody looks.
            _ => written(&News::Everything).unwrap_or_default(),
        }
    }

    /// What is meant by a word; nothing where it is this gateway's own.
    fn hears(self, word: &str) -> Option<News> {
        match serde_json::from_str::<Word>(word) {
            Ok(word) => (word.by != self).then_some(word.news),
            // A word of another version.
            Err(_) => Some(News::Everything),
        }
    }
}

/// Listens until `stop`.
pub(super) async fn listen(options: PgConnectOptions, voice: Voice, desk: NewsDesk, stop: CancellationToken) {
    let listening = async {
        let mut was_heard = true;
        loop {
            let Err(error) = hear(&options, voice, &desk, &mut was_heard).await;
            if std::mem::take(&mut was_heard) {
                tracing::warn!(%error, "what other replicas do is not heard; it is looked for now and then");
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    Box::pin(stop.run_until_cancelled(listening)).await;
}

/// Listens until something is wrong.
async fn hear(
    options: &PgConnectOptions,
    voice: Voice,
    desk: &NewsDesk,
    was_heard: &mut bool,
) -> Result<std::convert::Infallible, sqlx::Error> {
    // A pool of one is what the listener takes its connection from.
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(CONNECT)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_lazy_with(options.clone());
    let mut listener = patiently(PgListener::connect_with(&pool)).await?;
    // What breaks is made anew from the beginning.
    listener.eager_reconnect(false);
    let sql = format!("SELECT {CHANNEL}");
    let asked = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut listener);
    let channel: String = patiently(asked).await?;
    patiently(listener.listen(&channel)).await?;
    if !std::mem::replace(was_heard, true) {
        tracing::info!("what other replicas do is heard again");
    }
    desk.tell(News::Everything);
    loop {
        match tokio::time::timeout(LOOK, listener.try_recv()).await {
            Ok(heard) => {
                let word = heard?.ok_or(sqlx::Error::WorkerCrashed)?;
                if let Some(news) = voice.hears(word.payload()) {
                    desk.tell(news);
                }
            }
            Err(_) => {
                let answer = tokio::time::timeout(CONNECT, sqlx::query("SELECT 1").execute(&mut listener));
                answer.await.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::news::CallAbout;

    #[test]
    fn a_gateway_hears_others_and_not_itself() {
        let (me, other) = (Voice::new(), Voice::new());
        let about = |correlation: String| News::InsurerCall(CallAbout { insurer: "vsk".into(), correlation });
        for news in [News::Tuning, News::Dictionary, about("\0 \"'".into()), News::Everything] {
            let word = me.word(&news);
            assert_eq!((me.hears(&word), other.hears(&word)), (None, Some(news)), "{word}");
        }
        // What is too long for the server, and what is not understood.
        assert_eq!(other.hears(&me.word(&about("x".repeat(9_000)))), Some(News::Everything));
        assert_eq!(other.hears("{\"by\":1,\"what\":\"of another version\"}"), Some(News::Everything));
    }
}
