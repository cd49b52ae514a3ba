//! The insurer's own calls after a payment.
//!
//! No insurer's format is public, so these are of our own making: one small notice a wire, proven by what
//! that wire has. A share of the payments is told of, some time after the insurer's books have them; the
//! same notice may come several times, at once, as real queues do. A gateway that is away or refuses is
//! tried a few times more and then left alone: it has to ask anyway. An insurer that cannot be asked promises a letter
//! of its own instead.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwapOption;
use futures::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, RequestBuilder};
use sha2::Sha256;

use crate::{
    company::Company,
    draws::{Draws, hex},
    knobs::LONGEST,
    sale::Order,
};

/// Where notices go, and by what.
#[derive(Default)]
pub(crate) struct Notices {
    gateway: ArcSwapOption<String>,
    client: OnceLock<Client>,
    promised: Mutex<HashMap<String, Letter>>,
}

/// A call in words of the wire's own, to an address that somebody named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    /// Where it goes.
    pub(crate) url: String,
    /// Headers besides the content type.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// What kind of text it is.
    pub(crate) content_type: &'static str,
    /// The text.
    pub(crate) body: String,
}

/// From connecting to the last byte of the answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How often one notice is tried.
const TRIES: u32 = 6;
/// After the first try; doubled after each further one.
const PAUSE: Duration = Duration::from_millis(200);

// === impl Company ===

impl Company {
    /// Tells the gateway of a payment, later and in the background, where the knobs want it.
    pub(crate) fn tell_of_payment(self: Arc<Self>, key: String, order: &Order) {
        let knobs = self.knobs();
        if let Some(letter) = self.notices.promised(&key) {
            let point = self.about(order.risk).with(&key);
            return self.post(letter, knobs.payment_delay, &point);
        }
        let callbacks = &knobs.callbacks;
        let told = self.about(order.risk).with(&key).happens("callback", callbacks.share);
        let Some(gateway) = self.notices.gateway(&callbacks.gateway).filter(|_| told) else { return };
        let url = format!("{}/insurers/{}/callback", gateway.trim_end_matches('/'), self.code);
        let delay = (knobs.payment_delay + callbacks.delay).min(LONGEST);
        let copies = callbacks.copies;
        let application = order.application.clone();
        actix_web::rt::spawn(async move {
            tokio::time::sleep(delay).await;
            join_all((0..copies).map(|_| self.send(&url, &key, &application))).await;
        });
    }

    /// Sends a letter in the background, after that time, as the knob `replies` wants.
    pub(crate) fn post(self: Arc<Self>, letter: Letter, after: Duration, point: &Draws) {
        let replies = self.knobs().replies;
        if point.happens("lost reply", replies.lost) {
            return;
        }
        let delay = (after + replies.delay).min(LONGEST);
        actix_web::rt::spawn(async move {
            tokio::time::sleep(delay).await;
            self.post_now(&letter).await;
        });
    }

    /// Sends a letter as often as the knob `replies` wants, each until it is taken or the tries are used up.
    pub(crate) async fn post_now(&self, letter: &Letter) {
        let copies = self.knobs().replies.copies;
        join_all((0..copies).map(|_| {
            self.keep_trying(|client| {
                let request = client.post(&letter.url).header("content-type", letter.content_type);
                let request =
                    letter.headers.iter().fold(request, |it, (name, value)| it.header(*name, value));
                Some(request.body(letter.body.clone()))
            })
        }))
        .await;
    }

    /// One notice, until it is taken or the tries are used up.
    async fn send(&self, url: &str, order: &str, application: &str) {
        self.keep_trying(|client| {
            self.wire.notice(client.post(url), &self.credentials.callback, order, application)
        })
        .await;
    }

    async fn keep_trying(&self, request: impl Fn(&Client) -> Option<RequestBuilder>) {
        let mut pause = PAUSE;
        for _ in 0..TRIES {
            let Some(request) = request(self.notices.client()) else { return };
            if request.send().await.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }
}

// === impl Notices ===

impl Notices {
    /// Sends further notices to that gateway.
    pub(crate) fn set_gateway(&self, base_url: &str) {
        self.gateway.store(Some(Arc::new(base_url.to_owned())));
    }

    /// When that bill is paid, this letter is sent in place of a notice.
    pub(crate) fn promise(&self, order: &str, letter: Letter) {
        self.letters().insert(order.to_owned(), letter);
    }

    fn promised(&self, order: &str) -> Option<Letter> {
        self.letters().get(order).cloned()
    }

    fn letters(&self) -> MutexGuard<'_, HashMap<String, Letter>> {
        self.promised.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The gateway that was set, else the knob's.
    fn gateway(&self, knob: &str) -> Option<String> {
        let set = self.gateway.load().as_ref().map(|set| set.to_string());
        set.or_else(|| Some(knob.to_owned())).filter(|gateway| !gateway.is_empty())
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| {
            // A process has one cryptography provider; whoever installs it first is right.
            let _ = rustls::crypto::ring::default_provider().install_default();
            Client::builder().no_proxy().timeout(TIMEOUT).build().unwrap_or_default()
        })
    }
}

/// HMAC-SHA256 in lower-case hexadecimal.
pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key");
    mac.update(body);
    hex(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn signatures_are_the_standards() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature("Jefe", b"what do ya want for nothing?"), expected);
    }

    #[test]
    fn the_gateway_that_was_set_wins_over_the_knob() {
        let notices = Notices::default();
        assert_eq!(notices.gateway(""), None);
        assert_eq!(notices.gateway("http://a").as_deref(), Some("http://a"));
        notices.set_gateway("http://b");
        assert_eq!(notices.gateway("http://a").as_deref(), Some("http://b"));
    }
}
