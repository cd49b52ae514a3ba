//! `POST token`: OAuth 2 with the client's credentials. A token ends by age or by the number of calls made with it,
//! as the knobs say; the call that finds it ended is not carried out.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use actix_web::{HttpRequest, HttpResponse, http::header, web::Bytes};
use serde_json::json;

use super::This;
use crate::{
    Knobs, Outcome,
    draws::Draws,
    exchange::{Exchange, Operation, Reply, respond},
};

const TOKEN: Operation =
    Operation { name: "token", creates: false, faults: false, waits: false, sale: false };

/// The tokens of one insurer.
pub(super) struct Tokens {
    draws: Draws,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    given: u64,
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

    fn give(&self) -> String {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.good.len() >= REMEMBERED {
            state.good.clear();
        }
        let token = self.draws.with_number(state.given).hex("token", 40);
        state.given += 1;
        state.good.insert(token.clone(), Token { since: Instant::now(), calls: 0 });
        token
    }

    /// Lets a call with a good token through and counts it.
    pub(super) fn spend(&self, request: &HttpRequest, knobs: &Knobs) -> bool {
        let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some(sent) = sent.and_then(|sent| sent.strip_prefix("Bearer ")) else { return false };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(token) = state.good.get_mut(sent) else { return false };
        let spent = knobs.session_calls > 0 && token.calls >= knobs.session_calls;
        if spent || token.since.elapsed() > knobs.session_life {
            state.good.remove(sent);
            return false;
        }
        token.calls += 1;
        true
    }
}

pub(super) async fn handle(request: HttpRequest, body: Bytes, this: This) -> HttpResponse {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let form: HashMap<_, _> = url::form_urlencoded::parse(&body).collect();
    let field = |name: &str| form.get(name).map(AsRef::as_ref).unwrap_or_default();
    let refused = |status, error: &str| respond(Reply::json(status, &json!({"error": error})));
    if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return refused(400, "invalid_request");
    }
    if field("grant_type") != "client_credentials" {
        return refused(400, "unsupported_grant_type");
    }
    let known = &this.company.credentials;
    if field("client_id") != known.user || field("client_secret") != known.password {
        return refused(401, "invalid_client");
    }
    let exchange = Exchange::take(&this.company, &TOKEN, None);
    let token = json!({
        "access_token": this.tokens.give(),
        "token_type": "Bearer",
        "expires_in": exchange.knobs().session_life.as_secs(),
    });
    exchange.answer(Outcome::Answered, Reply::json(200, &token)).await
}
