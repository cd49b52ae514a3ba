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

    /// Takes the challenge from a 401's `WWW-Authenticate` headers, and says whether it is worth trying
    /// again: where proof was shown, only a stale nonce is; else the password is wrong.
    pub fn challenged(&self, headers: &[String], proof_was_shown: bool) -> bool {
        let Some(challenge) = headers.iter().find_map(|header| digest_auth::parse(header).ok()) else {
            return false;
        };
        let again = !proof_was_shown || challenge.stale;
        *self.challenge.lock().unwrap_or_else(PoisonError::into_inner) = Some(challenge);
        again
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_stale_nonce_is_worth_another_proof() {
        let header = |stale: &str| {
            vec![
                "Basic realm=\"x\"".to_owned(),
                format!("Digest realm=\"x\", nonce=\"n\", qop=\"auth\"{stale}"),
            ]
        };
        let digest = Digest::default();
        assert!(digest.challenged(&header(""), false));
        assert!(!digest.challenged(&header(""), true));
        assert!(digest.challenged(&header(", stale=true"), true));
        assert!(!digest.challenged(&["Basic realm=\"x\"".to_owned()], false));
    }
}
