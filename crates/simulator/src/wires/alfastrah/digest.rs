//! HTTP Digest (RFC 2617, MD5, qop=auth), the server's side.
//!
//! There is one nonce at a time for all callers. It goes stale by age or by the number of calls made
//! with it, as the knobs say; a call with an older nonce and otherwise good credentials is told
//! `stale=true`, which means: the same password with the new nonce. Wrong credentials are not told so.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use md5::{Digest, Md5};

use crate::{
    Knobs,
    draws::{Draws, hex},
};

/// What an `Authorization` header proves.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// The caller knows the password; whether the nonce is still good is another question.
    Good { nonce: String },
    /// It does not, or the header is not of this scheme.
    Wrong,
}

/// The nonces of one insurer.
pub(super) struct Nonces {
    draws: Draws,
    current: Mutex<Current>,
}

struct Current {
    number: u64,
    since: Instant,
    calls: u32,
}

// === impl Nonces ===

impl Nonces {
    pub(super) fn new(draws: Draws) -> Self {
        Self { draws, current: Mutex::new(Current { number: 0, since: Instant::now(), calls: 0 }) }
    }

    /// The nonce to hand out.
    pub(super) fn current(&self, knobs: &Knobs) -> String {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.renew(knobs);
        self.name(&current)
    }

    /// Whether a call with this nonce is let through; counts it.
    pub(super) fn spend(&self, nonce: &str, knobs: &Knobs) -> bool {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.renew(knobs);
        let good = nonce == self.name(&current);
        current.calls += u32::from(good);
        good
    }

    fn name(&self, current: &Current) -> String {
        self.draws.with_number(current.number).hex("nonce", 32)
    }
}

impl Current {
    fn renew(&mut self, knobs: &Knobs) {
        let spent = knobs.nonce_calls > 0 && self.calls >= knobs.nonce_calls;
        if spent || self.since.elapsed() > knobs.nonce_life {
            *self = Self { number: self.number + 1, since: Instant::now(), calls: 0 };
        }
    }
}

/// Checks the header of a call against the one account there is.
pub(super) fn check(
    header: &str,
    method: &str,
    target: &str,
    realm: &str,
    user: &str,
    password: &str,
) -> Proof {
    proof(header, method, target, realm, user, password).unwrap_or(Proof::Wrong)
}

fn proof(header: &str, method: &str, target: &str, realm: &str, user: &str, password: &str) -> Option<Proof> {
    let (scheme, rest) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("digest") {
        return None;
    }
    let sent = parameters(rest);
    let get = |name: &str| sent.get(name).map(String::as_str);
    let (nonce, uri, qop) = (get("nonce")?, get("uri")?, get("qop")?);
    let known = get("username")? == user && get("realm")? == realm && uri == target && qop == "auth";
    if !known || get("algorithm").is_some_and(|algorithm| !algorithm.eq_ignore_ascii_case("md5")) {
        return None;
    }
    let secret = md5(&[user, realm, password]);
    let expected = md5(&[&secret, nonce, get("nc")?, get("cnonce")?, qop, &md5(&[method, uri])]);
    (get("response")? == expected).then(|| Proof::Good { nonce: nonce.to_owned() })
}

/// `name=value, name="value"`; commas inside of quotes do not separate.
fn parameters(text: &str) -> HashMap<String, String> {
    let mut read = HashMap::new();
    let mut rest = text.trim();
    while let Some((name, after)) = rest.split_once('=') {
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        read.insert(name.trim().to_lowercase(), value.trim().to_owned());
        rest = left.trim_start_matches([',', ' ', '\t']);
    }
    read
}

fn md5(parts: &[&str]) -> String {
    hex(&Md5::digest(parts.join(":")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 2617, section 3.5.
    const RFC: &str = "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", \
        nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, nc=00000001, \
        cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\", \
        opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";

    fn rfc(header: &str, password: &str, target: &str) -> Proof {
        check(header, "GET", target, "testrealm@host.com", "Mufasa", password)
    }

    #[test]
    fn the_standards_example_is_good() {
        let nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093".to_owned();
        assert_eq!(rfc(RFC, "Circle Of Life", "/dir/index.html"), Proof::Good { nonce });
    }

    #[test]
    fn another_password_target_or_scheme_is_wrong() {
        assert_eq!(rfc(RFC, "Circle of Life", "/dir/index.html"), Proof::Wrong);
        assert_eq!(rfc(RFC, "Circle Of Life", "/other"), Proof::Wrong);
        assert_eq!(rfc("Basic TXVmYXNh", "Circle Of Life", "/dir/index.html"), Proof::Wrong);
        assert_eq!(rfc("Digest", "Circle Of Life", "/dir/index.html"), Proof::Wrong);
        assert_eq!(rfc("Digest username=\"", "Circle Of Life", "/dir/index.html"), Proof::Wrong);
    }

    #[test]
    fn a_nonce_is_good_for_as_many_calls_as_the_knob_says() {
        let knobs = Knobs { nonce_calls: 2, ..Knobs::default() };
        let nonces = Nonces::new(Draws::new(1));
        let first = nonces.current(&knobs);
        assert!(nonces.spend(&first, &knobs) && nonces.spend(&first, &knobs));
        assert!(!nonces.spend(&first, &knobs));
        let second = nonces.current(&knobs);
        assert_ne!(first, second);
        assert!(nonces.spend(&second, &knobs));
    }
}
