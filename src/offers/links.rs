//! Addresses of drafts and policies that a browser can open without credentials.
//!
//! An address names the offer and the file, says until when it is good, and is signed with a key that only
//! the store holds. It is made anew each time that an offer is shown; within a day the same address comes
//! out, so that equal answers stay equal.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::{store::DocumentKind, telemetry};

/// Makes and checks addresses of files. Cheap to clone.
#[derive(Clone)]
pub struct FileLinks(Arc<Inner>);

struct Inner {
    key: [u8; 32],
    life: Duration,
    /// Known when the gateway listens.
    base: OnceLock<String>,
}

/// Why an address does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It was good once.
    #[error("the address is too old")]
    Expired,
    /// It was not made here.
    #[error("the address is not one of ours")]
    Forged,
}

const DAY: i64 = 86_400;

// === impl FileLinks ===

impl FileLinks {
    /// Addresses signed with `key`, good for `life` at least.
    pub fn new(key: [u8; 32], life: Duration) -> Self {
        Self(Arc::new(Inner { key, life, base: OnceLock::new() }))
    }

    /// Addresses begin with this from now on: `https://osago.example.ru`.
    pub fn begin_with(&self, base: &str) {
        // The first one stays: there is one gateway in a process.
        let _ = self.0.base.set(base.trim_end_matches('/').to_owned());
    }

    /// The address of a file.
    pub fn address(&self, offer_id: &str, kind: DocumentKind) -> String {
        let life = i64::try_from(self.0.life.as_secs()).unwrap_or(i64::MAX);
        let until = telemetry::now().as_second().saturating_add(life);
        let until = until.saturating_add(DAY - until.rem_euclid(DAY));
        let base = self.0.base.get().map_or("", String::as_str);
        let signature = URL_SAFE_NO_PAD.encode(self.mac(offer_id, kind, until).finalize().into_bytes());
        format!("{base}/files/{offer_id}/{}.pdf?expires={until}&signature={signature}", kind.name())
    }

    /// Whether an address was made here and is still good at `now`.
    pub fn check(
        &self,
        offer_id: &str,
        kind: DocumentKind,
        expires: i64,
        signature: &str,
        now: Timestamp,
    ) -> Result<(), LinkError> {
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| LinkError::Forged)?;
        let genuine = self.mac(offer_id, kind, expires).verify_slice(&signature);
        genuine.map_err(|_| LinkError::Forged)?;
        if now.as_second() >= expires { Err(LinkError::Expired) } else { Ok(()) }
    }

    fn mac(&self, offer_id: &str, kind: DocumentKind, expires: i64) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mac = Hmac::<Sha256>::new_from_slice(&self.0.key).expect("a key of any length");
        mac.chain_update(format!("{}\n{offer_id}\n{expires}", kind.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(address: &str) -> (i64, String) {
        let (expires, signature) =
            address.split_once("expires=").unwrap().1.split_once("&signature=").unwrap();
        (expires.parse().unwrap(), signature.to_owned())
    }

    #[test]
    fn an_address_opens_its_own_file_until_its_time() {
        let links = FileLinks::new([7; 32], Duration::from_secs(3600));
        links.begin_with("https://osago.example.ru/");
        let address = links.address("o-1", DocumentKind::Policy);
        assert!(address.starts_with("https://osago.example.ru/files/o-1/policy.pdf?"), "{address}");
        let (expires, signature) = parts(&address);
        let at = |second| Timestamp::from_second(second).unwrap();
        let check = |offer, kind, expires, signature: &str, now| {
            links.check(offer, kind, expires, signature, at(now))
        };
        assert_eq!(check("o-1", DocumentKind::Policy, expires, &signature, expires - 1), Ok(()));
        assert_eq!(check("o-1", DocumentKind::Policy, expires, &signature, expires), Err(LinkError::Expired));
        for (offer, kind, expires) in [
            ("o-2", DocumentKind::Policy, expires),
            ("o-1", DocumentKind::Draft, expires),
            ("o-1", DocumentKind::Policy, expires + 1),
        ] {
            assert_eq!(check(offer, kind, expires, &signature, 0), Err(LinkError::Forged));
        }
        assert_eq!(check("o-1", DocumentKind::Policy, expires, "x", 0), Err(LinkError::Forged));
        let other = FileLinks::new([8; 32], Duration::from_secs(3600));
        assert_eq!(
            other.check("o-1", DocumentKind::Policy, expires, &signature, at(0)),
            Err(LinkError::Forged)
        );
    }
}
