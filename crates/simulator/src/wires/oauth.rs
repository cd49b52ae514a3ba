//! OAuth 2 with the client's credentials (RFC 6749, 4.4), for the wires that speak it.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, http::header};
use serde_json::json;

use super::tokens::Tokens;
use crate::{
    Knobs, Outcome,
    company::Company,
    draws::Draws,
    exchange::{Exchange, Operation, Reply, respond},
};

/// The access tokens of one insurer.
pub(super) struct Access(Tokens);

// === impl Access ===

impl Access {
    pub(super) fn new(draws: Draws) -> Self {
        Self(Tokens::new(draws, |draws| draws.hex("token", 40)))
    }

    /// Answers a form that asks for a token; `unknown` is the status for a client that is not known.
    pub(super) async fn grant(
        &self,
        company: &Company,
        operation: &'static Operation,
        form: &[u8],
        unknown: u16,
    ) -> HttpResponse {
        let form: HashMap<_, _> = url::form_urlencoded::parse(form).collect();
        let field = |name: &str| form.get(name).map(AsRef::as_ref).unwrap_or_default();
        if field("grant_type") != "client_credentials" {
            return respond(refusal(400, "unsupported_grant_type"));
        }
        let known = &company.credentials;
        if field("client_id") != known.user || field("client_secret") != known.password {
            return respond(refusal(unknown, "invalid_client"));
        }
        let exchange = Exchange::take(company, operation, None);
        let token = json!({
            "access_token": self.0.give(),
            "token_type": "Bearer",
            "expires_in": exchange.knobs().session_life.as_secs(),
        });
        exchange.answer(Outcome::Answered, Reply::json(200, &token)).await
    }

    /// Counts a call with its token and tells whether that is good.
    pub(super) fn admits(&self, request: &HttpRequest, knobs: &Knobs) -> bool {
        let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = sent.and_then(|sent| sent.strip_prefix("Bearer "));
        token.is_some_and(|token| self.0.spend(token, knobs).is_ok())
    }
}

/// The error body.
pub(super) fn refusal(status: u16, error: &str) -> Reply {
    Reply::json(status, &json!({"error": error}))
}
