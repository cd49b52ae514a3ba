//! An insurer's own call: who it is, and what it is about.
//!
//! The manifest says how the insurer proves itself; an account without the secret takes no calls. What a
//! call says of a payment is a hint: the insurer is asked, so a call that comes twice, late, or replayed by
//! somebody else changes nothing. A call that a conversation waits for, now or later, is durable before it is
//! answered.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use url::form_urlencoded;
use veer_contract::{CallbackProof, Reply};

use super::Offers;
use crate::{
    store::{Inserted, InsurerCallRow, StoreError},
    telemetry,
    upstream::{
        Insurer,
        callbacks::{CallKey, Received},
        kept_calls,
    },
};

/// A call as it came.
#[derive(Debug, Clone)]
pub struct InsurerCall {
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The query.
    pub query: String,
    /// The body.
    pub body: Bytes,
}

/// Why a call is not taken.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallbackError {
    /// There is no such insurer, or it makes no calls, or its secret is not set.
    #[error("no calls are taken here")]
    NotExpected,
    /// The caller did not prove who it is.
    #[error("the call is not proven")]
    Unproven,
    /// It is not what the protocol says. For operators.
    #[error("the call is not understood: {0}")]
    NotUnderstood(String),
    /// It could not be written down, or looked up whose it is.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Offers {
    /// Takes a call of the insurer of that name. A call that nobody waits for is taken too.
    pub async fn insurer_called(&self, code: &str, call: InsurerCall) -> Result<(), CallbackError> {
        let insurer = self.insurer(code).ok_or(CallbackError::NotExpected)?.clone();
        prove(&insurer, &call)?;
        let headers = call.headers.into_iter().filter(|(name, _)| name != "authorization").collect();
        let reply = Reply { tag: "callback".into(), status: 200, headers, body: call.body.to_vec() };
        let about = insurer.read_callback(reply.clone()).await;
        let about = about.map_err(|error| CallbackError::NotUnderstood(error.to_string()))?;
        let about = about.map_err(|fault| CallbackError::NotUnderstood(fault.detail))?;
        let call = Received::new(code, &about.correlation, reply, telemetry::now());
        let offers = self.clone();
        // In a task of its own: a caller that hangs up must not leave the call in the store and with nobody. It
        // would be the same call when it came again, and not be heard.
        let taken = self.services().runtime.spawn(async move { offers.take_call(call).await });
        Ok(taken.await.unwrap_or(Err(StoreError::Closed))?)
    }

    /// Another replica took in a call about `correlation`: it is for who waits for it here.
    pub async fn insurer_called_elsewhere(&self, insurer: &str, correlation: &str) -> Result<(), StoreError> {
        let services = self.services();
        let gone = services.callbacks.look(insurer, correlation).await;
        gone.into_iter().for_each(|gone| self.dealt_with(Some(gone)));
        self.watch_payments(insurer, correlation).await
    }

    /// Looks for calls that came after `since` to other replicas, and of which nobody told.
    pub async fn look_for_calls(&self, since: Timestamp) -> Result<(), StoreError> {
        let services = self.services();
        if !services.callbacks.is_anything_waited_for() {
            return Ok(());
        }
        for call in kept_calls::since(&services.store, since).await? {
            self.dealt_with(services.callbacks.hand_over(call));
        }
        Ok(())
    }

    async fn take_call(&self, call: Received) -> Result<(), StoreError> {
        let CallKey { insurer, correlation, .. } = call.key.clone();
        self.keep_call(call).await?;
        self.watch_payments(&insurer, &correlation).await
    }

    /// Asks the insurer whether that is paid, as far as the calculations are this replica's, in memory or not.
    async fn watch_payments(&self, insurer: &str, correlation: &str) -> Result<(), StoreError> {
        for offer in self.services().store.offers_by_payment(insurer, correlation).await? {
            match self.0.calculations.recall(&offer.account, offer.request_id).await {
                Ok(Some(live)) => self.watch_payment(&live, &offer.offer_id),
                // Its owner hears of the call too.
                Ok(None) | Err(StoreError::Elsewhere { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes the call down for the conversation that waits for it now or later, so that a restart finds it. Most
    /// calls are about payments, and nobody waits for them by name: they are forgotten after a while.
    async fn keep_call(&self, call: Received) -> Result<(), StoreError> {
        let services = self.services();
        let bytes = serde_json::to_vec(&call.reply)
            .map_err(|_| StoreError::Database("an insurer's call cannot be written as JSON".into()))?;
        let CallKey { insurer, correlation, digest } = call.key.clone();
        let sealed = services.store.sealer.seal(&bytes);
        let row = InsurerCallRow { insurer, correlation, digest, call: sealed, received: call.at };
        if services.store.keep_insurer_call(row).await? == Inserted::New {
            let gone = services.callbacks.hand_over(call);
            if let Some(CallKey { insurer, .. }) = &gone {
                tracing::warn!(
                    insurer,
                    "an insurer tells of one thing again and again; its oldest call is dropped"
                );
            }
            self.dealt_with(gone);
        }
        Ok(())
    }
}

fn prove(insurer: &Arc<Insurer>, call: &InsurerCall) -> Result<(), CallbackError> {
    let proof = insurer.manifest.callback.as_ref().ok_or(CallbackError::NotExpected)?;
    let secret = insurer.config.secrets.get(proof.secret()).map_or("", |secret| secret.reveal());
    if secret.is_empty() {
        return Err(CallbackError::NotExpected);
    }
    let header = |wanted: &str| {
        call.headers.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value.as_str())
    };
    let proven = match proof {
        CallbackProof::HmacSha256 { header: name, .. } => is_signed(secret, &call.body, header(name)),
        CallbackProof::Field { name, .. } => {
            let fields =
                form_urlencoded::parse(&call.body).chain(form_urlencoded::parse(call.query.as_bytes()));
            let mut values = fields.filter(|(field, _)| field == name).map(|(_, value)| value);
            values.next().is_some_and(|value| same(value.as_bytes(), secret.as_bytes()))
        }
        CallbackProof::Basic { user, .. } => {
            let expected = format!("{}:{secret}", insurer.config.settings.get(user));
            let (scheme, shown) = header("authorization").split_once(' ').unwrap_or_default();
            scheme.eq_ignore_ascii_case("basic")
                && STANDARD.decode(shown.trim()).is_ok_and(|shown| same(&shown, expected.as_bytes()))
        }
    };
    if proven { Ok(()) } else { Err(CallbackError::Unproven) }
}

fn is_signed(key: &str, body: &[u8], shown: &str) -> bool {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return false };
    let digest = mac.chain_update(body).finalize().into_bytes();
    let expected: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    same(shown.trim().to_ascii_lowercase().as_bytes(), expected.as_bytes())
}

fn same(shown: &[u8], expected: &[u8]) -> bool {
    shown.ct_eq(expected).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_this_body_under_this_key() {
        // RFC 4231, test case 2.
        let (key, body) = ("Jefe", b"what do ya want for nothing?");
        let signature = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(is_signed(key, body, signature));
        assert!(is_signed(key, body, &signature.to_uppercase()));
        assert!(!is_signed(key, b"what do ya want for nothing", signature));
        assert!(!is_signed("jefe", body, signature));
        assert!(!is_signed(key, body, ""));
    }
}
