//! HTTP Digest (RFC 7616, MD5 as RFC 2617 had it).
//!
//! The last challenge is kept, so a call usually carries its proof at once. A 401 brings a new challenge
//! (the nonce is stale, or there was none yet): such a call was not carried out, and is sent again.

use std::sync::{Mutex, PoisonError};

use digest_auth::{AuthContext, WwwAuthenticateHeader};

use super::request::Request;

/// The last challenge of one insurer.
#[derive(Debug, Default)]
pub struct Digest {
    challenge: Mutex<Option<WwwAuthenticateHeader>>,
}

impl Digest {
    /// The `Authorization` header for `request`; `None` before the first challenge.
    pub fn authorize(&self, request: &Request, user: &str, password: &str) -> Option<String> {
        let target = request.target();
        let context =
            AuthContext::new_with_method(user, password, &target, Some(&request.body[..]), method(request));
        let mut challenge = self.challenge.lock().unwrap_or_else(PoisonError::into_inner);
        challenge.as_mut()?.respond(&context).ok().map(|header| header.to_string())
    }

    /// Takes a new challenge from a 401's `WWW-Authenticate`. False: it is none.
    pub fn challenged(&self, header: &str) -> bool {
        let Ok(challenge) = digest_auth::parse(header) else { return false };
        *self.challenge.lock().unwrap_or_else(PoisonError::into_inner) = Some(challenge);
        true
    }
}

fn method(request: &Request) -> digest_auth::HttpMethod<'static> {
    match request.method {
        reqwest::Method::POST => digest_auth::HttpMethod::POST,
        reqwest::Method::PUT => digest_auth::HttpMethod::PUT,
        reqwest::Method::DELETE => digest_auth::HttpMethod::DELETE,
        _ => digest_auth::HttpMethod::GET,
    }
}
