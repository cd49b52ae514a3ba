//! Who may change settings.

use actix_web::{
    HttpRequest,
    http::{StatusCode, header},
};

use crate::{config::OperatorConfig, operations::refusal::Refusal};

/// The operators' accounts.
pub(crate) struct Operators(Vec<OperatorConfig>);

const SCHEME: &str = "bearer ";

// === impl Operators ===

impl Operators {
    pub(crate) fn new(accounts: &[OperatorConfig]) -> Self {
        Self(accounts.to_vec())
    }

    /// The name of who asks.
    pub(super) fn author(&self, request: &HttpRequest) -> Result<String, Refusal> {
        if self.0.is_empty() {
            let message = "nobody may change settings yet: add a section [operations.accounts.<your name>] with a \
                           `token` or `token_file` to the configuration, and restart";
            return Err(Refusal::new(StatusCode::FORBIDDEN, message.to_owned()));
        }
        // Every token is compared, so that the time tells nothing of which is near.
        let given = token(request).unwrap_or_default();
        let matching: Vec<_> = self.0.iter().filter(|account| account.token.matches(given)).collect();
        matching.first().map(|account| account.name.clone()).ok_or_else(|| {
            let message = match given {
                [] => "who are you? Send `Authorization: Bearer <token>` with the token of an [operations.accounts]",
                _ => "this is the token of no operator; see [operations.accounts] of the configuration",
            };
            Refusal::new(StatusCode::UNAUTHORIZED, message.to_owned())
        })
    }
}

fn token(request: &HttpRequest) -> Option<&[u8]> {
    let value = request.headers().get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME.as_bytes()).then(|| token.trim_ascii())
}
