//! `POST oauth/token`: access tokens for client credentials (RFC 6749, 4.4).
//!
//! A token ends by age or by the number of calls made with it, as the knobs say; then it is unknown.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use actix_web::{HttpResponse, web::Bytes};
use serde_json::json;

use super::This;
use crate::{
    Knobs, Outcome,
    draws::Draws,
    exchange::{Exchange, Operation, Reply, respond},
};

const TOKEN: Operation =
    Operation { name: "oauth/token", creates: false, faults: false, waits: false, sale: false };

/// The tokens of one insurer.
pub(super) struct Tokens {
    draws: Draws,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    issued: u64,
    good: HashMap<String, Token>,
}

struct Token {
    since: Instant,
    calls: u32,
}

/// Tokens that are remembered; a caller that asks for more loses the older ones.
const REMEMBERED: usize = 10_000;

// === impl Tokens ===

impl Tokens {
    pub(super) fn new(draws: Draws) -> Self {
        Self { draws, state: Mutex::default() }
    }

    fn issue(&self) -> String {
        let mut state = self.lock();
        if state.good.len() >= REMEMBERED {
            state.good.clear();
        }
        let token = self.draws.with_number(state.issued).hex("token", 40);
        state.issued += 1;
        state.good.insert(token.clone(), Token { since: Instant::now(), calls: 0 });
        token
    }

    /// Counts a call with that token and tells whether it is good.
    pub(super) fn spend(&self, token: &str, knobs: &Knobs) -> bool {
        let mut state = self.lock();
        let Some(found) = state.good.get_mut(token) else { return false };
        let spent = knobs.session_calls > 0 && found.calls >= knobs.session_calls;
        if spent || found.since.elapsed() > knobs.session_life {
            state.good.remove(token);
            return false;
        }
        found.calls += 1;
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) async fn issue(body: Bytes, this: This) -> HttpResponse {
    let sent = |name: &str| {
        let mut fields = url::form_urlencoded::parse(&body);
        fields.find(|(field, _)| field == name).map(|(_, value)| value.into_owned())
    };
    if sent("grant_type").as_deref() != Some("client_credentials") {
        return respond(Reply::json(400, &json!({"error": "unsupported_grant_type"})));
    }
    let known = &this.company.credentials;
    if sent("client_id").as_ref() != Some(&known.user)
        || sent("client_secret").as_ref() != Some(&known.password)
    {
        return respond(Reply::json(400, &json!({"error": "invalid_client"})));
    }
    let exchange = Exchange::take(&this.company, &TOKEN, None);
    let token = json!({
        "access_token": this.tokens.issue(),
        "token_type": "Bearer",
        "expires_in": exchange.knobs().session_life.as_secs(),
    });
    exchange.answer(Outcome::Answered, Reply::json(200, &token)).await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_token_ends_after_its_calls_or_by_age_and_stays_unknown() {
        let tokens = Tokens::new(Draws::new(1));
        let two = Knobs { session_calls: 2, ..Knobs::default() };
        let token = tokens.issue();
        assert_eq!([(); 4].map(|()| tokens.spend(&token, &two)), [true, true, false, false]);
        let old = Knobs { session_life: Duration::ZERO, ..Knobs::default() };
        assert!(!tokens.spend(&tokens.issue(), &old));
        assert!(!tokens.spend("", &Knobs::default()));
    }
}
