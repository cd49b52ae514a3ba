//! Insurers' own calls in the store, as conversations hear them.

use futures::future::{BoxFuture, FutureExt};
use jiff::Timestamp;

use super::callbacks::{KeptCalls, MOST, Received};
use crate::store::{InsurerCallRow, Store, StoreError};

impl KeptCalls for Store {
    fn about<'a>(&'a self, insurer: &'a str, correlation: &'a str) -> BoxFuture<'a, Option<Vec<Received>>> {
        let most = u32::try_from(MOST).unwrap_or(u32::MAX);
        let look = async move {
            let rows = self.insurer_calls_about(insurer, correlation, most).await;
            let told = |error: &StoreError| tracing::warn!(insurer, %error, "an insurer's calls cannot be looked up now");
            let rows = rows.inspect_err(told).ok()?;
            Some(rows.iter().filter_map(|row| read(self, row)).collect())
        };
        look.boxed()
    }
}

/// All calls that came after `since` and that nobody has behind him.
pub async fn since(store: &Store, since: Timestamp) -> Result<Vec<Received>, StoreError> {
    let rows = store.insurer_calls_since(since).await?;
    Ok(rows.iter().filter_map(|row| read(store, row)).collect())
}

fn read(store: &Store, row: &InsurerCallRow) -> Option<Received> {
    let call = store.sealer.open(&row.call).ok();
    let reply = call.and_then(|call| serde_json::from_slice(call).ok());
    if reply.is_none() {
        tracing::error!(insurer = row.insurer, "a kept call of an insurer is not readable");
    }
    // Its words may have been written by another version, so the key that it was written under stays.
    let mut received = Received::new(&row.insurer, &row.correlation, reply?, row.received);
    received.key.digest = row.digest;
    Some(received)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use veer_contract::Reply;

    use super::*;
    use crate::{
        store::trial::{Place, on_both_engines},
        upstream::callbacks::Callbacks,
    };

    on_both_engines![what_an_insurer_told_before_the_gateway_was_down_for_days_is_heard];

    async fn what_an_insurer_told_before_the_gateway_was_down_for_days_is_heard(place: Place) {
        let store = place.open().await;
        let reply =
            Reply { tag: "callback".into(), status: 200, headers: Vec::new(), body: b"paid".to_vec() };
        let row = |digest: u8, call: &[u8]| InsurerCallRow {
            insurer: "vsk".into(),
            correlation: "c-1".into(),
            digest: [digest; 32],
            call: store.sealer.seal(call),
            received: Timestamp::UNIX_EPOCH,
        };
        let text = serde_json::to_vec(&reply).unwrap();
        store.keep_insurer_call(row(1, b"x")).await.unwrap();
        store.keep_insurer_call(row(2, &text)).await.unwrap();
        let callbacks = Callbacks::kept_by(Arc::new(store));
        let heard = callbacks.take("vsk", "c-1").await;
        assert_eq!((heard.reply, heard.key.digest), (reply, [2; 32]));
    }
}
