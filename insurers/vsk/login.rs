//! `token`: OAuth 2 with the client's credentials (RFC 6749, 4.4).

use serde_json::Value;
use veer_contract::{
    AskOnce, Body, Call, Context, Effect, Fault, FaultKind, Lane, Method, Reply,
    create_then_poll::Refusal,
    operation::{Login, Session},
    slot,
};

use super::platform::BAD_REQUEST;
use crate::loose::Loose;

/// Asks for a token.
pub(super) struct Token;

// === impl Token ===

impl AskOnce<Login> for Token {
    fn ask(&self, (): &(), cx: &Context<'_>) -> Result<Call, Refusal> {
        let form = [
            ("client_id", cx.settings.get("client_id").to_owned()),
            ("client_secret", slot::secret("client_secret")),
            ("grant_type", "client_credentials".to_owned()),
        ];
        let form = form.map(|(name, value)| (name.to_owned(), value)).into();
        Ok(Call::new("token", Lane::Session, Effect::Read, Method::Post, "token")
            .with_header("Accept", "application/json")
            .with_body(Body::Form(form))
            .accepting(&[BAD_REQUEST]))
    }

    fn answered(&self, (): &(), reply: &Reply, _cx: &Context<'_>) -> Result<Session, Refusal> {
        let value: Value = reply.json()?;
        let answer = Loose::of(&value);
        if reply.status == BAD_REQUEST || answer.get("error").is_there() {
            // Its words stay out: they may repeat what was sent.
            let detail = "the platform refuses client_id and client_secret";
            return Err(Fault::new(FaultKind::CredentialsRefused, detail).into());
        }
        let kind = answer.get("token_type").trimmed();
        if !kind.is_empty() && !kind.eq_ignore_ascii_case("bearer") {
            return Err(Fault::not_understood("the token is of another type than Bearer").into());
        }
        let token = answer.get("access_token").trimmed();
        // It becomes a part of a header.
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Fault::not_understood("the reply has no access_token that fits a header").into());
        }
        let seconds = answer.get("expires_in").integer().and_then(|seconds| u64::try_from(seconds).ok());
        Ok(Session { token, seconds: seconds.filter(|seconds| *seconds > 0) })
    }
}
